#ifndef BRAID_EXAMPLES_QUICKSTART_SERVICE_CLIENT_H_
#define BRAID_EXAMPLES_QUICKSTART_SERVICE_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/http/client.h"
#include "io/loop.h"
#include "io/socket_address.h"

namespace braid::quickstart {

struct Answer {
  int status;
  std::string body;
};

// Asks one service, for the demonstration and the tests.
class ServiceClient {
 public:
  ServiceClient(Loop& loop, const SocketAddress& address);

  // Sends one request and waits for its answer. Errors: HttpClient's.
  Task<absl::StatusOr<Answer>> Ask(std::string method, std::string path,
                                   std::string body = "");

 private:
  HttpClient client_;
  const std::string origin_;
};

}  // namespace braid::quickstart

#endif  // BRAID_EXAMPLES_QUICKSTART_SERVICE_CLIENT_H_
