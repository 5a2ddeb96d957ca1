#ifndef BRAID_IO_DRIVER_THREAD_POOL_H_
#define BRAID_IO_DRIVER_THREAD_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "async/intrusive_list.h"

namespace braid {

// What waits for a thread of a pool, or runs on it.
class ThreadJob : public ListNode<struct ThreadJobTag> {
 public:
  // On the pool's thread. The job may be gone when this returns: the pool does
  // not touch it again.
  virtual void Run() = 0;

 protected:
  ~ThreadJob() = default;
};

// Threads for what would block a loop. They start as they are needed, up to
// `threads_max`, and end with the pool. Jobs begin in FIFO order, and as long
// as there may be more threads none waits for another to end. A job lies
// wherever its owner has it, so the queue needs no memory and no bound of its
// own.
//
// The threads take no signals, so that a handler never interrupts a function
// that does not expect it. Thread: any.
class ThreadPool {
 public:
  // `name` is the threads', for tools: at most 15 characters.
  ThreadPool(const char* name, int threads_max)
      : name_(name), threads_max_(threads_max) {}
  // Waits for the jobs that run. REQUIRES: none is queued.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // False when there is no thread and none can be made; the job was not taken
  // then.
  bool Add(ThreadJob& job);
  // Takes the job out unless a thread has taken it already.
  bool Remove(ThreadJob& job);

 private:
  // Whether a thread is there for the jobs that are queued now.
  bool EnsureThread();
  void RunThread();

  const char* const name_;
  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  IntrusiveList<ThreadJob, ThreadJobTag> jobs_;
  size_t queued_ = 0;
  size_t idle_threads_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_THREAD_POOL_H_
