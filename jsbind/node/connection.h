#ifndef BRAID_JSBIND_NODE_CONNECTION_H_
#define BRAID_JSBIND_NODE_CONNECTION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/event.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "jsbind/convert_bytes.h"

namespace braid {

// [address, port, family]; family 4, 6, or 0 for a Unix socket, whose address
// is its path.
using AddressParts = std::tuple<std::string, int32_t, int32_t>;
AddressParts PartsOf(const SocketAddress& address);

// A stream socket as the class Connection of "internal:ops/net": a TcpStream
// that may be closed while calls are under way. They then end with
// CancelledError, and closing waits for that.
class Connection {
 public:
  explicit Connection(TcpStream stream) : stream_(std::move(stream)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What has come, or nothing at the end. EBADF once closed, as the others.
  Task<absl::StatusOr<std::optional<ByteString>>> Read();
  Task<absl::Status> Write(std::vector<JsBytes> parts);
  Task<absl::Status> ShutdownWrite();
  // Runs to its end whoever cancels it. A second call has nothing to do.
  Task<absl::Status> Close();
  // As Close(), and the peer gets a reset.
  Task<absl::Status> Reset();

  absl::Status SetOption(int level, int name, int value);
  // Empty once closed.
  std::optional<AddressParts> local_address() const;
  std::optional<AddressParts> peer_address() const;

 private:
  template <typename T>
  Task<T> RunUntilClosed(Task<T> call);
  Task<absl::StatusOr<std::optional<ByteString>>> ReadOnce();
  Task<absl::Status> CloseWhenIdle();

  TcpStream stream_;
  bool closing_ = false;
  std::vector<CancelScope*> calls_;  // Those under way.
  Event idle_;                       // Set when, closing, none is left.
};

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_CONNECTION_H_
