#include "io/http/client_pool.h"

#include <algorithm>

#include "absl/log/check.h"

namespace braid {

void HttpClientPool::Slot::Release(absl::Duration keep) {
  if (pool_ == nullptr) return;
  std::exchange(pool_, nullptr)->Return(*origin_, std::move(connection), keep);
}

void HttpClientPool::Acquiring::await_suspend(std::coroutine_handle<> handle) {
  Suspend(handle);
  origin_.waiters.Add(*this);
  if (!origin_.linked()) pool_.waiting_.PushBack(origin_);
}

absl::StatusOr<HttpClientPool::Slot> HttpClientPool::Acquiring::await_resume() {
  if (absl::Status status = Finish(); !status.ok()) return status;
  return std::move(slot_);
}

HttpClientPool::HttpClientPool(Loop& loop, const HttpClientOptions& options)
    : LazyTimer(loop.executor().timers(),
                [](LazyTimer& timer) {
                  static_cast<HttpClientPool&>(timer).CloseExpired();
                }),
      loop_(loop),
      options_(options) {}

HttpClientPool::~HttpClientPool() {
  CHECK_EQ(size_, idle_) << "an HttpClient was destroyed before its responses";
  while (!waiting_.empty()) waiting_.front().Unlink();  // All were cancelled.
}

HttpClientPool::Acquiring HttpClientPool::Acquire(std::string_view name,
                                                  Reuse reuse) {
  if (origins_.size() >= forget_at_) ForgetUnused();
  std::unique_ptr<Origin>& origin = origins_[name];
  if (origin == nullptr) origin = std::make_unique<Origin>(name);
  return Acquiring(*this, *origin, reuse);
}

bool HttpClientPool::TryTake(Origin& origin, Reuse reuse, Slot& slot) {
  while (reuse == Reuse::kYes && !origin.idle.empty()) {
    // The one that was used last: the others may grow old and be closed.
    std::unique_ptr<HttpClientConnection> last = std::move(origin.idle.back());
    origin.idle.pop_back();
    --idle_;
    if (!last->stream.readable() && last->idle_until > loop_.clock().Now()) {
      slot.connection = std::move(last);
      slot.pool_ = this;
      slot.origin_ = &origin;
      return true;
    }
    --origin.slots;
    --size_;
  }
  if (origin.slots >= options_.max_connections_per_origin) {
    if (origin.idle.empty()) return false;
    DropIdle(origin, 0);
  }
  if (size_ >= options_.max_connections) CloseOneIdle();
  if (size_ >= options_.max_connections) return false;
  ++origin.slots;
  ++size_;
  slot.pool_ = this;
  slot.origin_ = &origin;
  return true;
}

void HttpClientPool::Return(Origin& origin,
                            std::unique_ptr<HttpClientConnection> connection,
                            absl::Duration keep) {
  if (connection != nullptr && keep > absl::ZeroDuration()) {
    connection->was_used = true;
    connection->idle_until = DeadlineAfter(loop_.clock().Now(), keep);
    WakeBy(connection->idle_until);
    origin.idle.push_back(std::move(connection));
    ++idle_;
  } else {
    connection.reset();
    --origin.slots;
    --size_;
  }
  ServeWaiters();
}

void HttpClientPool::ServeWaiters() {
  // Each origin is looked at once; those that get something stand behind the
  // others for the next.
  Origin* first_refused = nullptr;
  while (!waiting_.empty()) {
    Origin& origin = waiting_.front();
    if (&origin == first_refused) return;
    origin.Unlink();
    if (origin.waiters.empty()) continue;  // They were served or cancelled.
    auto& waiter = static_cast<Acquiring&>(origin.waiters.front());
    if (TryTake(origin, waiter.reuse_, waiter.slot_)) {
      origin.waiters.WakeFront();
      first_refused = nullptr;
    } else if (first_refused == nullptr) {
      first_refused = &origin;
    }
    waiting_.PushBack(origin);
  }
}

void HttpClientPool::DropIdle(Origin& origin, size_t index) {
  origin.idle.erase(origin.idle.begin() + static_cast<ptrdiff_t>(index));
  --idle_;
  --origin.slots;
  --size_;
}

void HttpClientPool::CloseOneIdle() {
  for (auto& [name, origin] : origins_) {
    if (origin->idle.empty()) continue;
    DropIdle(*origin, 0);
    return;
  }
}

void HttpClientPool::CloseExpired() {
  const MonotonicNanos now = loop_.clock().Now();
  MonotonicNanos next = kNever;
  for (auto& [name, origin] : origins_) {
    for (size_t i = origin->idle.size(); i-- > 0;) {
      HttpClientConnection& connection = *origin->idle[i];
      if (connection.idle_until <= now || connection.stream.readable()) {
        DropIdle(*origin, i);
      } else {
        next = std::min(next, connection.idle_until);
      }
    }
  }
  WakeBy(next);
  ServeWaiters();
}

void HttpClientPool::ForgetUnused() {
  absl::erase_if(origins_, [](const auto& entry) {
    const Origin& origin = *entry.second;
    return origin.slots == 0 && origin.waiters.empty() && !origin.linked();
  });
  forget_at_ = std::max(kOriginsMin, 2 * origins_.size());
}

}  // namespace braid
