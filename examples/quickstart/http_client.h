#ifndef BRAID_EXAMPLES_QUICKSTART_HTTP_CLIENT_H_
#define BRAID_EXAMPLES_QUICKSTART_HTTP_CLIENT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/tcp.h"

namespace braid::quickstart {

struct Answer {
  int status;
  std::string body;
};

// A connection to the service: just enough of an HTTP client for the
// demonstration and the tests. Answers need a Content-Length.
class HttpClient {
 public:
  static Task<absl::StatusOr<HttpClient>> Connect(Loop& loop,
                                                  SocketAddress address);

  // Sends one request and waits for its answer. Errors: those of the
  // connection; InternalError for an answer that it does not understand.
  Task<absl::StatusOr<Answer>> Ask(std::string method, std::string path,
                                   std::string body = "");

 private:
  explicit HttpClient(TcpStream stream) : stream_(std::move(stream)) {}

  TcpStream stream_;
  std::string received_;
};

}  // namespace braid::quickstart

#endif  // BRAID_EXAMPLES_QUICKSTART_HTTP_CLIENT_H_
