#ifndef BRAID_JSBIND_NODE_CHILD_OPS_H_
#define BRAID_JSBIND_NODE_CHILD_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/child": child processes (io/process.h).
//
//   spawn({file, args, env, cwd, stdio, detached})   a Child, at once; it
//                                  lives on when it is dropped. env: texts
//                                  "NAME=value". stdio: descriptors, -1 for
//                                  /dev/null, -2 for a pipe
//   class Child
//     pid
//     takePipe(i)                  a Connection of "internal:ops/net"; once
//     wait()                       [code, signal]
//     kill(signal)
//   runSync(options, {input, timeout, maxBuffer, killSignal})
//                                  blocks until the child has ended: {pid, code,
//                                  signal, stdout, stderr, exceeded}; exceeded
//                                  is "time", "output" or ""
void DefineChildOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_CHILD_OPS_H_
