#ifndef BRAID_IO_DRIVER_SIM_NETWORK_H_
#define BRAID_IO_DRIVER_SIM_NETWORK_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "io/driver/sim_kernel.h"

namespace braid {

class SimNetwork;

// A TCP socket of the simulated machine. Its descriptor owns it, as do the
// requests that wait in it; when the last of them has gone, the connection is
// closed.
class SimSocket : public std::enable_shared_from_this<SimSocket> {
 public:
  SimSocket(SimNetwork& network, int family)
      : network_(network), family_(family) {}
  ~SimSocket();

 private:
  friend class SimNetwork;

  struct Sender {
    SimRequestPtr request;
    std::vector<std::span<const uint8_t>> parts;  // What is left of them.
    uint64_t limit = 0;                           // Bytes after which it ends.
  };

  SimNetwork& network_;
  const int family_;
  sockaddr_storage local_{};
  sockaddr_storage peer_{};
  bool bound_ = false;

  // Listening.
  bool listening_ = false;
  size_t backlog_max_ = 0;
  std::deque<std::shared_ptr<SimSocket>> backlog_;
  std::deque<SimRequestPtr> accepts_;
  // Who waits for room in the backlog.
  std::deque<absl::AnyInvocable<void()>> knocking_;

  // Connected.
  bool connected_ = false;
  std::weak_ptr<SimSocket> other_;
  int error_ = 0;       // ECONNRESET, to be told once.
  bool reset_ = false;  // No byte goes through any more.
  bool reset_on_close_ = false;
  std::string inbox_;
  bool inbox_ended_ = false;
  bool write_ended_ = false;
  std::deque<SimRequestPtr> receivers_;
  std::deque<Sender> senders_;
  size_t in_flight_ = 0;  // Bytes on their way to the other end.
  MonotonicNanos last_arrival_ = 0;
};
using SimSocketPtr = std::shared_ptr<SimSocket>;

// TCP between the sockets of one simulated machine: listeners with a backlog,
// streams with a bounded buffer and a delay, half-closed and reset connections.
// Addresses are IPv4 and IPv6; every address of the machine is its own.
class SimNetwork {
 public:
  // `add_descriptor` gives an accepted socket its descriptor, or a negative
  // errno.
  SimNetwork(SimKernel& kernel,
             absl::AnyInvocable<int(SimSocketPtr)> add_descriptor)
      : kernel_(kernel), add_descriptor_(std::move(add_descriptor)) {}
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  // System calls, with negative errnos.
  int SetOption(SimSocket& socket, int level, int name, const void* value,
                socklen_t size);
  int Bind(SimSocket& socket, const sockaddr* address, socklen_t size);
  int Listen(SimSocket& socket, int backlog);
  static int Address(const SimSocket& socket, bool peer, sockaddr* address,
                     socklen_t* size);

  // Executes a request about `socket`; -EOPNOTSUPP completes one that is not
  // for sockets.
  void Execute(const SimSocketPtr& socket, const SimRequestPtr& request);

 private:
  friend class SimSocket;

  void Accept(const SimSocketPtr& listener, const SimRequestPtr& request);
  void GiveAccepted(SimSocket& listener);
  void Connect(const SimSocketPtr& socket, const SimRequestPtr& request);
  void Knock(const SimSocketPtr& socket, const SimRequestPtr& request,
             uint16_t port);
  void Receive(const SimSocketPtr& socket, const SimRequestPtr& request);
  // Whether the receiver at the front has ended.
  bool GiveReceived(SimSocket& socket, SimRequest& request);
  void PumpReceivers(SimSocket& socket);
  void Send(const SimSocketPtr& socket, const SimRequestPtr& request);
  void PumpSenders(SimSocket& socket);
  void Transmit(SimSocket& socket, SimSocket::Sender& sender, size_t count);
  int Shutdown(SimSocket& socket, int how);
  void SendEnd(SimSocket& socket);
  void Reset(SimSocket& socket);
  // What is on its way to `socket`'s other end gets there in order.
  void ToOther(SimSocket& socket,
               absl::AnyInvocable<void(const SimSocketPtr&)> arrive);
  void OnLastReference(SimSocket& socket);

  SimKernel& kernel_;
  absl::AnyInvocable<int(SimSocketPtr)> add_descriptor_;
  // By port. Sockets of the same port but different addresses are not told
  // apart.
  absl::flat_hash_map<uint16_t, SimSocket*> listeners_;
  uint16_t next_port_ = 49152;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_NETWORK_H_
