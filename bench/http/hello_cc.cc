// The C++ server that http_bench measures.

#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "async/status_macros.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/tcp.h"

ABSL_FLAG(int, port, 8080, "the port to serve on, on 127.0.0.1");

namespace {

using namespace braid;  // A program, not a library.

Task<absl::Status> Serve(Loop& loop, int port) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", port));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  HttpServer server(
      loop, {}, [](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        co_return response.Reply(200, "text/plain;charset=UTF-8",
                                 "Hello, World!");
      });
  co_return co_await server.Serve(std::move(listener));
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) {
    fprintf(stderr, "%s\n", world.status().ToString().c_str());
    return 1;
  }
  Loop loop(*std::move(world));
  const absl::Status status = loop.Run(Serve(loop, absl::GetFlag(FLAGS_port)));
  fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
