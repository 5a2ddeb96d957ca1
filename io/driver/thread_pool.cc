#include "io/driver/thread_pool.h"

#include <pthread.h>

#include <csignal>
#include <system_error>

#include "absl/log/check.h"

namespace braid {
namespace {

// Keeps the signals away from threads that are made while it exists: a thread
// inherits the mask. What a fault of its own raises still reaches it.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (int fault :
         {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) {
      sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_BLOCK, &all, &former_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t former_;
};

}  // namespace

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex_);
    CHECK(jobs_.empty()) << "a pool of threads ended with jobs left";
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::Add(ThreadJob& job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.PushBack(job);
    ++queued_;
    if (!EnsureThread()) {
      job.Unlink();
      --queued_;
      return false;
    }
  }
  wake_.notify_one();
  return true;
}

bool ThreadPool::EnsureThread() {
  // An idle thread may have been woken for an earlier job and not have run
  // yet, so it counts only if there are more of them than jobs.
  if (idle_threads_ >= queued_ ||
      threads_.size() >= static_cast<size_t>(threads_max_)) {
    return true;
  }
  try {
    SignalsBlocked signals_blocked;
    threads_.emplace_back([this] { RunThread(); });
    pthread_setname_np(threads_.back().native_handle(), name_);
    return true;
  } catch (const std::system_error&) {
    return !threads_.empty();  // The job waits for those that there are.
  }
}

bool ThreadPool::Remove(ThreadJob& job) {
  std::lock_guard lock(mutex_);
  if (!job.linked()) return false;
  job.Unlink();
  --queued_;
  return true;
}

void ThreadPool::RunThread() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_threads_;
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    --idle_threads_;
    if (jobs_.empty()) return;
    ThreadJob& job = jobs_.PopFront();
    --queued_;
    lock.unlock();
    job.Run();
    lock.lock();
  }
}

}  // namespace braid
