#ifndef BRAID_JSBIND_CONVERT_CONTAINER_H_
#define BRAID_JSBIND_CONVERT_CONTAINER_H_

#include <v8-container.h>
#include <v8-object.h>

#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "jsbind/convert.h"
#include "jsbind/convert_string.h"

namespace braid {

// undefined, or an argument or property that is missing. null is a value of its
// own: see Nullable.
template <typename T>
struct Convert<std::optional<T>> {
  static std::optional<std::optional<T>> FromJs(Js& js,
                                                v8::Local<v8::Value> value) {
    if (value->IsUndefined())
      return std::optional<std::optional<T>>(std::in_place);
    std::optional<T> present = Convert<T>::FromJs(js, value);
    if (!present.has_value()) return std::nullopt;
    return std::optional<std::optional<T>>(std::move(present));
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::optional<T> value) {
    if (!value.has_value()) return js.Undefined();
    return Convert<T>::ToJs(js, *std::move(value));
  }
};

// T or null.
template <typename T>
struct Nullable {
  std::optional<T> value;
};
template <typename T>
struct Convert<Nullable<T>> {
  static std::optional<Nullable<T>> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsNull()) return Nullable<T>{};
    std::optional<T> present = Convert<T>::FromJs(js, value);
    if (!present.has_value()) return std::nullopt;
    return Nullable<T>{std::move(present)};
  }
  static v8::Local<v8::Value> ToJs(Js& js, Nullable<T> value) {
    if (!value.value.has_value()) return v8::Null(js.isolate());
    return Convert<T>::ToJs(js, *std::move(value.value));
  }
};

template <typename T>
  requires(!std::same_as<T, uint8_t>)
struct Convert<std::vector<T>> {
  static std::optional<std::vector<T>> FromJs(Js& js,
                                              v8::Local<v8::Value> value) {
    if (!value->IsArray()) return js.Expected("an array", value);
    v8::Local<v8::Array> array = value.As<v8::Array>();
    const uint32_t length = array->Length();
    std::vector<T> elements;
    elements.reserve(length);
    for (uint32_t i = 0; i < length; ++i) {
      const v8::HandleScope handle_scope(js.isolate());
      v8::Local<v8::Value> element;
      if (!array->Get(js.context(), i).ToLocal(&element)) return std::nullopt;
      std::optional<T> converted = Convert<T>::FromJs(js, element);
      if (!converted.has_value()) return js.FailedAt(absl::StrCat("[", i, "]"));
      elements.push_back(*std::move(converted));
    }
    return elements;
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::vector<T> values) {
    v8::LocalVector<v8::Value> elements(js.isolate());
    elements.reserve(values.size());
    for (auto&& value : values) {
      v8::Local<v8::Value> element = Convert<T>::ToJs(js, T(std::move(value)));
      if (element.IsEmpty()) return {};
      elements.push_back(element);
    }
    return v8::Array::New(js.isolate(), elements.data(), elements.size());
  }
};

namespace internal {

// Both kinds of maps with string keys.
template <typename Map>
struct ConvertMap {
  using Value = typename Map::mapped_type;

  static std::optional<Map> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (!value->IsObject() || value->IsFunction())
      return js.Expected("an object", value);
    Map map;
    if (value->IsMap()) {
      v8::Local<v8::Array> entries = value.As<v8::Map>()->AsArray();
      for (uint32_t i = 0; i + 1 < entries->Length(); i += 2) {
        if (!Insert(js, map, entries->Get(js.context(), i),
                    entries->Get(js.context(), i + 1))) {
          return std::nullopt;
        }
      }
      return map;
    }
    v8::Local<v8::Object> object = value.As<v8::Object>();
    v8::Local<v8::Array> keys;
    if (!object
             ->GetOwnPropertyNames(js.context(),
                                   static_cast<v8::PropertyFilter>(
                                       v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS),
                                   v8::KeyConversionMode::kConvertToString)
             .ToLocal(&keys)) {
      return std::nullopt;
    }
    for (uint32_t i = 0; i < keys->Length(); ++i) {
      v8::Local<v8::Value> key;
      if (!keys->Get(js.context(), i).ToLocal(&key) ||
          !Insert(js, map, key, object->Get(js.context(), key))) {
        return std::nullopt;
      }
    }
    return map;
  }

  static v8::Local<v8::Value> ToJs(Js& js, Map map) {
    v8::Local<v8::Object> object = v8::Object::New(js.isolate());
    for (auto& [key, value] : map) {
      v8::Local<v8::Value> converted =
          Convert<Value>::ToJs(js, Value(std::move(value)));
      v8::Local<v8::String> name = js.String(key);
      if (converted.IsEmpty() || name.IsEmpty() ||
          object->CreateDataProperty(js.context(), name, converted)
              .IsNothing()) {
        return {};
      }
    }
    return object;
  }

