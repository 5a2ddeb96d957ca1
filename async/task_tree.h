#ifndef BRAID_ASYNC_TASK_TREE_H_
#define BRAID_ASYNC_TASK_TREE_H_

#include <cstddef>
#include <string>

#include "async/cancel_scope.h"

namespace braid {

// The live tasks under `scope`, as text, for people who ask why a program
// hangs: the tree of scopes, and in each the suspended awaits with the stack
// of the task that stands there, and how many tasks have not started yet.
//
//   LOG(INFO) << "\n" << FormatTaskTree(executor.root_scope());
//
//   root
//     Scope of 2 tasks
//       Event::Wait
//         at Load (store/log.cc:71)
//         at Serve (store/server.cc:19)
//       Scope::Join
//         at WithScope (async/scope.h:241)
//       Scope of 3 tasks, cancelled, 1 not started
//         ...
//
// Nothing needs to be switched on: the nodes that carry cancellation are the
// registry. A task that runs now, or was woken by Yield, is not suspended and
// does not show. A stack ends where its task was spawned; who opened the scope
// stands above, at its own await. At most kMaxTaskTreeLines lines; what is
// left out is counted at the end. Thread: the executor's.
inline constexpr size_t kMaxTaskTreeLines = 10'000;
std::string FormatTaskTree(CancelScope& scope);

// How many awaits are suspended under `scope`.
size_t CountSuspended(CancelScope& scope);

}  // namespace braid

#endif  // BRAID_ASYNC_TASK_TREE_H_
