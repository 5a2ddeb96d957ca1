#include "io/driver/sim_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace braid {
namespace {

uint16_t PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void SetPort(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

socklen_t SizeOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                       : sizeof(sockaddr_in);
}

// Copies an address that a program has given. False if it is none.
bool TakeAddress(const void* from, socklen_t size, int family,
                 sockaddr_storage& to) {
  if (size < sizeof(sockaddr_in) || size > sizeof(to)) return false;
  memcpy(&to, from, size);
  return to.ss_family == family && SizeOf(to) <= size;
}

template <typename Queue>
void EraseRequest(Queue& queue, const SimRequestPtr& request) {
  std::erase(queue, request);
}

}  // namespace

SimSocket::~SimSocket() { network_.OnLastReference(*this); }

int SimNetwork::SetOption(SimSocket& socket, int level, int name,
                          const void* value, socklen_t size) {
  if (level == SOL_SOCKET && name == SO_LINGER) {
    if (size < sizeof(linger)) return -EINVAL;
    const linger& option = *static_cast<const linger*>(value);
    socket.reset_on_close_ = option.l_onoff != 0 && option.l_linger == 0;
  }
  return 0;  // The others change nothing that can be seen here.
}

int SimNetwork::Bind(SimSocket& socket, const sockaddr* address,
                     socklen_t size) {
  if (socket.bound_) return -EINVAL;
  sockaddr_storage local;
  if (!TakeAddress(address, size, socket.family_, local)) return -EINVAL;
  if (PortOf(local) == 0) {
    while (listeners_.contains(next_port_)) ++next_port_;
    SetPort(local, next_port_++);
  } else if (listeners_.contains(PortOf(local))) {
    return -EADDRINUSE;
  }
  socket.local_ = local;
  socket.bound_ = true;
  return 0;
}

int SimNetwork::Listen(SimSocket& socket, int backlog) {
  if (!socket.bound_ || socket.connected_) return -EINVAL;
  if (!listeners_.try_emplace(PortOf(socket.local_), &socket).second) {
    return -EADDRINUSE;
  }
  socket.listening_ = true;
  socket.backlog_max_ = static_cast<size_t>(std::max(backlog, 1));
  return 0;
}

int SimNetwork::Address(const SimSocket& socket, bool peer, sockaddr* address,
                        socklen_t* size) {
  if (peer && !socket.connected_) return -ENOTCONN;
  const sockaddr_storage& from = peer ? socket.peer_ : socket.local_;
  memcpy(address, &from, std::min(*size, SizeOf(from)));
  *size = SizeOf(from);
  return 0;
}

void SimNetwork::Execute(const SimSocketPtr& socket,
                         const SimRequestPtr& request) {
  switch (request->entry.opcode) {
    case IORING_OP_ACCEPT:
      return Accept(socket, request);
    case IORING_OP_CONNECT:
      return Connect(socket, request);
    case IORING_OP_RECV:
      return Receive(socket, request);
    case IORING_OP_SEND:
    case IORING_OP_SENDMSG:
      return Send(socket, request);
    case IORING_OP_SHUTDOWN:
      return kernel_.Complete(
          *request, Shutdown(*socket, static_cast<int>(request->entry.len)));
    default:
      return kernel_.Complete(*request, -EOPNOTSUPP);
  }
}

// Connecting and accepting. ---------------------------------------------------

void SimNetwork::Accept(const SimSocketPtr& listener,
                        const SimRequestPtr& request) {
  if (!listener->listening_) return kernel_.Complete(*request, -EINVAL);
  if (kernel_.Happens(kernel_.options().interruption))
    return kernel_.Complete(*request, -EINTR);
  request->withdraw = [listener, &request = *request] {
    std::erase_if(listener->accepts_, [&](const SimRequestPtr& waiting) {
      return waiting.get() == &request;
    });
    return -ECANCELED;
  };
  listener->accepts_.push_back(request);
  GiveAccepted(*listener);
}

