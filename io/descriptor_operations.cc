#include "io/descriptor_operations.h"

#include "async/combinators.h"

namespace braid {
namespace {

Task<absl::Status> CloseOnce(Loop& loop, int fd) {
  co_return co_await SimpleOperation(
      loop, "close", {},
      [fd](io_uring_sqe* sqe) { io_uring_prep_close(sqe, fd); });
}

}  // namespace

Task<absl::Status> CloseDescriptor(Loop& loop, int fd) {
  co_return co_await Shield(CloseOnce(loop, fd));
}

}  // namespace braid
