#ifndef BRAID_IO_HTTP_CLIENT_POOL_H_
#define BRAID_IO_HTTP_CLIENT_POOL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "async/clock.h"
#include "async/intrusive_list.h"
#include "async/waiter.h"
#include "io/http/client_options.h"
#include "io/http/lazy_timer.h"
#include "io/http/response_parser.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {

// One connection of an HttpClient.
struct HttpClientConnection {
  HttpClientConnection(TcpStream connected, const HttpMessageLimits& limits)
      : stream(std::move(connected)), parser(limits) {}

  TcpStream stream;
  HttpResponseParser parser;
  bool was_used = false;          // For a request before this one.
  MonotonicNanos idle_until = 0;  // While it is in the pool.
};

// The connections of an HttpClient: how many there may be, and those that wait
// for their next request.
//
//   CO_ASSIGN_OR_RETURN(HttpClientPool::Slot slot,
//                       co_await pool.Acquire("host:80", Reuse::kYes));
//   if (slot.connection == nullptr) slot.connection = ...connect...;
//   std::move(slot).Release(reusable_for);
//
// A slot is the right to have one connection, with an idle one in it if there
// was any. Order: first come, first served for each origin; origins that wait
// for a connection of anybody's get it in turn. When all connections are taken,
// idle ones of other origins are closed for those who wait.
// An idle connection on which something comes (the peer has closed it, or talks
// out of turn) is not given out. Lifetime: outlives its slots, which the
// destructor checks. Thread: the loop's.
class HttpClientPool : private LazyTimer {
 private:
  struct Origin;

 public:
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : connection(std::move(other.connection)),
          pool_(std::exchange(other.pool_, nullptr)),
          origin_(other.origin_) {}
    Slot& operator=(Slot&& other) noexcept {
      Slot old(std::move(*this));
      connection = std::move(other.connection);
      pool_ = std::exchange(other.pool_, nullptr);
      origin_ = other.origin_;
      return *this;
    }
    // Closes the connection, if it still has it.
    ~Slot() { Release(absl::ZeroDuration()); }

    bool held() const { return pool_ != nullptr; }
    // Gives the connection back, to be kept for that long; zero closes it.
    void Release(absl::Duration keep);

    std::unique_ptr<HttpClientConnection> connection;

   private:
    friend class HttpClientPool;
    HttpClientPool* pool_ = nullptr;
    Origin* origin_ = nullptr;
  };

  // Whether a connection that was used before may be given.
  enum class Reuse : bool { kNo, kYes };

  class Acquiring;

  // `options` must outlive it.
  HttpClientPool(Loop& loop, const HttpClientOptions& options);
  ~HttpClientPool();
  HttpClientPool(const HttpClientPool&) = delete;
  HttpClientPool& operator=(const HttpClientPool&) = delete;

  // Waits for a slot: gives a StatusOr<Slot>. Cancellation: CancelledError, and
  // the next in line gets it.
  Acquiring Acquire(std::string_view origin, Reuse reuse);

  // Connections, and how many of them are idle.
  int size() const { return size_; }
  int idle() const { return idle_; }

 private:
  static constexpr size_t kOriginsMin = 64;

  struct Origin : public braid::ListNode<struct HttpOriginTag> {
    explicit Origin(std::string_view origin) : name(origin) {}
    const std::string name;
    int slots = 0;  // Idle ones included.
    std::vector<std::unique_ptr<HttpClientConnection>> idle;  // Oldest first.
    WaiterQueue waiters;
  };

  // Gives a slot, or none if there is no room.
  bool TryTake(Origin& origin, Reuse reuse, Slot& slot);
  // A slot's end; `connection` may be null.
  void Return(Origin& origin, std::unique_ptr<HttpClientConnection> connection,
              absl::Duration keep);
  // Gives slots to whoever waits and may have one now.
  void ServeWaiters();
  void CloseOneIdle();
  void CloseExpired();
  void DropIdle(Origin& origin, size_t index);
  // Forgets the origins that nobody uses, once there are many.
  void ForgetUnused();

  Loop& loop_;
  const HttpClientOptions& options_;
  absl::flat_hash_map<std::string, std::unique_ptr<Origin>> origins_;
  size_t forget_at_ = kOriginsMin;  // So many origins.
  // Those with waiters, the one that is next first.
  IntrusiveList<Origin, HttpOriginTag> waiting_;
  int size_ = 0;
  int idle_ = 0;
};

class [[nodiscard]] HttpClientPool::Acquiring final : public Waiter {
 public:
  Acquiring(HttpClientPool& pool, Origin& origin, Reuse reuse)
      : Waiter("HttpClientPool::Acquire"),
        pool_(pool),
        origin_(origin),
        reuse_(reuse) {}
  bool await_ready() {
    return CancelledBeforeStart() || pool_.TryTake(origin_, reuse_, slot_);
  }
  void await_suspend(std::coroutine_handle<> handle);
  absl::StatusOr<Slot> await_resume();

 private:
  friend class HttpClientPool;

  HttpClientPool& pool_;
  Origin& origin_;
  const Reuse reuse_;
  Slot slot_;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_POOL_H_
