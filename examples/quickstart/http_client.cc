#include "examples/quickstart/http_client.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"

namespace braid::quickstart {
namespace {

// The length of the body behind `head`; false if the head does not tell.
bool BodyBytes(std::string_view head, size_t& bytes) {
  constexpr std::string_view kField = "\r\ncontent-length:";
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t at = lower.find(kField);
  if (at == std::string::npos) {
    bytes = 0;
    return lower.find("\r\ntransfer-encoding:") == std::string::npos;
  }
  const size_t begin = at + kField.size();
  return absl::SimpleAtoi(
      lower.substr(begin, lower.find("\r\n", begin) - begin), &bytes);
}

}  // namespace

Task<absl::StatusOr<HttpClient>> HttpClient::Connect(Loop& loop,
                                                     SocketAddress address) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  co_return HttpClient(std::move(stream));
}

Task<absl::StatusOr<Answer>> HttpClient::Ask(std::string method,
                                             std::string path,
                                             std::string body) {
  const std::string request = absl::StrCat(
      method, " ", path,
      " HTTP/1.1\r\nHost: localhost\r\nContent-Length: ", body.size(),
      "\r\n\r\n", body);
  CO_RETURN_IF_ERROR(co_await stream_.WriteAll(request));
  size_t head_bytes = std::string::npos;
  size_t body_bytes = 0;
  while (head_bytes == std::string::npos ||
         received_.size() < head_bytes + body_bytes) {
    CO_ASSIGN_OR_RETURN(Lease lease, co_await stream_.Read());
    if (lease.empty())
      co_return absl::InternalError("the service closed the connection");
    received_ += lease.text();
    if (head_bytes != std::string::npos) continue;
    const size_t blank_line = received_.find("\r\n\r\n");
    if (blank_line == std::string::npos) continue;
    head_bytes = blank_line + 4;
    if (!BodyBytes(std::string_view(received_).substr(0, head_bytes),
                   body_bytes)) {
      co_return absl::InternalError("the answer does not tell its length");
    }
  }
  Answer answer{0, received_.substr(head_bytes, body_bytes)};
  constexpr size_t kStatusAt = std::string_view("HTTP/1.1 ").size();
  if (!absl::SimpleAtoi(received_.substr(kStatusAt, 3), &answer.status)) {
    co_return absl::InternalError(absl::StrCat("no HTTP answer: ", received_));
  }
  received_.erase(0, head_bytes + body_bytes);
  co_return answer;
}

}  // namespace braid::quickstart
