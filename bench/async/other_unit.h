#ifndef BRAID_BENCH_ASYNC_OTHER_UNIT_H_
#define BRAID_BENCH_ASYNC_OTHER_UNIT_H_

#include <coroutine>

#include "absl/status/status.h"
#include "async/task.h"

namespace braid::bench {

// Coroutines whose bodies the benchmark's translation unit cannot see, so
// that nothing of them can be inlined.
Task<int> OtherUnitInt(int value);
Task<void> OtherUnitVoid();
Task<absl::Status> OtherUnitStatus();

// The smallest lazy task that can be awaited across translation units, with
// frames from malloc: what the library's Task is compared with.
class PlainTask {
 public:
  struct promise_type {
    std::coroutine_handle<> continuation;
    int value = 0;
    PlainTask get_return_object() {
      return PlainTask(
          std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().continuation;
      }
      void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void return_value(int result) { value = result; }
    void unhandled_exception() {}
  };
  explicit PlainTask(std::coroutine_handle<promise_type> frame)
      : frame_(frame) {}
  PlainTask(PlainTask&&) = delete;
  ~PlainTask() { frame_.destroy(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<> awaiter) noexcept {
    frame_.promise().continuation = awaiter;
    return frame_;
  }
  int await_resume() { return frame_.promise().value; }

 private:
  std::coroutine_handle<promise_type> frame_;
};
PlainTask OtherUnitPlain(int value);

}  // namespace braid::bench

#endif  // BRAID_BENCH_ASYNC_OTHER_UNIT_H_
