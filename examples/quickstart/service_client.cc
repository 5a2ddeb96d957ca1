#include "examples/quickstart/service_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"

namespace braid::quickstart {

ServiceClient::ServiceClient(Loop& loop, const SocketAddress& address)
    : client_(loop), origin_(absl::StrCat("http://", address.text())) {}

Task<absl::StatusOr<Answer>> ServiceClient::Ask(std::string method,
                                                std::string path,
                                                std::string body) {
  HttpClientRequest request;
  request.method = std::move(method);
  request.url = origin_ + path;
  request.body = std::move(body);
  CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                      co_await client_.Fetch(std::move(request)));
  CO_ASSIGN_OR_RETURN(std::string text, co_await response.ReadAll());
  co_return Answer{response.status(), std::move(text)};
}

}  // namespace braid::quickstart
