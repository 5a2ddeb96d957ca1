#include "io/http/response.h"

#include "async/status_macros.h"
#include "io/http/connection.h"

namespace braid {

absl::Status HttpResponse::Reply(int status, std::string_view content_type,
                                 std::string_view body) {
  RETURN_IF_ERROR(headers_.Set("content-type", content_type));
  set_status(status);
  set_body(body);
  return absl::OkStatus();
}

Task<absl::Status> HttpResponse::Send(std::string_view body) {
  return connection_->SendWhole(body);
}

Task<absl::Status> HttpResponse::Write(std::string_view piece) {
  return connection_->WritePiece(piece);
}

void HttpResponse::Clear() {
  headers_.Clear();
  body_.clear();
  status_ = 200;
  state_ = State::kUnsent;
}

}  // namespace braid
