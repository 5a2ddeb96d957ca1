#ifndef BRAID_IO_DRIVER_EPOLL_FILE_CALLS_H_
#define BRAID_IO_DRIVER_EPOLL_FILE_CALLS_H_

#include <liburing.h>

#include <cstddef>

#include "io/driver/epoll_calls.h"

namespace braid {

// Submission entries about descriptors of any kind and about paths, as system
// calls that do not wait, and as calls that do, for a thread of their own. The
// descriptors are as the layer above has them, mostly blocking: what keeps a
// call from waiting is a flag of the call, where it has one, and a look at the
// descriptor before it, where it has none.

// IORING_OP_READ and _WRITE, of any descriptor. `moved` are the bytes that
// earlier attempts have moved, which the result includes. As the ring's, a read
// of a file gives less than was asked for only at the file's end; pipes,
// terminals and sockets give what they have.
Attempt TryTransfer(const io_uring_sqe& entry, size_t& moved);

// IORING_OP_POLL_ADD, of one shot.
Attempt TryPoll(const io_uring_sqe& entry);

// Whether the operation names no open descriptor but a path.
bool IsAboutPath(const io_uring_sqe& entry);

// Whether there is no other way than RunOnThread(), which also finishes
// transfers for which TryTransfer() asked.
bool RunsOnThread(const io_uring_sqe& entry);

// The operation as a call that may wait; gives a negative errno if it fails.
// Any thread.
int RunOnThread(const io_uring_sqe& entry, size_t moved);

// Whether closing the descriptor may have to wait, for a device or a file
// server.
bool CloseMayWait(int fd);

}  // namespace braid

#endif  // BRAID_IO_DRIVER_EPOLL_FILE_CALLS_H_
