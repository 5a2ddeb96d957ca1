#ifndef BRAID_IO_DRIVER_EPOLL_SOCKET_CALLS_H_
#define BRAID_IO_DRIVER_EPOLL_SOCKET_CALLS_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "io/driver/epoll_calls.h"
#include "io/driver/ring_memory.h"

namespace braid {

// Submission entries about sockets, as system calls that do not wait.

// For each completion of a multishot operation but its last one. Its flags have
// IORING_CQE_F_MORE.
using PublishMore = absl::FunctionRef<void(int result, uint32_t flags)>;

// IORING_OP_ACCEPT. Accepting has no flag that keeps it from waiting: the
// socket must be non-blocking (MakeNonBlocking()).
Attempt TryAccept(const io_uring_sqe& entry, PublishMore publish_more);

// IORING_OP_RECV; into `buffers` if the entry selects one. `moved` counts the
// bytes of a multishot receive, for its limit.
Attempt TryReceive(const io_uring_sqe& entry, size_t& moved,
                   ProvidedBuffers& buffers, PublishMore publish_more);

// IORING_OP_SEND and _SENDMSG. `moved` are the bytes that earlier attempts have
// sent, which the result includes. With MSG_WAITALL all is sent before they are
// done, as by the ring.
Attempt TrySend(const io_uring_sqe& entry, size_t& moved);

// IORING_OP_CONNECT; `begun` tells the first attempt from the later ones. A
// Unix socket whose peer's backlog is full has to be tried later.
Attempt TryConnect(const io_uring_sqe& entry, bool& begun);

// Makes calls on a descriptor not wait, for everybody who has it.
void MakeNonBlocking(int fd);

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_SOCKET_CALLS_H_