void SimNetwork::GiveAccepted(SimSocket& listener) {
  while (!listener.accepts_.empty() && !listener.backlog_.empty()) {
    const SimRequestPtr request = listener.accepts_.front();
    const int fd = add_descriptor_(listener.backlog_.front());
    const bool goes_on = fd >= 0 && request->multishot();
    if (fd >= 0) listener.backlog_.pop_front();
    if (!goes_on) listener.accepts_.pop_front();
    kernel_.Complete(*request, fd, goes_on ? IORING_CQE_F_MORE : 0);
    // One that was cancelled meanwhile does not take the place.
    while (!listener.knocking_.empty() &&
           listener.backlog_.size() < listener.backlog_max_) {
      absl::AnyInvocable<void()> enter = std::move(listener.knocking_.front());
      listener.knocking_.pop_front();
      enter();
    }
  }
}

void SimNetwork::Connect(const SimSocketPtr& socket,
                         const SimRequestPtr& request) {
  sockaddr_storage address;
  if (!TakeAddress(reinterpret_cast<const void*>(request->entry.addr),
                   static_cast<socklen_t>(request->entry.off), socket->family_,
                   address)) {
    return kernel_.Complete(*request, -EAFNOSUPPORT);
  }
  if (socket->connected_) return kernel_.Complete(*request, -EISCONN);
  socket->peer_ = address;
  request->withdraw = [] { return -ECANCELED; };
  kernel_.After(kernel_.UpTo(kernel_.options().network_delay_max),
                [this, socket, request, port = PortOf(address)] {
                  Knock(socket, request, port);
                });
}

void SimNetwork::Knock(const SimSocketPtr& socket, const SimRequestPtr& request,
                       uint16_t port) {
  if (request->ended) return;
  const auto found = listeners_.find(port);
  if (found == listeners_.end()) {
    return kernel_.Complete(*request, -ECONNREFUSED);
  }
  SimSocket& listener = *found->second;
  if (listener.backlog_.size() >= listener.backlog_max_) {
    listener.knocking_.push_back(
        [this, socket, request, port] { Knock(socket, request, port); });
    return;
  }
  auto served = std::make_shared<SimSocket>(*this, socket->family_);
  if (!socket->bound_) {
    socket->local_ = socket->peer_;
    SetPort(socket->local_, next_port_++);
  }
  served->local_ = socket->peer_;
  served->peer_ = socket->local_;
  served->other_ = socket;
  socket->other_ = served;
  served->connected_ = socket->connected_ = true;
  listener.backlog_.push_back(served);
  kernel_.Complete(*request, 0);
  if (kernel_.Happens(kernel_.options().reset)) {
    kernel_.After(kernel_.UpTo(kernel_.options().reset_after_max),
                  [this, a = std::weak_ptr(socket), b = std::weak_ptr(served)] {
                    if (const SimSocketPtr end = a.lock()) Reset(*end);
                    if (const SimSocketPtr end = b.lock()) Reset(*end);
                  });
  }
  GiveAccepted(listener);
}

// Receiving. ------------------------------------------------------------------

void SimNetwork::Receive(const SimSocketPtr& socket,
                         const SimRequestPtr& request) {
  if (!socket->connected_) return kernel_.Complete(*request, -ENOTCONN);
  if (kernel_.Happens(kernel_.options().interruption))
    return kernel_.Complete(*request, -EINTR);
  if ((request->entry.flags & IOSQE_BUFFER_SELECT) != 0 &&
      kernel_.Happens(kernel_.options().no_buffers)) {
    return kernel_.Complete(*request, -ENOBUFS);
  }
  request->withdraw = [socket, &request = *request] {
    std::erase_if(socket->receivers_, [&](const SimRequestPtr& waiting) {
      return waiting.get() == &request;
    });
    return -ECANCELED;
  };
  socket->receivers_.push_back(request);
  PumpReceivers(*socket);
}

