#include "io/dns_channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "absl/log/check.h"
#include "absl/strings/str_join.h"
#include "io/dns_status.h"
#include "io/resolver.h"

namespace braid {

// One poll of a socket at a time. It ends with the first event and is armed
// again when c-ares has read and still waits.
class DnsChannel::Poll final : public Operation {
 public:
  Poll(DnsChannel& channel, int fd)
      : Operation(&Poll::OnCompleted), channel_(channel), fd_(fd) {}

  int fd() const { return fd_; }

  // The events (POLLIN, POLLOUT) that c-ares waits for.
  void Want(uint32_t events) { wanted_ = events; }

  // Makes what is in flight fit what is wanted.
  void Update() {
    if (in_flight()) {
      if (armed_ != wanted_) RequestCancel(channel_.loop_);
      return;
    }
    if (wanted_ == 0) return;
    armed_ = wanted_;
    io_uring_sqe* sqe = channel_.loop_.NextSqe();
    io_uring_prep_poll_add(sqe, fd_, armed_);
    Submit(channel_.loop_, sqe);
  }

  // What has happened since the last call.
  ares_fd_events_t TakeEvents() {
    ares_fd_events_t events{.fd = fd_, .events = ARES_FD_EVENT_NONE};
    // Errors are found by reading, or by sending where that is what waits.
    constexpr uint32_t kFailed = POLLERR | POLLHUP | POLLNVAL;
    if ((happened_ & (POLLIN | kFailed)) != 0)
      events.events |= ARES_FD_EVENT_READ;
    if ((happened_ & POLLOUT) != 0) events.events |= ARES_FD_EVENT_WRITE;
    happened_ = 0;
    return events;
  }

 private:
  static void OnCompleted(Operation& operation, const io_uring_cqe& cqe) {
    auto& self = static_cast<Poll&>(operation);
    if (cqe.res >= 0) {
      self.happened_ |= static_cast<uint32_t>(cqe.res);
    } else if (cqe.res != -ECANCELED) {
      // Short of memory, or a descriptor that cannot be polled: c-ares finds
      // out what is wrong with it.
      self.happened_ |= POLLERR;
    }
    self.channel_.OnPolled(self);  // May free it: nothing may follow.
  }

