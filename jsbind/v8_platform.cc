#include "jsbind/v8_platform.h"

#include <libplatform/libplatform.h>
#include <v8-initialization.h>
#include <v8-version-string.h>
#include <v8-version.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace braid {
namespace {

// The one process-wide object of this layer: V8 itself is process-wide.
std::atomic<V8Platform*> started = nullptr;

}  // namespace

ForegroundTasks::ForegroundTasks(absl::AnyInvocable<void()> wake)
    : thread_(std::this_thread::get_id()), wake_(std::move(wake)) {}

std::vector<std::unique_ptr<v8::Task>> ForegroundTasks::Take(double now) {
  std::vector<std::unique_ptr<v8::Task>> due;
  std::lock_guard lock(mutex_);
  double next_due = kNone;
  for (Waiting& waiting : tasks_) {
    if (waiting.due <= now) {
      due.push_back(std::move(waiting.task));
    } else {
      next_due = std::min(next_due, waiting.due);
    }
  }
  std::erase_if(tasks_, [](const Waiting& waiting) { return !waiting.task; });
  next_due_.store(next_due, std::memory_order_release);
  return due;
}

void ForegroundTasks::Stop() {
  std::vector<Waiting> tasks;
  std::lock_guard lock(mutex_);
  stopped_ = true;
  wake_ = nullptr;
  tasks.swap(tasks_);
  next_due_.store(kNone, std::memory_order_release);
}

void ForegroundTasks::Add(std::unique_ptr<v8::Task> task, double due) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  tasks_.push_back({due, std::move(task)});
  if (due < NextDue()) next_due_.store(due, std::memory_order_release);
  // On its own thread the runtime looks before it goes to sleep.
  if (std::this_thread::get_id() != thread_) wake_();
}

void ForegroundTasks::PostTaskImpl(std::unique_ptr<v8::Task> task,
                                   const v8::SourceLocation&) {
  Add(std::move(task), kAtOnce);
}
void ForegroundTasks::PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                                              const v8::SourceLocation&) {
  Add(std::move(task), kAtOnce);
}
void ForegroundTasks::PostDelayedTaskImpl(std::unique_ptr<v8::Task> task,
                                          double delay_s,
                                          const v8::SourceLocation&) {
  Add(std::move(task), V8Platform::Get().Now() + delay_s);
}
void ForegroundTasks::PostNonNestableDelayedTaskImpl(
    std::unique_ptr<v8::Task> task, double delay_s, const v8::SourceLocation&) {
  Add(std::move(task), V8Platform::Get().Now() + delay_s);
}

// V8's own platform, but for the foreground tasks: those go to the loop, which
// V8's would leave asleep.
class V8Platform::Adapter final : public v8::Platform {
 public:
  explicit Adapter(int worker_threads)
      : base_(v8::platform::NewDefaultPlatform(std::max(1, worker_threads))) {}

  void Add(v8::Isolate* isolate, std::shared_ptr<ForegroundTasks> tasks) {
    std::lock_guard lock(mutex_);
    runners_[isolate] = std::move(tasks);
  }
  void Remove(v8::Isolate* isolate) {
    std::lock_guard lock(mutex_);
    runners_.erase(isolate);
  }

  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(
      v8::Isolate* isolate, v8::TaskPriority) override {
    std::lock_guard lock(mutex_);
    auto found = runners_.find(isolate);
    CHECK(found != runners_.end())
        << "V8 asks for the tasks of an unknown isolate";
    return found->second;
  }

  v8::PageAllocator* GetPageAllocator() override {
    return base_->GetPageAllocator();
  }
  v8::ThreadIsolatedAllocator* GetThreadIsolatedAllocator() override {
    return base_->GetThreadIsolatedAllocator();
  }
  void OnCriticalMemoryPressure() override {
    base_->OnCriticalMemoryPressure();
  }
  int NumberOfWorkerThreads() override {
    return base_->NumberOfWorkerThreads();
  }
  double MonotonicallyIncreasingTime() override {
    return base_->MonotonicallyIncreasingTime();
  }
  double CurrentClockTimeMillis() override {
    return base_->CurrentClockTimeMillis();
  }
  double CurrentClockTimeMillisecondsHighResolution() override {
    return base_->CurrentClockTimeMillisecondsHighResolution();
  }
  v8::TracingController* GetTracingController() override {
    return base_->GetTracingController();
  }

 protected:
  std::unique_ptr<v8::JobHandle> CreateJobImpl(
      v8::TaskPriority priority, std::unique_ptr<v8::JobTask> job,
      const v8::SourceLocation& location) override {
    return base_->CreateJob(priority, std::move(job), location);
  }
  void PostTaskOnWorkerThreadImpl(v8::TaskPriority priority,
                                  std::unique_ptr<v8::Task> task,
                                  const v8::SourceLocation& location) override {
    base_->PostTaskOnWorkerThread(priority, std::move(task), location);
  }
  void PostDelayedTaskOnWorkerThreadImpl(
      v8::TaskPriority priority, std::unique_ptr<v8::Task> task, double delay_s,
      const v8::SourceLocation& location) override {
    base_->PostDelayedTaskOnWorkerThread(priority, std::move(task), delay_s,
                                         location);
  }

 private:
  const std::unique_ptr<v8::Platform> base_;
  std::mutex mutex_;
  std::unordered_map<v8::Isolate*, std::shared_ptr<ForegroundTasks>> runners_;
};

V8Platform& V8Platform::Start(const V8Options& options) {
  static V8Platform* const platform = [&] {
    auto* made = new V8Platform(options);
    started.store(made, std::memory_order_release);
    return made;
  }();
  return *platform;
}

V8Platform& V8Platform::Get() {
  V8Platform* platform = started.load(std::memory_order_acquire);
  CHECK(platform != nullptr) << "V8 was not started";
  return *platform;
}

V8Platform::V8Platform(const V8Options& options)
    : adapter_(std::make_unique<Adapter>(options.worker_threads)) {
  // Headers and library of different V8s fail in strange ways; say it plainly.
  const std::string expected =
      absl::StrCat(V8_MAJOR_VERSION, ".", V8_MINOR_VERSION, ".");
  CHECK(absl::StartsWith(v8::V8::GetVersion(), expected))
      << "compiled for V8 " << expected << "x, but libnode carries "
      << v8::V8::GetVersion();
  // Else objects hash their keys with the seed that V8's own snapshot was built
  // with, and anybody can send keys that collide.
  v8::V8::SetFlagsFromString("--rehash-snapshot");
  if (!options.flags.empty()) {
    v8::V8::SetFlagsFromString(options.flags.data(), options.flags.size());
  }
  v8::V8::InitializePlatform(adapter_.get());
  v8::V8::Initialize();
}

V8Platform::~V8Platform() = default;

v8::Platform& V8Platform::platform() { return *adapter_; }

double V8Platform::Now() { return adapter_->MonotonicallyIncreasingTime(); }

void V8Platform::AddIsolate(v8::Isolate* isolate,
                            std::shared_ptr<ForegroundTasks> tasks) {
  adapter_->Add(isolate, std::move(tasks));
}

void V8Platform::RemoveIsolate(v8::Isolate* isolate) {
  adapter_->Remove(isolate);
}

}  // namespace braid
