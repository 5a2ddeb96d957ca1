#include "io/driver/epoll_threads.h"

namespace braid {

EpollThreads::EpollThreads(EpollSet& set)
    : set_(set), pool_("files", kThreadsMax) {
  // So that a program with little I/O allocates nothing for it later.
  constexpr size_t kUsual = 64;
  results_.reserve(kUsual);
  taken_.reserve(kUsual);
}

bool EpollThreads::Add(EpollRequest& request) {
  request.threads = this;
  request.on_thread = pool_.Add(request);
  return request.on_thread;
}

bool EpollThreads::Remove(EpollRequest& request) {
  if (!pool_.Remove(request)) return false;
  request.on_thread = false;
  return true;
}

std::span<EpollRequest* const> EpollThreads::TakeResults() {
  taken_.clear();
  std::lock_guard lock(mutex_);
  taken_.swap(results_);
  return taken_;
}

void EpollThreads::GiveBack(EpollRequest& request) {
  std::lock_guard lock(mutex_);
  results_.push_back(&request);
  if (results_.size() == 1) set_.Wake();
}

}  // namespace braid