bool SimNetwork::GiveReceived(SimSocket& socket, SimRequest& request) {
  std::span<uint8_t> memory(reinterpret_cast<uint8_t*>(request.entry.addr),
                            request.entry.len);
  uint32_t flags = 0;
  if ((request.entry.flags & IOSQE_BUFFER_SELECT) != 0) {
    const std::optional<ProvidedBuffers::Buffer> buffer = kernel_.TakeBuffer();
    if (!buffer.has_value()) {
      kernel_.Complete(request, -ENOBUFS);
      return true;
    }
    memory = buffer->memory;
    flags = buffer->cqe_flags;
  }
  const size_t count =
      kernel_.Transferred(std::min(memory.size(), socket.inbox_.size()));
  memcpy(memory.data(), socket.inbox_.data(), count);
  socket.inbox_.erase(0, count);
  request.moved += count;
  const bool limited =
      request.entry.optlen != 0 && request.moved >= request.entry.optlen;
  const bool goes_on = request.multishot() && !limited;
  kernel_.Complete(request, static_cast<int>(count),
                   flags | (goes_on ? IORING_CQE_F_MORE : 0));
  return !goes_on;
}

void SimNetwork::PumpReceivers(SimSocket& socket) {
  while (!socket.receivers_.empty()) {
    const SimRequestPtr request = socket.receivers_.front();
    bool ended = true;
    if (socket.error_ != 0) {
      kernel_.Complete(*request, -std::exchange(socket.error_, 0));
    } else if (!socket.inbox_.empty()) {
      ended = GiveReceived(socket, *request);
    } else if (socket.inbox_ended_) {
      kernel_.Complete(*request, 0);
    } else {
      break;
    }
    if (ended) EraseRequest(socket.receivers_, request);
  }
  // There may be room for more now.
  if (const SimSocketPtr other = socket.other_.lock()) PumpSenders(*other);
}

// Sending. --------------------------------------------------------------------

void SimNetwork::Send(const SimSocketPtr& socket,
                      const SimRequestPtr& request) {
  if (kernel_.Happens(kernel_.options().interruption))
    return kernel_.Complete(*request, -EINTR);
  SimSocket::Sender sender{.request = request};
  const io_uring_sqe& entry = request->entry;
  if (entry.opcode == IORING_OP_SENDMSG) {
    const msghdr& message = *reinterpret_cast<const msghdr*>(entry.addr);
    for (const iovec& part : std::span(message.msg_iov, message.msg_iovlen)) {
      if (part.iov_len > 0) {
        sender.parts.emplace_back(static_cast<const uint8_t*>(part.iov_base),
                                  part.iov_len);
      }
    }
  } else if (entry.len > 0) {
    sender.parts.emplace_back(reinterpret_cast<const uint8_t*>(entry.addr),
                              entry.len);
  }
  size_t size = 0;
  for (const auto& part : sender.parts) size += part.size();
  sender.limit = kernel_.Transferred(size);
  request->withdraw = [socket, &request = *request] {
    std::erase_if(socket->senders_, [&](const SimSocket::Sender& waiting) {
      return waiting.request.get() == &request;
    });
    // What has gone out has gone out.
    return request.moved > 0 ? static_cast<int>(request.moved) : -ECANCELED;
  };
  socket->senders_.push_back(std::move(sender));
  PumpSenders(*socket);
}

void SimNetwork::PumpSenders(SimSocket& socket) {
  while (!socket.senders_.empty()) {
    SimSocket::Sender& sender = socket.senders_.front();
    const SimRequestPtr request = sender.request;
    const SimSocketPtr other = socket.other_.lock();
    int error = 0;
    if (!socket.connected_ || socket.write_ended_) {
      error = EPIPE;
    } else if (socket.error_ != 0) {
      error = std::exchange(socket.error_, 0);
    } else if (socket.reset_) {
      error = EPIPE;
    }
    if (error != 0) {
      socket.senders_.pop_front();
      kernel_.Complete(*request, request->moved > 0
                                     ? static_cast<int>(request->moved)
                                     : -error);
      continue;
    }
    const size_t held =
        socket.in_flight_ + (other == nullptr ? 0 : other->inbox_.size());
    const size_t room = kernel_.options().socket_buffer_bytes -
                        std::min(kernel_.options().socket_buffer_bytes, held);
    const size_t count =
        std::min<uint64_t>(room, sender.limit - request->moved);
    if (count > 0) Transmit(socket, sender, count);
    const bool whole = request->moved == sender.limit;
    const bool enough =
        request->moved > 0 && (request->entry.msg_flags & MSG_WAITALL) == 0;
    if (!whole && !enough) return;
    socket.senders_.pop_front();
    kernel_.Complete(*request, static_cast<int>(request->moved));
  }
}

