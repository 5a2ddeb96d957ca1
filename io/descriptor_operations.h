#ifndef BRAID_IO_DESCRIPTOR_OPERATIONS_H_
#define BRAID_IO_DESCRIPTOR_OPERATIONS_H_

#include <coroutine>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "async/task.h"
#include "io/operation.h"

namespace braid {

// An operation whose entry a function prepares and whose result is only
// success or failure. What the call's arguments point at must live until the
// await has ended.
template <typename Prepare>
class [[nodiscard]] SimpleOperation final : public AwaitableOperation {
 public:
  // `name` is the system call's: a literal. `subject` (a path, for the error)
  // must outlive the await.
  SimpleOperation(Loop& loop, const char* name, std::string_view subject,
                  Prepare prepare)
      : AwaitableOperation(loop, name),
        subject_(subject),
        prepare_(std::move(prepare)) {}
  void await_suspend(std::coroutine_handle<> handle) {
    Start(handle, prepare_);
  }
  absl::Status await_resume() {
    return Finish() < 0 ? Error(subject_) : absl::OkStatus();
  }

 private:
  std::string_view subject_;
  Prepare prepare_;
};

// close(2) through the ring, cancelled or not: a close that is skipped leaks.
Task<absl::Status> CloseDescriptor(Loop& loop, int fd);

}  // namespace braid

#endif  // BRAID_IO_DESCRIPTOR_OPERATIONS_H_
