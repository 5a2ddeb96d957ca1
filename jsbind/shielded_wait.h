#ifndef BRAID_JSBIND_SHIELDED_WAIT_H_
#define BRAID_JSBIND_SHIELDED_WAIT_H_

#include "absl/status/status.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/task.h"

namespace braid {

namespace internal {
inline Task<absl::Status> WaitFor(Event& event) {
  co_return co_await event.Wait();
}
}  // namespace internal

// Waits for `event` to the end: cancelling the waiting task does not reach the
// wait. For whoever has to see others end before it may end itself.
inline Task<absl::Status> ShieldedWait(Event& event) {
  return Shield(internal::WaitFor(event));
}

}  // namespace braid

#endif  // BRAID_JSBIND_SHIELDED_WAIT_H_
