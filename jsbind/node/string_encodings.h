#ifndef BRAID_JSBIND_NODE_STRING_ENCODINGS_H_
#define BRAID_JSBIND_NODE_STRING_ENCODINGS_H_

#include <v8-local-handle.h>
#include <v8-primitive.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jsbind/js.h"

namespace braid {

// The encodings that Node's APIs name, between JS strings and bytes. Decoding
// and encoding never fail for what the bytes or the string hold: bytes that are
// no UTF-8 become U+FFFD, characters that are no Base64 are skipped, hex ends
// where it is none.

// The numbers are those of string_encodings.js.
enum class StringEncoding : int32_t {
  kUtf8 = 0,
  kUtf16le = 1,
  kLatin1 = 2,
  kAscii = 3,  // Encoded as Latin-1; decoded without the highest bit.
  kBase64 = 4,
  kBase64Url = 5,
  kHex = 6,
};

// The most bytes that EncodeString() can write.
size_t EncodedSizeMax(v8::Isolate* isolate, v8::Local<v8::String> string,
                      StringEncoding encoding);

// Encodes as much of the string as there is room for, without a part of a
// character. Gives the number of bytes.
size_t EncodeString(v8::Isolate* isolate, v8::Local<v8::String> string,
                    StringEncoding encoding, std::span<uint8_t> room);

// A new JS string; empty with an exception pending if V8 allows none as long.
v8::Local<v8::Value> DecodeString(Js& js, std::span<const uint8_t> bytes,
                                  StringEncoding encoding);

// How many bytes at the end of `bytes` belong to a character (of Base64, to a
// group) that is not whole. At most kIncompleteMax.
inline constexpr size_t kIncompleteMax = 3;
size_t IncompleteSize(std::span<const uint8_t> bytes, StringEncoding encoding);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_STRING_ENCODINGS_H_