  DnsChannel& channel_;
  const int fd_;
  uint32_t wanted_ = 0;
  uint32_t armed_ = 0;
  uint32_t happened_ = 0;
};

namespace {

// c-ares' functions answer as the system's do: -1 and errno.
template <typename Result>
Result OrErrno(Result result) {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace

const ares_socket_functions_ex DnsChannel::kSocketFunctions = {
    .version = 1,
    .flags = ARES_SOCKFUNC_FLAG_NONBLOCKING,
    .asocket = &DnsChannel::OpenSocket,
    .aclose = &DnsChannel::CloseSocket,
    .asetsockopt =
        [](ares_socket_t, ares_socket_opt_t, const void*, ares_socklen_t,
           void*) {
          errno = ENOSYS;  // Not needed, which c-ares takes for an answer.
          return -1;
        },
    .aconnect = [](ares_socket_t fd, const sockaddr* address,
                   ares_socklen_t size, unsigned int,
                   void*) -> int { return connect(fd, address, size); },
    .arecvfrom = [](ares_socket_t fd, void* buffer, size_t size, int flags,
                    sockaddr* address, ares_socklen_t* address_size,
                    void*) -> ares_ssize_t {
      return recvfrom(fd, buffer, size, flags, address, address_size);
    },
    .asendto = [](ares_socket_t fd, const void* bytes, size_t size, int flags,
                  const sockaddr* address, ares_socklen_t address_size,
                  void*) -> ares_ssize_t {
      return sendto(fd, bytes, size, flags | MSG_NOSIGNAL, address,
                    address_size);
    },
    .agetsockname = [](ares_socket_t fd, sockaddr* address,
                       ares_socklen_t* size, void* channel) -> int {
      return OrErrno(static_cast<DnsChannel*>(channel)
                         ->loop_.driver()
                         .calls()
                         .LocalAddress(fd, address, size));
    },
    .abind = nullptr,
    .aif_nametoindex = nullptr,
    .aif_indextoname = nullptr,
};

ares_socket_t DnsChannel::OpenSocket(int family, int type, int, void* channel) {
  auto& self = *static_cast<DnsChannel*>(channel);
  return OrErrno(self.loop_.driver().calls().Socket(
      family, type | SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int DnsChannel::CloseSocket(ares_socket_t fd, void* channel) {
  static_cast<DnsChannel*>(channel)->loop_.CloseLater(fd);
  return 0;
}

DnsChannel::DnsChannel(Loop& loop)
    : TimerNode(&DnsChannel::OnTimer), loop_(loop) {}

DnsChannel::~DnsChannel() { DCHECK(ares_ == nullptr && polls_.empty()); }

absl::StatusOr<DnsChannel::Handle> DnsChannel::Make(
    Loop& loop, const ResolverOptions& options) {
  SystemCalls& calls = loop.driver().calls();
  const int probe = calls.Socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC);
  if (probe == -EPROTONOSUPPORT) {
    return absl::UnimplementedError(
        "this machine has no datagram sockets, which asking the DNS needs");
  }
  if (probe >= 0) calls.Close(probe);
  Handle channel(new DnsChannel(loop));
  if (absl::Status status = channel->Start(options); !status.ok())
    return status;
  return channel;
}

absl::Status DnsChannel::Start(const ResolverOptions& options) {
  std::string hosts_path = options.hosts_path;
  std::string resolv_conf_path = options.resolv_conf_path;
  ares_options set{};
  set.sock_state_cb = [](void* channel, ares_socket_t fd, int readable,
                         int writable) {
    static_cast<DnsChannel*>(channel)->OnSocketState(fd, readable != 0,
                                                     writable != 0);
  };
  set.sock_state_cb_data = this;
  set.timeout = static_cast<int>(std::clamp<int64_t>(
      absl::ToInt64Milliseconds(options.timeout), 1, INT32_MAX));
  set.tries = options.tries;
  set.hosts_path = hosts_path.data();
  set.resolvconf_path = resolv_conf_path.data();
  set.qcache_max_ttl = static_cast<unsigned>(std::clamp<int64_t>(
      absl::ToInt64Seconds(options.cache_ttl_max), 0, INT32_MAX));
  constexpr int kSet = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS |
                       ARES_OPT_TRIES | ARES_OPT_HOSTS_FILE |
                       ARES_OPT_RESOLVCONF | ARES_OPT_QUERY_CACHE;
  if (const int error = ares_init_options(&ares_, &set, kSet);
      error != ARES_SUCCESS) {
    return DnsStatus(error, "ares_init", options.resolv_conf_path);
  }
  CHECK_EQ(ares_set_socket_functions_ex(ares_, &kSocketFunctions, this),
           ARES_SUCCESS);
  return absl::OkStatus();
}

void DnsChannel::Abandon() {
  std::unique_ptr<DnsChannel> self(this);
  CHECK_EQ(waiting_, 0u) << "a Resolver ended while a task waits for it";
  // Answers what is left, which nobody waits for, and closes the sockets, so
  // that each poll is cancelled.
  if (ares_ != nullptr) ares_destroy(std::exchange(ares_, nullptr));
  DCHECK(polls_.empty());
  loop_.executor().timers().Remove(*this);
  if (DeferredNode::linked()) DeferredNode::Unlink();
  if (!ending_.empty()) self_ = std::move(self);
}

void DnsChannel::OnSocketState(int fd, bool readable, bool writable) {
  if (!readable && !writable) {
    // The socket is about to be closed.
    const auto found = polls_.find(fd);
    if (found == polls_.end()) return;
    std::unique_ptr<Poll> poll = std::move(found->second);
    polls_.erase(found);
    if (!poll->in_flight()) return;
    poll->RequestCancel(loop_);
    ending_.push_back(std::move(poll));
    return;
  }
  std::unique_ptr<Poll>& poll = polls_[fd];
  if (poll == nullptr) poll = std::make_unique<Poll>(*this, fd);
  poll->Want((readable ? POLLIN : 0u) | (writable ? POLLOUT : 0u));
  loop_.Defer(*this);
}

void DnsChannel::OnPolled(Poll& poll) {
  const auto found = polls_.find(poll.fd());
  if (found != polls_.end() && found->second.get() == &poll) {
    loop_.Defer(*this);
    return;
  }
  std::erase_if(ending_, [&](const std::unique_ptr<Poll>& ending) {
    return ending.get() == &poll;
  });
  if (ending_.empty()) self_.reset();  // Nothing may follow.
}

void DnsChannel::OnTimer(TimerNode& timer) {
  auto& self = static_cast<DnsChannel&>(timer);
  self.timer_fired_ = true;
  self.loop_.Defer(self);
}

void DnsChannel::RunDeferred() {
  std::vector<ares_fd_events_t> events;
  for (const auto& [fd, poll] : polls_) {
    const ares_fd_events_t happened = poll->TakeEvents();
    if (happened.events != ARES_FD_EVENT_NONE) events.push_back(happened);
  }
  if (!events.empty() || std::exchange(timer_fired_, false)) {
    timer_fired_ = false;
    // Out of memory is all that can go wrong, and then it is asked again when
    // the timer has fired.
    ares_process_fds(ares_, events.data(), events.size(),
                     ARES_PROCESS_FLAG_NONE);
  }
  for (const auto& [fd, poll] : polls_) poll->Update();
  SetTimer();
}

void DnsChannel::SetTimer() {
  TimerQueue& timers = loop_.executor().timers();
  timers.Remove(*this);
  timeval left{};
  if (ares_timeout(ares_, nullptr, &left) == nullptr) return;
  // c-ares looks at the time in whole microseconds.
  const absl::Duration delay =
      absl::DurationFromTimeval(left) + absl::Microseconds(1);
  timers.Add(*this, DeadlineAfter(loop_.clock().Now(), delay));
}

}  // namespace braid
