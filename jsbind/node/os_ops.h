#ifndef BRAID_JSBIND_NODE_OS_OPS_H_
#define BRAID_JSBIND_NODE_OS_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/os": what node:os tells of the machine, and errnos by name.
//
//   hostname(), uptime()            uptime in seconds
//   uname()                         [sysname, release, version, machine]
//   loadAverages()                  of 1, 5 and 15 minutes
//   memory()                        [total, free] in bytes; free as the kernel
//                                   thinks programs could have
//   cpus()                          [[model, MHz, user, nice, sys, idle, irq],
//                                   ...], times in ms
//   user(uid)                       {username, uid, gid, homedir, shell} by the
//                                   system's list; an error without an entry
//   homeDirectory()                 of the user, by that list
//   priority(pid), setPriority(pid, priority)
//   interfaces()                    [[name, address, netmask, family, mac,
//                                   isInternal, scope], ...] of those that are
//                                   up
//   errnos()                        all numbers that Linux knows
//   errorText(number)               [name, text] of a negative errno
void DefineOsOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_OS_OPS_H_
