#ifndef BRAID_JSBIND_CONVERT_H_
#define BRAID_JSBIND_CONVERT_H_

#include <v8-local-handle.h>
#include <v8-value.h>

#include <optional>
#include <type_traits>
#include <utility>

#include "jsbind/js.h"

namespace braid {

// How a C++ type crosses into JS and back. A specialisation has
//
//   static std::optional<T> FromJs(Js& js, v8::Local<v8::Value> value);
//   static v8::Local<v8::Value> ToJs(Js& js, T value);
//
// one of them where only one direction makes sense. FromJs gives nullopt after
// js.Expected(...) said what would have been right, or with a JS exception
// pending. ToJs gives an empty handle with a JS exception pending.
//
//   C++                         JS in                      JS out
//   bool                        boolean                    boolean
//   int8_t ... uint32_t         integer in range           number
//   int64_t, uint64_t           safe integer or bigint     number, bigint
//                                                          beyond 2^53
//   double, float               number                     number
//   std::string, string_view    string                     string
//   std::span<const uint8_t>    ArrayBuffer or view        -
//   std::vector<uint8_t>        ArrayBuffer or view, copy  Uint8Array, no copy
//   JsBytes                     ArrayBuffer or view        -
//   std::optional<T>            undefined or T             undefined or T
//   Nullable<T>                 null or T                  null or T
//   std::vector<T>              array                      array
//   std::map<std::string, T>    object or Map              object
//   std::tuple<T...>            array of that length       array
//   std::variant<T...>          first that fits            that one
//   a struct with JsFields      object                     object
//   absl::Duration              number of milliseconds     number of
//                                                          milliseconds
//   absl::Time                  Date or ms since 1970      Date
//   T&, shared_ptr<T>           instance of a bound class  instance
//   T*                          the same, or null          the same
//   JsFunction<R(A...)>         function                   -
//   JsValue                     anything                   the same
//   absl::Status, StatusOr<T>   -                          throws, or T
//
// No conversion guesses: a number is no string and "1" is no number. A
// specialisation for a type of your own makes it an argument and a result like
// any other; see convert_struct.h for the short way.
template <typename T>
struct Convert;

template <typename T>
concept HasConvert = requires { sizeof(Convert<T>); };

// V8's own values pass as they are, in synchronous functions only: a handle
// does not outlive the call. JsValue (js_value.h) does.
template <typename T>
  requires std::is_base_of_v<v8::Value, T>
struct Convert<v8::Local<T>> {
  static std::optional<v8::Local<T>> FromJs(Js& js,
                                            v8::Local<v8::Value> value) {
    if constexpr (std::is_same_v<T, v8::Value>) {
      return value;
    } else if constexpr (requires { value->IsFunction(); } &&
                         std::is_same_v<T, v8::Function>) {
      if (!value->IsFunction()) return js.Expected("a function", value);
      return value.As<T>();
    } else {
      static_assert(std::is_same_v<T, v8::Object>,
                    "take v8::Local<v8::Value> and look yourself");
      if (!value->IsObject()) return js.Expected("an object", value);
      return value.As<T>();
    }
  }
  static v8::Local<v8::Value> ToJs(Js&, v8::Local<T> value) { return value; }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_H_
