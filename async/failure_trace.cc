#include "async/failure_trace.h"

#include <utility>

#include "async/executor.h"
#include "async/promise_base.h"

namespace braid {

void FailureTrace::Note(const PromiseBase& task,
                        const std::source_location& where) {
  if (!IsAt(task)) stack_.clear();
  if (stack_.size() < kMaxAsyncStack) stack_.push_back(where);
  task_ = task.awaiter();
  at_ = task_ != nullptr ? task_->where() : std::source_location();
}

AsyncStack FailureTrace::Of(const PromiseBase& task) const {
  return IsAt(task) ? stack_ : AsyncStack();
}

void FailureTrace::Give(const PromiseBase& task, AsyncStack stack) {
  stack_ = std::move(stack);
  task_ = &task;
  at_ = task.where();
}

bool FailureTrace::IsAt(const PromiseBase& task) const {
  return task_ == &task && at_.line() == task.where().line() &&
         at_.column() == task.where().column() &&
         at_.file_name() == task.where().file_name();
}

void PromiseBase::NoteFailure(const std::source_location& where) const {
  executor().failure_trace().Note(*this, where);
}

}  // namespace braid
