#ifndef BRAID_JSBIND_NODE_PROCESS_OPS_H_
#define BRAID_JSBIND_NODE_PROCESS_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/process": what process knows of the operating system.
//
//   pid, ppid(), getuid(), geteuid(), getgid(), getegid()
//   umask(mask | undefined)
//   execPath()                of the program's file; undefined without /proc
//   cwd(), chdir(directory), abort(), kill(pid, number)
//   getEnv(name), setEnv(name, value), deleteEnv(name), envKeys()
//   hrtime()                  nanoseconds of the loop's clock, a BigInt
//   memoryUsage(), cpuUsage(), resourceUsage()
//   terminalSize(fd)          [columns, rows]
//   writeStandard(fd, data)   text or bytes, at once (blocking_write.h)
//   readStdin()               what has come, a promise; of undefined at the end
//   versions                  of V8 and the libraries
//   signals                   { SIGINT: 2, ... }
//   nextSignal(number)        catches the signal from the first call on; a
//                             promise of true when one has come, of false after
//   stopSignal(number)        which gives the signal its former effect back
void DefineProcessOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_PROCESS_OPS_H_
