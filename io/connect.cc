#include "io/connect.h"

#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/status_macros.h"

namespace braid {
namespace {

constexpr size_t kAddressesMax = 32;

// The families in turns, beginning with that of the first address.
std::vector<SocketAddress> Interleave(std::vector<SocketAddress> addresses) {
  if (addresses.empty()) return addresses;
  const int first_family = addresses.front().family();
  std::deque<SocketAddress> same;
  std::deque<SocketAddress> other;
  for (SocketAddress& address : addresses) {
    (address.family() == first_family ? same : other)
        .push_back(std::move(address));
  }
  addresses.clear();
  while (!same.empty() || !other.empty()) {
    for (std::deque<SocketAddress>* queue : {&same, &other}) {
      if (queue->empty()) continue;
      addresses.push_back(std::move(queue->front()));
      queue->pop_front();
    }
  }
  addresses.resize(std::min(addresses.size(), kAddressesMax));
  return addresses;
}

// Attempts to connect, of which one wins.
class Attempts {
 public:
  Attempts(Loop& loop, Scope& scope) : loop_(loop), scope_(scope) {}

  Task<void> Try(SocketAddress address) {
    absl::StatusOr<TcpStream> stream =
        co_await TcpStream::Connect(loop_, std::move(address));
    if (stream.ok() && !winner_.has_value()) {
      winner_.emplace(*std::move(stream));
      scope_.Cancel();
    } else if (!stream.ok() && !absl::IsCancelled(stream.status())) {
      failures_.push_back(std::move(stream).status());
    }
    ended_.Set();
  }

  // Waits until an attempt has ended since the last call, or for `delay`.
  Task<absl::Status> WaitForNext(absl::Duration delay) {
    absl::Status status = co_await Timeout(delay, WaitForEnd());
    co_return absl::IsDeadlineExceeded(status) ? absl::OkStatus() : status;
  }

  bool won() const { return winner_.has_value(); }
  TcpStream TakeWinner() { return *std::move(winner_); }

  // REQUIRES: an attempt has failed.
  absl::Status Failure() const {
    if (failures_.size() == 1) return failures_.front();
    std::string message =
        absl::StrCat("none of ", failures_.size(), " addresses answers");
    const char* separator = ": ";
    for (const absl::Status& failure : failures_) {
      absl::StrAppend(&message, separator, failure.message());
      separator = "; ";
    }
    absl::Status status(failures_.front().code(), message);
    failures_.front().ForEachPayload(
        [&status](std::string_view url, const absl::Cord& payload) {
          status.SetPayload(url, payload);
        });
    return status;
  }

 private:
  Task<absl::Status> WaitForEnd() {
    CO_RETURN_IF_ERROR(co_await ended_.Wait());
    ended_.Reset();
    co_return absl::OkStatus();
  }

  Loop& loop_;
  Scope& scope_;
  Event ended_;
  std::optional<TcpStream> winner_;
  std::vector<absl::Status> failures_;
};

}  // namespace

Task<absl::StatusOr<TcpStream>> ConnectToAny(
    Loop& loop, std::vector<SocketAddress> addresses,
    absl::Duration attempt_delay) {
  if (addresses.empty())
    co_return absl::InvalidArgumentError("no address to connect to");
  addresses = Interleave(std::move(addresses));
  Scope scope(co_await CurrentTask());
  Attempts attempts(loop, scope);
  for (size_t i = 0; i < addresses.size() && !attempts.won(); ++i) {
    scope.Spawn(attempts.Try(addresses[i]));
    if (i + 1 == addresses.size()) break;  // The rest is waiting for them all.
    if (!(co_await attempts.WaitForNext(attempt_delay)).ok()) break;
  }
  CO_RETURN_IF_ERROR(co_await scope.Join());
  if (attempts.won()) co_return attempts.TakeWinner();
  if ((co_await CurrentTask()).cancelled()) co_return absl::CancelledError();
  co_return attempts.Failure();
}

Task<absl::StatusOr<TcpStream>> ConnectToHost(Loop& loop, Resolver& resolver,
                                              std::string host, uint16_t port,
                                              ConnectOptions options) {
  CO_ASSIGN_OR_RETURN(
      std::vector<SocketAddress> addresses,
      co_await resolver.Lookup(std::move(host), port, options.lookup));
  co_return co_await ConnectToAny(loop, std::move(addresses),
                                  options.attempt_delay);
}

}  // namespace braid
