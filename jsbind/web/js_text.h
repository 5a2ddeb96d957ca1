#ifndef BRAID_JSBIND_WEB_JS_TEXT_H_
#define BRAID_JSBIND_WEB_JS_TEXT_H_

#include <v8-local-handle.h>
#include <v8-value.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "jsbind/js.h"

namespace braid {

// New JS strings from memory. Longer than V8's longest string: empty, with
// Node's ERR_STRING_TOO_LONG thrown.

// False, and that error thrown, if no string has so many characters. For those
// who would make the characters first.
bool CheckStringLength(Js& js, size_t length);

// Each byte is the character of its number.
v8::Local<v8::Value> OneByteString(Js& js, std::span<const uint8_t> bytes);
v8::Local<v8::Value> TwoByteString(Js& js, std::span<const char16_t> units);

// UTF-8, a byte order mark kept. What is no UTF-8 becomes U+FFFD, one for each
// maximal subpart, as the Encoding Standard has it.
v8::Local<v8::Value> Utf8String(Js& js, std::span<const uint8_t> bytes);
// The same; undefined if it is no UTF-8.
v8::Local<v8::Value> ValidUtf8String(Js& js, std::span<const uint8_t> bytes);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_JS_TEXT_H_