 private:
  static bool Insert(Js& js, Map& map, v8::MaybeLocal<v8::Value> maybe_key,
                     v8::MaybeLocal<v8::Value> maybe_value) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> value;
    if (!maybe_key.ToLocal(&key) || !maybe_value.ToLocal(&value)) return false;
    std::optional<std::string> name = Convert<std::string>::FromJs(js, key);
    if (!name.has_value()) {
      js.FailedAt(" (a key)");
      return false;
    }
    std::optional<Value> converted = Convert<Value>::FromJs(js, value);
    if (!converted.has_value()) {
      js.FailedAt(absl::StrCat(".", *name));
      return false;
    }
    map.insert_or_assign(*std::move(name), *std::move(converted));
    return true;
  }
};

}  // namespace internal

template <typename T>
struct Convert<std::map<std::string, T>>
    : internal::ConvertMap<std::map<std::string, T>> {};
template <typename T>
struct Convert<absl::flat_hash_map<std::string, T>>
    : internal::ConvertMap<absl::flat_hash_map<std::string, T>> {};

template <typename... T>
struct Convert<std::tuple<T...>> {
  static std::optional<std::tuple<T...>> FromJs(Js& js,
                                                v8::Local<v8::Value> value) {
    if (!value->IsArray() || value.As<v8::Array>()->Length() != sizeof...(T)) {
      return js.Expected(absl::StrCat("an array of length ", sizeof...(T)),
                         value);
    }
    return FromArray(js, value.As<v8::Array>(),
                     std::index_sequence_for<T...>());
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::tuple<T...> value) {
    return std::apply(
        [&js](auto&&... element) -> v8::Local<v8::Value> {
          std::array<v8::Local<v8::Value>, sizeof...(T)> elements = {
              Convert<T>::ToJs(js, std::move(element))...};
          for (v8::Local<v8::Value> converted : elements) {
            if (converted.IsEmpty()) return {};
          }
          return v8::Array::New(js.isolate(), elements.data(), elements.size());
        },
        std::move(value));
  }

 private:
  template <typename U>
  static bool Element(Js& js, v8::Local<v8::Array> array, uint32_t i,
                      std::optional<U>& element) {
    v8::Local<v8::Value> value;
    if (!array->Get(js.context(), i).ToLocal(&value)) return false;
    element = Convert<U>::FromJs(js, value);
    if (!element.has_value()) js.FailedAt(absl::StrCat("[", i, "]"));
    return element.has_value();
  }
  template <size_t... I>
  static std::optional<std::tuple<T...>> FromArray(Js& js,
                                                   v8::Local<v8::Array> array,
                                                   std::index_sequence<I...>) {
    std::tuple<std::optional<T>...> elements;
    if (!(Element(js, array, static_cast<uint32_t>(I), std::get<I>(elements)) &&
          ...)) {
      return std::nullopt;
    }
    return std::tuple<T...>(*std::move(std::get<I>(elements))...);
  }
};

template <>
struct Convert<std::monostate> {
  static std::optional<std::monostate> FromJs(Js& js,
                                              v8::Local<v8::Value> value) {
    if (!value->IsUndefined()) return js.Expected("undefined", value);
    return std::monostate();
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::monostate) {
    return js.Undefined();
  }
};

// The first alternative that fits, in the order of the declaration.
template <typename... T>
struct Convert<std::variant<T...>> {
  static std::optional<std::variant<T...>> FromJs(Js& js,
                                                  v8::Local<v8::Value> value) {
    std::optional<std::variant<T...>> result;
    std::string expected;
    const bool fits = (Try<T>(js, value, result, expected) || ...);
    if (fits) return result;
    return js.Expected(expected, value);
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::variant<T...> value) {
    return std::visit(
        [&js](auto&& alternative) -> v8::Local<v8::Value> {
          using U = std::remove_cvref_t<decltype(alternative)>;
          return Convert<U>::ToJs(js, std::move(alternative));
        },
        std::move(value));
  }

 private:
  template <typename U>
  static bool Try(Js& js, v8::Local<v8::Value> value,
                  std::optional<std::variant<T...>>& result,
                  std::string& expected) {
    std::optional<U> converted = Convert<U>::FromJs(js, value);
    if (converted.has_value()) {
      result.emplace(*std::move(converted));
      return true;
    }
    if (js.failure() != nullptr) {
      absl::StrAppend(&expected, expected.empty() ? "" : " or ",
                      js.failure()->expected);
      js.ClearFailure();
    }
    return false;
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_CONTAINER_H_