void SimNetwork::Transmit(SimSocket& socket, SimSocket::Sender& sender,
                          size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    std::span<const uint8_t>& part = sender.parts.front();
    const size_t taken = std::min(part.size(), count - bytes.size());
    bytes.append(reinterpret_cast<const char*>(part.data()), taken);
    part = part.subspan(taken);
    if (part.empty()) sender.parts.erase(sender.parts.begin());
  }
  sender.request->moved += count;
  socket.in_flight_ += count;
  ToOther(socket, [this, self = socket.weak_from_this(),
                   bytes = std::move(bytes)](const SimSocketPtr& other) {
    const SimSocketPtr sent_by = self.lock();
    if (sent_by != nullptr) sent_by->in_flight_ -= bytes.size();
    if (other == nullptr || other->reset_) {
      // Nobody is there any more, and the sender is told so.
      if (sent_by != nullptr) Reset(*sent_by);
      return;
    }
    other->inbox_ += bytes;
    PumpReceivers(*other);
  });
}

void SimNetwork::ToOther(SimSocket& socket,
                         absl::AnyInvocable<void(const SimSocketPtr&)> arrive) {
  socket.last_arrival_ = std::max(
      socket.last_arrival_ + 1,
      kernel_.Now() + kernel_.UpTo(kernel_.options().network_delay_max));
  kernel_.At(socket.last_arrival_,
             [other = socket.other_, arrive = std::move(arrive)]() mutable {
               arrive(other.lock());
             });
}

// Ending. ---------------------------------------------------------------------

int SimNetwork::Shutdown(SimSocket& socket, int how) {
  if (!socket.connected_ || socket.reset_) return -ENOTCONN;
  if (how == SHUT_RD || how == SHUT_RDWR) {
    socket.inbox_ended_ = true;
    PumpReceivers(socket);
  }
  if (how == SHUT_WR || how == SHUT_RDWR) SendEnd(socket);
  return 0;
}

void SimNetwork::SendEnd(SimSocket& socket) {
  if (std::exchange(socket.write_ended_, true)) return;
  ToOther(socket, [this](const SimSocketPtr& other) {
    if (other == nullptr || other->reset_) return;
    other->inbox_ended_ = true;
    PumpReceivers(*other);
  });
}

void SimNetwork::Reset(SimSocket& socket) {
  if (std::exchange(socket.reset_, true)) return;
  // Told to whoever asks first, as Linux does it; what is read after that finds
  // the end of the stream.
  socket.error_ = ECONNRESET;
  socket.inbox_.clear();
  socket.inbox_ended_ = true;
  PumpReceivers(socket);
  PumpSenders(socket);
}

void SimNetwork::OnLastReference(SimSocket& socket) {
  if (socket.listening_) {
    listeners_.erase(PortOf(socket.local_));
    // Connections that nobody has accepted are reset.
    for (const SimSocketPtr& waiting : socket.backlog_)
      waiting->reset_on_close_ = true;
    // Who waited finds nobody there.
    for (absl::AnyInvocable<void()>& knock : socket.knocking_) {
      kernel_.After(0, std::move(knock));
    }
    return;
  }
  if (!socket.connected_ || socket.reset_) return;
  if (socket.reset_on_close_ || !socket.inbox_.empty()) {
    ToOther(socket, [this](const SimSocketPtr& other) {
      if (other != nullptr) Reset(*other);
    });
  } else {
    SendEnd(socket);
  }
}

}  // namespace braid
