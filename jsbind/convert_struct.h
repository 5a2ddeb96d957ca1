#ifndef BRAID_JSBIND_CONVERT_STRUCT_H_
#define BRAID_JSBIND_CONVERT_STRUCT_H_

#include <v8-object.h>

#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jsbind/convert.h"

namespace braid {

// A struct that crosses as an object: name its fields in a function JsFields
// beside the struct, in its namespace.
//
//   struct ServeOptions {
//     uint16_t port = 8000;
//     std::optional<std::string> host;
//   };
//   constexpr auto JsFields(const ServeOptions*) {
//     return std::tuple(Field("port", &ServeOptions::port),
//                       Field("host", &ServeOptions::host));
//   }
//
// From JS: a property that is missing or undefined leaves the field as the
// struct's default constructor made it; a RequiredField must be there. Other
// properties are ignored. To JS: every field, in this order; a std::optional
// without a value is left out.
template <typename Struct, typename T>
struct JsField {
  std::string_view name;
  T Struct::* member;
  bool required;
};

template <typename Struct, typename T>
constexpr JsField<Struct, T> Field(std::string_view name, T Struct::* member) {
  return {name, member, false};
}
template <typename Struct, typename T>
constexpr JsField<Struct, T> RequiredField(std::string_view name,
                                           T Struct::* member) {
  return {name, member, true};
}

template <typename T>
concept HasJsFields = requires(const T* t) { JsFields(t); };

template <HasJsFields T>
struct Convert<T> {
  static std::optional<T> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (!value->IsObject()) return js.Expected("an object", value);
    std::optional<T> result(std::in_place);
    const bool complete = std::apply(
        [&](const auto&... field) {
          return (Read(js, value.As<v8::Object>(), *result, field) && ...);
        },
        JsFields(static_cast<const T*>(nullptr)));
    if (!complete) return std::nullopt;
    return result;
  }

  static v8::Local<v8::Value> ToJs(Js& js, T value) {
    v8::Local<v8::Object> object = v8::Object::New(js.isolate());
    const bool complete = std::apply(
        [&](const auto&... field) {
          return (Write(js, object, value, field) && ...);
        },
        JsFields(static_cast<const T*>(nullptr)));
    if (!complete) return {};
    return object;
  }

 private:
  template <typename U>
  static bool Read(Js& js, v8::Local<v8::Object> object, T& result,
                   const JsField<T, U>& field) {
    v8::Local<v8::Value> property;
    if (!object->Get(js.context(), js.Name(field.name)).ToLocal(&property))
      return false;
    if (property->IsUndefined() && !field.required) return true;
    std::optional<U> converted = Convert<U>::FromJs(js, property);
    if (!converted.has_value()) {
      js.FailedAt(absl::StrCat(".", field.name));
      return false;
    }
    result.*field.member = *std::move(converted);
    return true;
  }

  template <typename U>
  static bool Write(Js& js, v8::Local<v8::Object> object, T& value,
                    const JsField<T, U>& field) {
    if constexpr (requires { (value.*field.member).has_value(); }) {
      if (!(value.*field.member).has_value()) return true;
    }
    v8::Local<v8::Value> converted =
        Convert<U>::ToJs(js, std::move(value.*field.member));
    if (converted.IsEmpty()) return false;
    return object
        ->CreateDataProperty(js.context(), js.Name(field.name), converted)
        .IsJust();
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_STRUCT_H_
