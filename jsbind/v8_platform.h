#ifndef BRAID_JSBIND_V8_PLATFORM_H_
#define BRAID_JSBIND_V8_PLATFORM_H_

#include <v8-platform.h>

#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "async/clock.h"

namespace braid {

// How V8 is started for the whole process. Only the first Runtime's wish
// counts: V8 can be started once.
struct V8Options {
  // Threads for concurrent compilation and garbage collection. The loop's
  // thread does everything else.
  int worker_threads = 1;
  // Flags in V8's own notation: "--expose-gc --stack-size=500".
  std::string flags;
};

// What V8 wants to have run on an isolate's thread: the end of a garbage
// collection, clean-up of a FinalizationRegistry, a compiled WebAssembly
// module. V8 posts from any thread; the runtime takes in its turn.
// Thread: posting from any; Take and NextDue from the isolate's.
class ForegroundTasks final : public v8::TaskRunner {
 public:
  // `wake` is called, on the posting thread, when another thread than the one
  // that makes this object posts. It must be callable until Stop().
  explicit ForegroundTasks(absl::AnyInvocable<void()> wake);

  // When the next task is due, in seconds on the platform's clock: kAtOnce, or
  // kNone if there is none. Nobody is woken for delayed ones: the runtime arms
  // a timer before it sleeps. Looked at in every turn, so it takes no lock.
  static constexpr double kAtOnce = 0;
  static constexpr double kNone = std::numeric_limits<double>::infinity();
  double NextDue() const { return next_due_.load(std::memory_order_acquire); }
  // The tasks that are due at `now`, in the order in which they were posted.
  std::vector<std::unique_ptr<v8::Task>> Take(double now);

  // Drops what is queued and everything posted from now on.
  void Stop();

  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

 protected:
  void PostTaskImpl(std::unique_ptr<v8::Task> task,
                    const v8::SourceLocation&) override;
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                               const v8::SourceLocation& location) override;
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay_s,
                           const v8::SourceLocation&) override;
  void PostNonNestableDelayedTaskImpl(
      std::unique_ptr<v8::Task> task, double delay_s,
      const v8::SourceLocation& location) override;

 private:
  struct Waiting {
    double due;
    std::unique_ptr<v8::Task> task;
  };
  void Add(std::unique_ptr<v8::Task> task, double due);

  const std::thread::id thread_;
  std::mutex mutex_;
  absl::AnyInvocable<void()> wake_;
  std::vector<Waiting> tasks_;
  bool stopped_ = false;
  std::atomic<double> next_due_ = kNone;  // Written under the mutex.
};

// V8's platform for this process. Started by the first Runtime and never
// stopped: V8 cannot be started twice, and the kernel takes back everything at
// the end anyway.
// Thread: all.
class V8Platform {
 public:
  // Starts V8 on the first call; `options` is ignored afterwards.
  static V8Platform& Start(const V8Options& options);
  // REQUIRES: it was started.
  static V8Platform& Get();
  ~V8Platform();

  v8::Platform& platform();
  // Seconds on V8's monotonic clock.
  double Now();

  // Between Isolate::Allocate and Isolate::Initialize, which asks for the
  // runner.
  void AddIsolate(v8::Isolate* isolate, std::shared_ptr<ForegroundTasks> tasks);
  void RemoveIsolate(v8::Isolate* isolate);

 private:
  class Adapter;

  explicit V8Platform(const V8Options& options);

  std::unique_ptr<Adapter> adapter_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_V8_PLATFORM_H_
