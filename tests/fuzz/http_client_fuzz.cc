// A connection of the HTTP client on a simulated machine. Whatever the peer
// answers, and in whatever pieces: two requests on one client end with the same
// results, no byte of an answer is given twice or to the wrong request, and
// nothing is left over.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/buffer_ring.h"
#include "io/http/client.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/tcp.h"

namespace braid {
namespace {

constexpr size_t kBodyBytesMax = 1 << 20;
constexpr absl::Duration kBetweenPieces = absl::Milliseconds(2);

// Answers a connection's first request with `bytes`, in pieces of `piece` bytes,
// and ends it. Everything behind the answer is there before a client can have
// asked again.
Task<absl::Status> Answer(TcpStream stream, std::string_view bytes,
                          size_t piece) {
  CO_ASSIGN_OR_RETURN(const Lease request, co_await stream.Read());
  if (request.empty()) co_return absl::OkStatus();
  while (!bytes.empty()) {
    const std::string_view next = bytes.substr(0, piece);
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(std::string(next)));
    bytes.remove_prefix(next.size());
    if (!bytes.empty()) CO_RETURN_IF_ERROR(co_await SleepFor(kBetweenPieces));
  }
  CO_RETURN_IF_ERROR(co_await stream.ShutdownWrite());
  // Until the client closes, too.
  for (;;) {
    CO_ASSIGN_OR_RETURN(const Lease rest, co_await stream.Read());
    if (rest.empty()) co_return absl::OkStatus();
  }
}

// What a request ends with, as text.
Task<absl::StatusOr<std::string>> Ask(HttpClient& client,
                                      std::string_view method) {
  CO_ASSIGN_OR_RETURN(
      HttpClientResponse response,
      co_await client.Fetch({.method = std::string(method),
                             .url = "http://127.0.0.1/",
                             .redirects = HttpRedirects::kManual}));
  CHECK_GE(response.status(), 200);
  std::string text = absl::StrCat(response.status(), " ", response.reason());
  for (const HttpHeaders::Header header : response.headers())
    absl::StrAppend(&text, "\n", header.name, "=", header.value);
  CO_ASSIGN_OR_RETURN(const std::string body,
                      co_await response.ReadAll(kBodyBytesMax));
  CHECK(method != "HEAD" || body.empty());
  co_return absl::StrCat(text, "\n\n", body);
}

Task<absl::Status> Serve(TcpListener& listener, std::string_view bytes,
                         size_t piece) {
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    for (;;) {
      CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
      scope.Spawn(
          [stream = std::move(stream), bytes, piece]() mutable -> Task<void> {
            // A client that has refused the answer closes before it has got it.
            (co_await Answer(std::move(stream), bytes, piece)).IgnoreError();
          });
    }
  });
}

Task<absl::Status> Converse(Loop& loop, std::string_view bytes, size_t piece,
                            std::string_view method, std::string& results) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", 80));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  Scope scope(co_await CurrentTask());
  scope.Spawn(Serve(listener, bytes, piece));
  {
    HttpClient client(loop);
    for (int i = 0; i < 2; ++i) {
      const absl::StatusOr<std::string> result = co_await Ask(client, method);
      absl::StrAppend(&results,
                      result.ok() ? *result : result.status().ToString(),
                      "\n--\n");
      CHECK_EQ(client.connections(), client.idle_connections());
      // All of the answer has come by then.
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Seconds(1)));
    }
  }
  scope.Cancel();
  (co_await scope.Join()).IgnoreError();
  co_return absl::OkStatus();
}

std::string ResultsOf(std::string_view bytes, size_t piece,
                      std::string_view method) {
  Loop loop(SimulatedWorld(SimOptions()));
  std::string results;
  CHECK_OK(loop.Run(Converse(loop, bytes, piece, method, results)));
  while (loop.in_flight() > 0) loop.Turn(Driver::Wait::kForOne);
  CHECK_EQ((*loop.receive_buffers())->lent(), 0u);
  return results;
}

}  // namespace
}  // namespace braid

// The first byte tells the method, and in how small pieces the others are sent.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  // At most 64 pieces, which take time.
  const size_t piece = std::max<size_t>(1 + data[0] % 32, bytes.size() / 64);
  const std::string_view method = data[0] >= 192 ? "HEAD" : "GET";
  const std::string whole = braid::ResultsOf(bytes, bytes.size(), method);
  CHECK_EQ(braid::ResultsOf(bytes, piece, method), whole);
  // The second request had a connection of its own, and nothing of the first's.
  const size_t half = whole.size() / 2;
  CHECK_EQ(std::string_view(whole).substr(0, half),
           std::string_view(whole).substr(half));
  return 0;
}
