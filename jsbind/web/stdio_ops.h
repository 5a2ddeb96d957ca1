#ifndef BRAID_JSBIND_WEB_STDIO_OPS_H_
#define BRAID_JSBIND_WEB_STDIO_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/stdio": what console and process write to.
//
//   writeStdout(text), writeStderr(text)   text is a string or bytes
//   writeWarning(text)                     to stderr, after "(braid:PID) "
//   hasColors(fd)                          whether a person reads it in colour:
//                                          a terminal, and NO_COLOR,
//                                          FORCE_COLOR and TERM do not say
//                                          otherwise
//   isTerminal(fd)
//
// Writing is synchronous, so that what a program prints before it ends, or
// crashes, is there. Errors are ignored, as for a pipe whose reader has gone:
// nobody would learn of them.
void DefineStdioOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_STDIO_OPS_H_
