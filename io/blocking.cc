#include "io/blocking.h"

#include "absl/log/check.h"

namespace braid {

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(mutex_);
    CHECK(jobs_.empty()) << "a loop ended with blocking jobs left";
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingPool::Add(BlockingJob& job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.PushBack(job);
    if (idle_threads_ == 0 &&
        static_cast<int>(threads_.size()) < threads_max_) {
      threads_.emplace_back([this] { RunThread(); });
    }
  }
  wake_.notify_one();
}

bool BlockingPool::Remove(BlockingJob& job) {
  std::lock_guard lock(mutex_);
  if (!job.linked()) return false;
  job.Unlink();
  return true;
}

void BlockingPool::RunThread() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_threads_;
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    --idle_threads_;
    if (jobs_.empty()) return;
    BlockingJob& job = jobs_.PopFront();
    lock.unlock();
    job.Run();
    loop_.Post([&job] { job.Done(); });
    lock.lock();
  }
}

}  // namespace braid
