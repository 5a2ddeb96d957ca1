#include "bench/http/load.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/tcp.h"

namespace braid::bench {
namespace {

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: braid-bench\r\nAccept: "
    "*/*\r\n\r\n";
constexpr std::string_view kBody = "Hello, World!";

struct Shared {
  LoadOptions options;
  size_t response_bytes = 0;
  bool measuring = false;
  LoadResult result;
};

// One exchange; gives the length of the answer.
Task<absl::StatusOr<size_t>> Check(Loop& loop, SocketAddress address) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  CO_RETURN_IF_ERROR(co_await stream.WriteAll(kRequest));
  std::string answer;
  while (!answer.ends_with(kBody)) {
    CO_ASSIGN_OR_RETURN(Lease lease, co_await stream.Read());
    answer += lease.text();
    if (lease.empty() || answer.size() > 64 << 10) {
      co_return absl::InternalError(absl::StrCat("a wrong answer: ", answer));
    }
  }
  if (!answer.starts_with("HTTP/1.1 200")) {
    co_return absl::InternalError(absl::StrCat("a wrong answer: ", answer));
  }
  co_return answer.size();
}

Task<absl::Status> Connection(Loop& loop, SocketAddress address,
                              Shared& shared) {
  CO_ASSIGN_OR_RETURN(TcpStream stream,
                      co_await TcpStream::Connect(loop, address));
  std::string requests;
  for (int i = 0; i < shared.options.pipeline; ++i) requests += kRequest;
  const size_t wanted =
      shared.response_bytes * static_cast<size_t>(shared.options.pipeline);
  for (;;) {
    const MonotonicNanos sent = loop.clock().Now();
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(requests));
    for (size_t received = 0; received < wanted;) {
      CO_ASSIGN_OR_RETURN(Lease lease, co_await stream.Read());
      received += lease.size();
      if (lease.empty() || received > wanted) {
        co_return absl::InternalError(
            "the server ended or its answers differ in length");
      }
      if (received == wanted && !lease.text().ends_with(kBody)) {
        co_return absl::InternalError("the server's answers differ");
      }
    }
    if (!shared.measuring) continue;
    shared.result.requests += static_cast<uint64_t>(shared.options.pipeline);
    shared.result.latencies_us.push_back(
        static_cast<uint32_t>((loop.clock().Now() - sent) / 1'000));
  }
}

}  // namespace

Task<absl::StatusOr<LoadResult>> RunLoad(
    Loop& loop, SocketAddress address, LoadOptions options,
    absl::AnyInvocable<void(bool)> on_measured) {
  Shared shared{options, 0, false, {}};
  CO_ASSIGN_OR_RETURN(shared.response_bytes, co_await Check(loop, address));
  CO_RETURN_IF_ERROR(
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < options.connections; ++i) {
          scope.Spawn(Connection(loop, address, shared));
        }
        CO_RETURN_IF_ERROR(co_await SleepFor(options.ramp));
        on_measured(true);
        shared.measuring = true;
        CO_RETURN_IF_ERROR(co_await SleepFor(options.duration));
        on_measured(false);
        shared.measuring = false;
        scope.Cancel();
        co_return absl::OkStatus();
      }));
  std::sort(shared.result.latencies_us.begin(),
            shared.result.latencies_us.end());
  co_return std::move(shared.result);
}

}  // namespace braid::bench
