#ifndef BRAID_JSBIND_NODE_BUFFER_OPS_H_
#define BRAID_JSBIND_NODE_BUFFER_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/buffer": what Buffer and StringDecoder do with bytes. All are
// synchronous. Of a range that does not lie inside of the bytes the part counts
// that does. Bytes are any view or buffer, of a SharedArrayBuffer or a resizable one as well.
// Encodings are their numbers in string_encodings.h.
//
//   allocate(size)                 an ArrayBuffer whose bytes are not cleared
//   byteLength(string)             of its UTF-8
//   encode(string, encoding)       an ArrayBuffer
//   write(bytes, string, encoding, offset, room)
//                                  gives how many bytes it wrote; no part of a
//                                  character
//   decode(bytes, encoding, start, end)
//                                  a string
//   decodePart(bytes, encoding, state, isLast)
//                                  the same for a piece of text: what its end
//                                  lacks waits in `state`, of kDecoderStateSize
//   copy(source, target, targetStart, sourceStart, count)
//   compare(a, b)                  -1, 0 or 1
//   fill(bytes, pattern, start, end)
//   indexOf(bytes, needle, from, isForward, unitSize)
//                                  -1 if it is not there; units of 2 bytes are
//                                  found at even places alone
//   swap(bytes, unitSize)          2, 4 or 8
//   isAscii(bytes), isUtf8(bytes)
//   decoderStateSize, stringLengthMax, byteLengthMax
void DefineBufferOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_BUFFER_OPS_H_
