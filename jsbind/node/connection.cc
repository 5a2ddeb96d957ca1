#include "jsbind/node/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "async/combinators.h"
#include "async/status_macros.h"
#include "io/errno_status.h"

namespace braid {

AddressParts PartsOf(const SocketAddress& address) {
  const int family = address.family() == AF_INET    ? 4
                     : address.family() == AF_INET6 ? 6
                                                    : 0;
  return {address.host(), address.port(), family};
}

template <typename T>
Task<T> Connection::RunUntilClosed(Task<T> call) {
  if (closing_) co_return ErrnoStatus(EBADF, "socket");
  CancelScope scope((co_await CurrentTask()).cancel_scope(),
                    CancelPropagation::kInherit);
  calls_.push_back(&scope);
  Task<T> running = std::move(call);
  T result = co_await std::move(running).In(scope);
  std::erase(calls_, &scope);
  if (closing_ && calls_.empty()) idle_.Set();
  co_return result;
}

Task<absl::StatusOr<std::optional<ByteString>>> Connection::ReadOnce() {
  CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream_.Read());
  if (lease.empty()) co_return std::nullopt;
  co_return ByteString{std::string(lease.text())};
}

Task<absl::StatusOr<std::optional<ByteString>>> Connection::Read() {
  return RunUntilClosed(ReadOnce());
}

Task<absl::Status> Connection::Write(std::vector<JsBytes> parts) {
  std::vector<std::string_view> texts;
  texts.reserve(parts.size());
  for (const JsBytes& part : parts) texts.push_back(part.text());
  co_return co_await RunUntilClosed(
      stream_.WriteAll(std::span<const std::string_view>(texts)));
}

Task<absl::Status> Connection::ShutdownWrite() {
  return RunUntilClosed(stream_.ShutdownWrite());
}

Task<absl::Status> Connection::Close() {
  if (closing_) co_return absl::OkStatus();
  closing_ = true;
  for (CancelScope* call : calls_) call->Cancel();
  if (calls_.empty()) idle_.Set();
  co_return co_await Shield(CloseWhenIdle());
}

Task<absl::Status> Connection::CloseWhenIdle() {
  CO_RETURN_IF_ERROR(co_await idle_.Wait());
  co_return co_await stream_.Close();
}

Task<absl::Status> Connection::Reset() {
  if (!closing_) {
    const linger now = {.l_onoff = 1, .l_linger = 0};
    stream_.loop().driver().calls().SetOption(stream_.fd(), SOL_SOCKET,
                                              SO_LINGER, &now, sizeof(now));
  }
  return Close();
}

absl::Status Connection::SetOption(int level, int name, int value) {
  if (closing_) return ErrnoStatus(EBADF, "setsockopt");
  const int error = stream_.loop().driver().calls().SetOption(
      stream_.fd(), level, name, &value, sizeof(value));
  return error < 0 ? ErrnoStatus(-error, "setsockopt") : absl::OkStatus();
}

std::optional<AddressParts> Connection::local_address() const {
  if (closing_) return std::nullopt;
  return PartsOf(stream_.local_address());
}

std::optional<AddressParts> Connection::peer_address() const {
  if (closing_) return std::nullopt;
  const SocketAddress address = stream_.peer_address();
  if (address.family() == AF_UNSPEC) return std::nullopt;
  return PartsOf(address);
}

}  // namespace braid
