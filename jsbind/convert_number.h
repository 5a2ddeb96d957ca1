#ifndef BRAID_JSBIND_CONVERT_NUMBER_H_
#define BRAID_JSBIND_CONVERT_NUMBER_H_

#include <v8-primitive.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>

#include "jsbind/convert.h"

namespace braid {

template <>
struct Convert<bool> {
  static std::optional<bool> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsTrue()) return true;
    if (value->IsFalse()) return false;
    return js.Expected("a boolean", value);
  }
  static v8::Local<v8::Value> ToJs(Js& js, bool value) {
    return v8::Boolean::New(js.isolate(), value);
  }
};

namespace internal {
// The rare half of integer conversion: says whether it is the type or the
// range that is wrong.
std::nullopt_t NotAnInteger(Js& js, v8::Local<v8::Value> value, int64_t min,
                            uint64_t max);
}  // namespace internal

// Integers of up to 32 bits: a number without a fraction that fits.
template <std::integral T>
  requires(sizeof(T) <= 4 && !std::same_as<T, bool> && !std::same_as<T, char>)
struct Convert<T> {
  static constexpr int64_t kMin = std::numeric_limits<T>::min();
  static constexpr int64_t kMax = std::numeric_limits<T>::max();

  static std::optional<T> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsInt32()) [[likely]] {
      const int64_t number = value.template As<v8::Int32>()->Value();
      if (number >= kMin && number <= kMax) [[likely]]
        return static_cast<T>(number);
    } else if (value->IsNumber()) {
      const double number = value.template As<v8::Number>()->Value();
      if (number >= static_cast<double>(kMin) &&
          number <= static_cast<double>(kMax) &&
          number == static_cast<double>(static_cast<int64_t>(number))) {
        return static_cast<T>(number);
      }
    }
    return internal::NotAnInteger(js, value, kMin, static_cast<uint64_t>(kMax));
  }
  static v8::Local<v8::Value> ToJs(Js& js, T value) {
    if constexpr (std::is_signed_v<T>) {
      return v8::Integer::New(js.isolate(), value);
    } else {
      return v8::Integer::NewFromUnsigned(js.isolate(), value);
    }
  }
};

// 64 bits: a bigint, or a number that is exact (up to 2^53).
template <std::integral T>
  requires(sizeof(T) == 8)
struct Convert<T> {
  static constexpr int64_t kSafeMax = (int64_t{1} << 53) - 1;

  static std::optional<T> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsNumber()) [[likely]] {
      const double number = value.template As<v8::Number>()->Value();
      constexpr double kLowest =
          std::is_signed_v<T> ? -static_cast<double>(kSafeMax) : 0;
      if (number >= kLowest && number <= static_cast<double>(kSafeMax) &&
          number == static_cast<double>(static_cast<int64_t>(number))) {
        return static_cast<T>(number);
      }
    } else if (value->IsBigInt()) {
      bool exact = false;
      T number;
      if constexpr (std::is_signed_v<T>) {
        number = value.template As<v8::BigInt>()->Int64Value(&exact);
      } else {
        number = value.template As<v8::BigInt>()->Uint64Value(&exact);
      }
      if (exact) return number;
    }
    return internal::NotAnInteger(js, value, std::numeric_limits<T>::min(),
                                  std::numeric_limits<T>::max());
  }
  static v8::Local<v8::Value> ToJs(Js& js, T value) {
    if constexpr (std::is_signed_v<T>) {
      if (value >= -kSafeMax && value <= kSafeMax) {
        return v8::Number::New(js.isolate(), static_cast<double>(value));
      }
      return v8::BigInt::New(js.isolate(), value);
    } else {
      if (value <= static_cast<T>(kSafeMax)) {
        return v8::Number::New(js.isolate(), static_cast<double>(value));
      }
      return v8::BigInt::NewFromUnsigned(js.isolate(), value);
    }
  }
};

template <std::floating_point T>
struct Convert<T> {
  static std::optional<T> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (!value->IsNumber()) return js.Expected("a number", value);
    return static_cast<T>(value.template As<v8::Number>()->Value());
  }
  static v8::Local<v8::Value> ToJs(Js& js, T value) {
    return v8::Number::New(js.isolate(), static_cast<double>(value));
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_NUMBER_H_
