#ifndef BRAID_EXAMPLES_QUICKSTART_DEMONSTRATION_H_
#define BRAID_EXAMPLES_QUICKSTART_DEMONSTRATION_H_

#include "absl/status/status.h"
#include "async/task.h"
#include "examples/quickstart/store.h"
#include "io/loop.h"
#include "io/socket_address.h"

namespace braid::quickstart {

// Uses the service at `address` as a client would, over HTTP, and prints what
// it does. Errors: whatever goes otherwise than it should, with the request.
Task<absl::Status> Demonstrate(Loop& loop, SocketAddress address,
                               const Store& store);

}  // namespace braid::quickstart

#endif  // BRAID_EXAMPLES_QUICKSTART_DEMONSTRATION_H_
