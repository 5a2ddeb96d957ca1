// What a runtime with one thread does with its time: a file is read, an
// expensive hash computed, timers run and a slow HTTP response comes, all
// started at once by one thread that waits for none of them. The log shows in
// which order they end, who did the work, and why. whats_node.js is the same in
// JavaScript.
//
//   ./bazelw run //examples:whats_node

#include <openssl/evp.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/blocking.h"
#include "io/file.h"
#include "io/http/client.h"
#include "io/http/server.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace {

using namespace braid;  // A program, not a library.

constexpr size_t kHashedBytes = 64 << 20;
constexpr absl::Duration kSlowResponse = absl::Milliseconds(300);

class Log {
 public:
  void Add(std::string_view what, std::string_view why) {
    printf("%7.1f ms  %-22s %s\n",
           absl::ToDoubleMilliseconds(absl::Now() - start_),
           std::string(what).c_str(), std::string(why).c_str());
  }

 private:
  const absl::Time start_ = absl::Now();
};

Task<absl::Status> Timer(Log& log, absl::Duration after) {
  CO_RETURN_IF_ERROR(co_await SleepFor(after));
  log.Add(absl::StrCat("timer of ", absl::FormatDuration(after)),
          "the loop itself: it looks at the time between two things");
  co_return absl::OkStatus();
}

Task<absl::Status> ReadAFile(Loop& loop, Log& log, std::string path) {
  CO_ASSIGN_OR_RETURN(const std::string text,
                      co_await ReadFile(loop, std::move(path)));
  log.Add("file read",
          absl::StrCat("the kernel: ", text.size(),
                       " bytes came through the ring, no thread waited"));
  co_return absl::OkStatus();
}

Task<absl::Status> Hash(Loop& loop, Log& log) {
  const pid_t loop_thread = gettid();
  pid_t hash_thread = 0;
  CO_RETURN_IF_ERROR(co_await Blocking(loop, [&] {
    hash_thread = gettid();
    const std::vector<uint8_t> bytes(kHashedBytes);
    uint8_t hash[EVP_MAX_MD_SIZE];
    size_t size = sizeof(hash);
    return EVP_Q_digest(nullptr, "SHA512", nullptr, bytes.data(), bytes.size(),
                        hash, &size) == 1
               ? absl::OkStatus()
               : absl::InternalError("no SHA-512");
  }));
  log.Add("hash of 64 MiB",
          absl::StrFormat("a thread of the pool, %d: nothing but a processor "
                          "can do it; %d, the loop's, was free for the rest",
                          hash_thread, loop_thread));
  co_return absl::OkStatus();
}

// A server that takes its time, in the same process on the same thread.
Task<absl::Status> AnswerSlowly(HttpRequest&, HttpResponse& response) {
  CO_RETURN_IF_ERROR(co_await SleepFor(kSlowResponse));
  co_return response.Reply(200, "text/plain", "At last.\n");
}

Task<absl::Status> Fetch(HttpClient& client, std::string url, Log& log) {
  CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                      co_await client.Fetch({.url = std::move(url)}));
  CO_ASSIGN_OR_RETURN(const std::string text, co_await response.ReadAll());
  log.Add("HTTP response",
          absl::StrCat("another machine, as it were: ", text.size(),
                       " bytes, when it was ready"));
  co_return absl::OkStatus();
}

Task<absl::Status> Main(Loop& loop) {
  CO_ASSIGN_OR_RETURN(const SocketAddress any,
                      SocketAddress::Parse("127.0.0.1", 0));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, any));
  const std::string url =
      absl::StrCat("http://", listener.address().text(), "/");
  HttpServer server(loop, {}, AnswerSlowly);
  HttpClient client(loop);
  Log log;
  co_return co_await WithScope([&](Scope& serving) -> Task<absl::Status> {
    serving.Spawn([&] { return server.Serve(std::move(listener)); });
    CO_RETURN_IF_ERROR(
        co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
          scope.Spawn([&] { return Fetch(client, url, log); });
          scope.Spawn([&] { return Hash(loop, log); });
          scope.Spawn([&] { return Timer(log, absl::Milliseconds(500)); });
          scope.Spawn([&] { return Timer(log, absl::Milliseconds(20)); });
          scope.Spawn([&] { return Timer(log, absl::ZeroDuration()); });
          scope.Spawn([&] { return ReadAFile(loop, log, "/proc/self/exe"); });
          log.Add("all is started", "the loop has not waited for anything yet");
          co_return absl::OkStatus();
        }));
    log.Add("all has ended", "the scope ends with its last task");
    co_return co_await server.Drain(absl::Seconds(1));
  });
}

}  // namespace

int main() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) {
    fprintf(stderr, "whats_node: %s\n",
            std::string(world.status().message()).c_str());
    return 1;
  }
  Loop loop(*std::move(world));
  const absl::Status status = loop.Run(Main(loop));
  if (!status.ok())
    fprintf(stderr, "whats_node: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
