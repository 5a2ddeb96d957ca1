#ifndef BRAID_JSBIND_CONVERT_STRING_H_
#define BRAID_JSBIND_CONVERT_STRING_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jsbind/convert.h"

namespace braid {

// Text is UTF-8 in C++. Lone surrogates in JS become U+FFFD on the way in,
// bytes that are no UTF-8 on the way out: bytes that are not text travel as
// std::vector<uint8_t>.
template <>
struct Convert<std::string> {
  static std::optional<std::string> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (!value->IsString()) return js.Expected("a string", value);
    return ToUtf8(js.isolate(), value.As<v8::String>());
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::string_view value) {
    return js.String(value);
  }
};

// As a result only; as an argument it is a std::string in the call's frame, of
// which the function sees a view (see argument.h).
template <>
struct Convert<std::string_view> {
  static v8::Local<v8::Value> ToJs(Js& js, std::string_view value) {
    return js.String(value);
  }
};
template <>
struct Convert<const char*> {
  static v8::Local<v8::Value> ToJs(Js& js, const char* value) {
    return js.String(value);
  }
};

// A JS string of one byte a character: Latin-1, or bytes that a program keeps
// in a string, as HTTP header values are.
struct Latin1 {
  std::string bytes;
};
template <>
struct Convert<Latin1> {
  static std::optional<Latin1> FromJs(Js& js, v8::Local<v8::Value> value);
  static v8::Local<v8::Value> ToJs(Js& js, const Latin1& value);
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_STRING_H_
