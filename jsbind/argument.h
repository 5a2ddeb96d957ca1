#ifndef BRAID_JSBIND_ARGUMENT_H_
#define BRAID_JSBIND_ARGUMENT_H_

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jsbind/borrowed.h"
#include "jsbind/class_registry.h"
#include "jsbind/convert.h"
#include "jsbind/convert_bytes.h"
#include "jsbind/convert_number.h"
#include "jsbind/convert_string.h"
#include "jsbind/runtime.h"

namespace braid {

// How one parameter of a bound C++ function gets its value.
//
// Between reading and the call, a value lives in a Storage: in the callback's
// stack frame for a synchronous function, in the call's coroutine frame for an
// async one. So a parameter may be a view, a span or a reference: what it
// refers to lives as long as the call. Some parameters take no JS argument:
// Runtime&, Loop& and (synchronous functions only) Js& are handed in.
enum class CallKind : bool { kSync, kAsync };

template <typename P, CallKind kKind>
struct Argument {
  using Value = std::remove_cvref_t<P>;
  static_assert(
      HasConvert<Value>,
      "this parameter type has no Convert<T>, or its header is not included");
  static_assert(!std::is_lvalue_reference_v<P> ||
                    std::is_const_v<std::remove_reference_t<P>>,
                "a reference to something converted must be const");
  static_assert(kKind == CallKind::kSync ||
                    !std::is_convertible_v<Value, v8::Local<v8::Data>>,
                "a v8::Local does not live across co_await: take a JsValue");
  static_assert(kKind == CallKind::kSync || !kBorrows<Value>,
                "a T* inside of another type may dangle across co_await, since "
                "the garbage collector ends the instance: take shared_ptr<T> "
                "there, or T& or T* as the parameter itself");
  using Storage = Value;
  static constexpr bool kTakesValue = true;
  static std::optional<Storage> Read(Js& js, v8::Local<v8::Value> value) {
    return Convert<Value>::FromJs(js, value);
  }
  static P Pass(Storage& storage) {
    if constexpr (std::is_lvalue_reference_v<P>) {
      return storage;
    } else {
      return std::move(storage);
    }
  }
};

template <CallKind kKind>
struct Argument<std::string_view, kKind> {
  using Storage = std::string;
  static constexpr bool kTakesValue = true;
  static std::optional<Storage> Read(Js& js, v8::Local<v8::Value> value) {
    return Convert<std::string>::FromJs(js, value);
  }
  static std::string_view Pass(Storage& storage) { return storage; }
};

template <typename Byte, CallKind kKind>
  requires std::same_as<std::remove_const_t<Byte>, uint8_t> ||
           std::same_as<std::remove_const_t<Byte>, std::byte>
struct Argument<std::span<Byte>, kKind> {
  using Storage =
      std::conditional_t<kKind == CallKind::kSync, std::span<uint8_t>, JsBytes>;
  static constexpr bool kTakesValue = true;
  static std::optional<Storage> Read(Js& js, v8::Local<v8::Value> value) {
    if constexpr (kKind == CallKind::kSync) {
      return BytesInPlace(js, value);
    } else {
      return Convert<JsBytes>::FromJs(js, value);
    }
  }
  static std::span<Byte> Pass(Storage& storage) {
    return {reinterpret_cast<Byte*>(storage.data()), storage.size()};
  }
};

// An instance of a bound class, kept alive by the call.
template <typename T, CallKind kKind>
  requires(std::is_class_v<T> && !HasConvert<std::remove_const_t<T>>)
struct Argument<T&, kKind> {
  using Storage = Instance<std::remove_const_t<T>>;
  static constexpr bool kTakesValue = true;
  static std::optional<Storage> Read(Js& js, v8::Local<v8::Value> value) {
    return Instance<std::remove_const_t<T>>::FromJs(js, value);
  }
  static T& Pass(Storage& storage) { return *storage; }
};

// The same, or null. In a synchronous function JS keeps it alive.
template <BoundClass T>
struct Argument<T*, CallKind::kAsync> {
  using Storage = std::optional<Instance<T>>;
  static constexpr bool kTakesValue = true;
  static std::optional<Storage> Read(Js& js, v8::Local<v8::Value> value) {
    if (value->IsNullOrUndefined()) return Storage();
    std::optional<Instance<T>> instance = Instance<T>::FromJs(js, value);
    if (!instance.has_value()) return std::nullopt;
    return Storage(std::move(instance));
  }
  static T* Pass(Storage& storage) {
    return storage.has_value() ? &**storage : nullptr;
  }
};

// Handed in.
template <CallKind kKind>
struct Argument<Runtime&, kKind> {
  using Storage = std::reference_wrapper<Runtime>;
  static constexpr bool kTakesValue = false;
  static Storage Inject(Js& js) { return js.runtime(); }
  static Runtime& Pass(Storage& storage) { return storage; }
};
template <CallKind kKind>
struct Argument<Loop&, kKind> {
  using Storage = std::reference_wrapper<Loop>;
  static constexpr bool kTakesValue = false;
  static Storage Inject(Js& js) { return js.runtime().loop(); }
  static Loop& Pass(Storage& storage) { return storage; }
};
template <CallKind kKind>
struct Argument<Js&, kKind> {
  static_assert(kKind == CallKind::kSync,
                "a Js& does not live across co_await: take a Runtime&");
  using Storage = std::reference_wrapper<Js>;
  static constexpr bool kTakesValue = false;
  static Storage Inject(Js& js) { return js; }
  static Js& Pass(Storage& storage) { return storage; }
};

}  // namespace braid

#endif  // BRAID_JSBIND_ARGUMENT_H_
