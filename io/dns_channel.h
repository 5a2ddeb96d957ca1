#ifndef BRAID_IO_DNS_CHANNEL_H_
#define BRAID_IO_DNS_CHANNEL_H_

#include <ares.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/timer_queue.h"
#include "async/waiter.h"
#include "io/loop.h"
#include "io/operation.h"

namespace braid {

struct ResolverOptions;

// c-ares on a loop: the engine of Resolver (resolver.h), which is what to use.
//
// c-ares writes and reads its sockets by itself, without waiting. What it does
// not do is to wait: it says which sockets it wants to hear of, and until when.
// Here a socket that it waits for has a poll in the ring, and the earliest of
// its deadlines is a timer of the loop. Both only note what has happened;
// c-ares is called with all of it at the end of the turn, when operations may
// be submitted. Its calls wake the tasks that asked.
//
// Sockets are opened by the driver and closed through the ring, behind the
// cancellation of their polls.
//
// Lifetime: as a StreamSocket, it outlives its handle until the kernel has
// answered the last poll.
class DnsChannel final : private TimerNode, private DeferredNode {
 public:
  struct Abandoner {
    void operator()(DnsChannel* channel) const { channel->Abandon(); }
  };
  using Handle = std::unique_ptr<DnsChannel, Abandoner>;

  // Reads the system's configuration. Errors: UnimplementedError on a machine
  // without datagram sockets (a simulated one); a DnsStatus of what c-ares
  // does not like.
  static absl::StatusOr<Handle> Make(Loop& loop,
                                     const ResolverOptions& options);

  ares_channel_t* ares() { return ares_; }
  // To be called when c-ares was asked something from outside its callbacks.
  void Asked() { loop_.Defer(*this); }

  // Tasks that wait for an answer; for a CHECK.
  void NoteWaiting() { ++waiting_; }
  void NoteAnswered() { --waiting_; }

 private:
  class Poll;
  friend class Poll;
  friend std::default_delete<DnsChannel>;

  explicit DnsChannel(Loop& loop);
  ~DnsChannel();

  absl::Status Start(const ResolverOptions& options);
  void Abandon();

  void OnSocketState(int fd, bool readable, bool writable);
  void OnPolled(Poll& poll);
  void RunDeferred() override;
  static void OnTimer(TimerNode& timer);
  void SetTimer();

  // What c-ares calls instead of the system.
  static const ares_socket_functions_ex kSocketFunctions;
  static ares_socket_t OpenSocket(int family, int type, int protocol,
                                  void* channel);
  static int CloseSocket(ares_socket_t fd, void* channel);

  Loop& loop_;
  ares_channel_t* ares_ = nullptr;
  size_t waiting_ = 0;
  bool timer_fired_ = false;
  // By descriptor: the sockets that c-ares waits for.
  absl::flat_hash_map<int, std::unique_ptr<Poll>> polls_;
  // Cancelled polls of sockets that it has closed.
  std::vector<std::unique_ptr<Poll>> ending_;
  std::unique_ptr<DnsChannel> self_;  // While abandoned.
};

// What c-ares holds of one question until it has answered, and the awaiter that
// it belongs to. c-ares cannot take a single question back, so a wait that is
// cancelled leaves its ticket behind, and the answer then comes to nobody.
template <typename T>
class DnsTicket {
 public:
  class Owner : public Waiter {
   public:
    // An answer, or CancelledError.
    absl::StatusOr<T> await_resume() {
      Detach();
      if (absl::Status status = Finish(); !status.ok()) return status;
      return std::move(result_);
    }

   protected:
    Owner(DnsChannel& channel, const char* name)
        : Waiter(name), channel_(channel) {}
    ~Owner() { Detach(); }

    // The argument for c-ares' callback.
    void* NewTicket() {
      ticket_ = new DnsTicket(*this);
      channel_.NoteWaiting();
      return ticket_;
    }
    bool answered() const { return ticket_ == nullptr; }

    DnsChannel& channel_;

   private:
    friend class DnsTicket;

    void Detach() {
      if (ticket_ == nullptr) return;
      std::exchange(ticket_, nullptr)->owner_ = nullptr;
      channel_.NoteAnswered();
    }
    void Take(absl::StatusOr<T> result) {
      ticket_ = nullptr;
      channel_.NoteAnswered();
      result_ = std::move(result);
      if (suspended() && !was_cancelled()) Wake();
    }

    DnsTicket* ticket_ = nullptr;
    absl::StatusOr<T> result_;
  };

  // To be called once, by c-ares' callback.
  static void Give(void* ticket, absl::StatusOr<T> result) {
    const std::unique_ptr<DnsTicket> self(static_cast<DnsTicket*>(ticket));
    if (self->owner_ != nullptr) self->owner_->Take(std::move(result));
  }

 private:
  explicit DnsTicket(Owner& owner) : owner_(&owner) {}
  Owner* owner_;  // Null when nobody waits any more.
};

// The awaiter of one question, made by AskDns().
template <typename T, typename Ask>
class [[nodiscard]] DnsAnswer final : public DnsTicket<T>::Owner {
 public:
  DnsAnswer(DnsChannel& channel, const char* name, Ask ask)
      : DnsTicket<T>::Owner(channel, name), ask_(std::move(ask)) {}

  bool await_ready() {
    if (this->CancelledBeforeStart()) return true;
    ask_(this->channel_.ares(), this->NewTicket());
    this->channel_.Asked();
    return this->answered();  // Known without asking a server.
  }
  void await_suspend(std::coroutine_handle<> handle) { this->Suspend(handle); }

 private:
  Ask ask_;
};

// Asks c-ares and waits for a T. `ask(ares, ticket)` puts the question, within
// the await; `ticket` is the argument for the callback, which gives it to
// DnsTicket<T>::Give(). `name` stands in the task tree: a literal.
//
//   co_await AskDns<Names>(channel, "ares_gethostbyaddr",
//                          [&](ares_channel_t* ares, void* ticket) {
//                            ares_gethostbyaddr(ares, …, &OnHost, ticket);
//                          });
template <typename T, typename Ask>
DnsAnswer<T, Ask> AskDns(DnsChannel& channel, const char* name, Ask ask) {
  return DnsAnswer<T, Ask>(channel, name, std::move(ask));
}

}  // namespace braid

#endif  // BRAID_IO_DNS_CHANNEL_H_
