// A connection of the HTTP server on a simulated machine. Whatever a peer
// sends, and in whatever pieces: the answers are the same, everything ends, and
// nothing is left over.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/buffer_ring.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

Task<absl::Status> Echo(HttpRequest& request, HttpResponse& response) {
  CO_ASSIGN_OR_RETURN(const std::string body,
                      co_await request.body().ReadAll());
  co_return response.Reply(200, "text/plain",
                           absl::StrCat(request.path(), " ", body));
}

// Sends `bytes` in pieces of `piece` bytes, a while apart, and gives what comes
// back.
Task<absl::StatusOr<std::string>> Converse(Loop& loop, SocketAddress address,
                                           std::string_view bytes,
                                           size_t piece) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  std::string received;
  const absl::Status status =
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn([&]() -> Task<void> {
          // A server that has refused closes before it has got everything.
          std::string_view rest = bytes;
          while (!rest.empty()) {
            const std::string_view next = rest.substr(0, piece);
            if (!(co_await stream.WriteAll(std::string(next))).ok()) co_return;
            rest.remove_prefix(next.size());
            if (!rest.empty() &&
                !(co_await SleepFor(absl::Milliseconds(2))).ok()) {
              co_return;
            }
          }
          (co_await stream.ShutdownWrite()).IgnoreError();
        });
        for (;;) {
          CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
          if (lease.empty()) co_return absl::OkStatus();
          received += lease.text();
        }
      });
  // A reset also ends the conversation.
  if (!status.ok() && !absl::IsUnavailable(status)) co_return status;
  co_return received;
}

Task<absl::Status> Serve(Loop& loop, HttpServer& server, std::string_view bytes,
                         size_t piece, std::string& received) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", 80));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    scope.Spawn([&] { return server.Serve(std::move(listener)); });
    CO_ASSIGN_OR_RETURN(received,
                        co_await Converse(loop, address, bytes, piece));
    co_return co_await server.Drain(absl::Minutes(1));
  });
}

// What the server answers. Without "date", which tells when.
std::string AnswerTo(std::string_view bytes, size_t piece) {
  Loop loop(SimulatedWorld(SimOptions()));
  std::string received;
  {
    HttpServer server(loop, {}, Echo);
    const absl::Status status =
        loop.Run(Serve(loop, server, bytes, piece, received));
    CHECK_OK(status);
    CHECK_EQ(server.stats().connections, 0u);
  }
  while (loop.in_flight() > 0) loop.Turn(Driver::Wait::kForOne);
  CHECK_EQ((*loop.receive_buffers())->lent(), 0u);
  for (size_t at = 0; (at = received.find("date: ", at)) != std::string::npos;)
    received.erase(at, received.find('\n', at) - at + 1);
  return received;
}

}  // namespace
}  // namespace braid

// The first byte tells in how small pieces the others are sent.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  // At most 64 pieces, which take time.
  const size_t piece = std::max<size_t>(1 + data[0] % 32, bytes.size() / 64);
  const std::string whole = braid::AnswerTo(bytes, bytes.size());
  CHECK(whole.empty() || whole.starts_with("HTTP/1.1 ")) << whole;
  CHECK_EQ(braid::AnswerTo(bytes, piece), whole);
  return 0;
}
