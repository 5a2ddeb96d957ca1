#ifndef BRAID_JSBIND_WEB_ENCODING_OPS_H_
#define BRAID_JSBIND_WEB_ENCODING_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/encoding": text to bytes and back.
//
//   encode(string)                    a new Uint8Array of UTF-8
//   encodeInto(string, uint8Array)    writes whole characters as far as there
//                                     is room; the counts go to
//                                     encodeIntoResult
//   encodeIntoResult                  Uint32Array [UTF-16 units read, bytes
//                                     written]
//   decodeUtf8(bytes, fatal)          a string, a byte order mark kept; bytes
//                                     that are no UTF-8 become U+FFFD, or, if
//                                     fatal, the result is undefined
//   decodeUtf16(bytes, isBigEndian, fatal)
//                                     the same; an odd byte at the end is an
//                                     error
//   decodeWindows1252(bytes)          never fails
//   decodeLatin1(bytes)               the same; each byte is the character of
//                                     its number
//   atob(string), btoa(string)        forgiving Base64, of strings whose
//                                     characters are bytes; undefined for what
//                                     is no Base64, has other characters
void DefineEncodingOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_ENCODING_OPS_H_
