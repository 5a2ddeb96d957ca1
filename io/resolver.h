#ifndef BRAID_IO_RESOLVER_H_
#define BRAID_IO_RESOLVER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/dns_records.h"
#include "io/dns_status.h"
#include "io/loop.h"
#include "io/socket_address.h"

namespace braid {

class DnsChannel;

struct ResolverOptions {
  // Whom to ask, with ports (53 as a rule). Empty: those of the system's
  // configuration.
  std::vector<SocketAddress> servers;
  // How long a server has to answer the first time; it doubles with every
  // round of the servers. At least c-ares' minimum, a quarter of a second.
  absl::Duration timeout = absl::Seconds(2);
  // How often each server is asked.
  int tries = 3;
  // How long an answer is used again at most, within the time that it is
  // valid for. Zero: every call asks a server.
  absl::Duration cache_ttl_max = absl::ZeroDuration();
  std::string hosts_path = "/etc/hosts";
  std::string resolv_conf_path = "/etc/resolv.conf";
};

enum class AddressFamily { kAny, kIpv4, kIpv6 };

enum class AddressOrder {
  kPreferred,  // As RFC 6724 has it: reachable ones and close ones first.
  kIpv4First,  // The same order within each family.
  kIpv6First,
};

struct LookupOptions {
  AddressFamily family = AddressFamily::kAny;
  AddressOrder order = AddressOrder::kPreferred;
  // Asks only for families of which the machine has an address that is not
  // its loopback's (AI_ADDRCONFIG).
  bool configured_families_only = false;
};

// Host names to addresses, and the other records of the DNS, without threads:
// c-ares' sockets are polled through the loop's ring.
//
//   CO_ASSIGN_OR_RETURN(Resolver resolver, Resolver::Make(loop));
//   CO_ASSIGN_OR_RETURN(std::vector<SocketAddress> addresses,
//                       co_await resolver.Lookup("example.com", 443));
//
// To connect to a name see connect.h. Any number of tasks may ask at once.
//
// Ownership: a movable handle; no task may wait for it when it ends. Must end
// before the loop. Names are copied into the task.
// Errors: of dns_status.h, with the function and the name. One of a server
// (ESERVFAIL, EREFUSED) comes after every server was asked. InvalidArgument
// (EBADNAME) for what can be no name: an empty one, a label of more than 63
// bytes, a byte 0. UnimplementedError on a simulated machine, but not for
// numeric addresses.
// Cancellation: the await ends at once; a question that is on its way goes on,
// and its answer is dropped (or kept in the cache, if there is one).
// Time: c-ares reads the system's clock, so time-outs are in real time.
// Blocking: the files are small and read on the loop's thread, hosts_path again
// when it has changed; resolv.conf once.
// Thread: the loop's.
class Resolver {
 public:
  // Errors: InvalidArgumentError for servers that are no IP addresses.
  static absl::StatusOr<Resolver> Make(Loop& loop,
                                       ResolverOptions options = {});

  Resolver(Resolver&&) noexcept;
  Resolver& operator=(Resolver&&) noexcept;
  ~Resolver();

  // The addresses of a host, at least one, with `port` in each. In this order:
  //   a numeric address is its own answer, at once;
  //   what hosts_path says;
  //   "localhost" and names below it are loopback addresses, and no server
  //   hears of them (RFC 6761); names below "onion" do not exist (RFC 7686);
  //   servers are asked for A and AAAA records at once, with the configured
  //   search domains for names that have few dots.
  // Operation in errors: "getaddrinfo".
  Task<absl::StatusOr<std::vector<SocketAddress>>> Lookup(
      std::string host, uint16_t port, LookupOptions options = {});

  // The records of one type, at least one, straight from the DNS: neither
  // hosts_path nor search domains count. ENODATA if the name has none.
  // Operation in errors: the name of the type, "queryMx", as Node has it.
  Task<absl::StatusOr<std::vector<DnsRecord>>> Query(std::string name,
                                                     DnsType type);

  // The names of an address, from hosts_path or its PTR records, at least one.
  // The port does not count. Operation in errors: "getHostByAddr".
  Task<absl::StatusOr<std::vector<std::string>>> Reverse(SocketAddress address);

  // Whom it asks, with ports.
  std::vector<SocketAddress> servers() const;
  // Asks others from now on, for questions that are under way too. Errors:
  // InvalidArgumentError, and nothing has changed.
  absl::Status SetServers(std::span<const SocketAddress> servers);

 private:
  struct Abandoner {
    void operator()(DnsChannel* channel) const;
  };
  Resolver(Loop& loop, ResolverOptions options);

  // Made when a question first needs it.
  absl::StatusOr<DnsChannel*> channel() const;

  Loop* loop_;
  ResolverOptions options_;
  mutable std::unique_ptr<DnsChannel, Abandoner> channel_;
};

}  // namespace braid

#endif  // BRAID_IO_RESOLVER_H_
