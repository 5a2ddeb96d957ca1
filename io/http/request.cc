#include "io/http/request.h"

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "io/http/connection.h"

namespace braid {

Task<absl::StatusOr<std::string_view>> HttpBody::Read() {
  return connection_->ReadBody();
}

Task<absl::StatusOr<std::string>> HttpBody::ReadAll(size_t limit) {
  std::string all;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string_view piece,
                        co_await connection_->ReadBody());
    if (piece.empty()) co_return all;
    if (piece.size() > limit - all.size()) {
      std::string message = absl::StrCat(
          "the bytes of the body are above the limit of ", limit, " (ReadAll)");
      connection_->RefuseBody(message);
      co_return absl::ResourceExhaustedError(message);
    }
    all.append(piece);
  }
}

absl::Status HttpRequest::abort_reason() const {
  return connection_->abort_reason();
}

SocketAddress HttpRequest::peer_address() const {
  return connection_->peer_address();
}

}  // namespace braid
