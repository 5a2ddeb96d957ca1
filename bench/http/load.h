#ifndef BRAID_BENCH_HTTP_LOAD_H_
#define BRAID_BENCH_HTTP_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "io/loop.h"
#include "io/socket_address.h"

namespace braid::bench {

struct LoadOptions {
  int connections = 64;
  int pipeline = 1;  // Requests that are sent together, and answered, before
                     // the next ones.
  absl::Duration ramp = absl::Seconds(1);      // Not measured.
  absl::Duration duration = absl::Seconds(3);  // Measured.
};

struct LoadResult {
  uint64_t requests = 0;               // In the measured time.
  std::vector<uint32_t> latencies_us;  // Of each round trip, sorted.
};

// A closed-loop HTTP/1.1 load: each connection sends `GET /` (as many as
// `pipeline`), waits for all answers and sends the next. Answers are counted by
// their bytes, after a first one was checked to hold "Hello, World!"; a server
// whose answers differ in length is an error. `on_measured(begins)` is called
// when the measured time begins (true) and ends (false).
Task<absl::StatusOr<LoadResult>> RunLoad(
    Loop& loop, SocketAddress address, LoadOptions options,
    absl::AnyInvocable<void(bool)> on_measured);

}  // namespace braid::bench

#endif  // BRAID_BENCH_HTTP_LOAD_H_
