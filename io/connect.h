#ifndef BRAID_IO_CONNECT_H_
#define BRAID_IO_CONNECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "io/socket_address.h"
#include "io/tcp.h"

namespace braid {

struct ConnectOptions {
  LookupOptions lookup;
  // How long an attempt is waited for before the next address is tried beside
  // it (RFC 8305, section 5).
  absl::Duration attempt_delay = absl::Milliseconds(250);
};

// Connects to whichever address answers first, as RFC 8305 ("Happy Eyeballs")
// has it: the addresses in their order, but IPv6 and IPv4 in turns; the next
// is tried as soon as one has failed, or beside it when it takes long. So a
// host whose IPv6 leads nowhere costs a quarter of a second, not minutes. The
// attempts that lose are cancelled and closed before the call ends.
//
// At most the first 32 addresses are tried, since a DNS server may name
// thousands. There is no time-out of its own: use Timeout().
// Errors: if no address answers, the errno and code of the first that failed
// and the text of all. InvalidArgumentError for no addresses.
// Cancellation: CancelledError; every attempt has been closed by then.
Task<absl::StatusOr<TcpStream>> ConnectToAny(
    Loop& loop, std::vector<SocketAddress> addresses,
    absl::Duration attempt_delay = absl::Milliseconds(250));

// Looks `host` up and connects.
//
//   CO_ASSIGN_OR_RETURN(
//       TcpStream stream,
//       co_await ConnectToHost(loop, resolver, "example.com", 80));
//
// Errors: those of Resolver::Lookup() and ConnectToAny().
Task<absl::StatusOr<TcpStream>> ConnectToHost(Loop& loop, Resolver& resolver,
                                              std::string host, uint16_t port,
                                              ConnectOptions options = {});

}  // namespace braid

#endif  // BRAID_IO_CONNECT_H_
