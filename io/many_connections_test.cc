// Ten thousand connections of one loop at once.

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/cancel_scope.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/testing.h"

namespace braid {
namespace {

// As many as there are descriptors for, at most 10,000: both ends are here.
size_t ConnectionsMax() {
  constexpr size_t kWanted = 10'000;
  constexpr rlim_t kForTheRest = 100;
  rlimit files;
  PCHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  CHECK_GT(files.rlim_cur, kForTheRest);
  return std::min<size_t>(kWanted, (files.rlim_cur - kForTheRest) / 2);
}

// All of them are open, and silent, before the first one speaks. Of three, one
// is answered, one peer vanishes in the midst of it, and one never speaks and
// is cancelled.
TEST(ManyConnectionsTest, AreServedVanishAndAreCancelledWithExactAccounts) {
  const int descriptors = CountDescriptors();
  {
    Loop loop(SystemWorld());
    const size_t count = ConnectionsMax();
    size_t echoed = 0, vanished = 0, cancelled = 0;
    const absl::Status status = loop.Run([&]() -> Task<absl::Status> {
      TcpListener listener = ListenOnLoopback(loop);
      std::vector<TcpPair> pairs;
      for (size_t i = 0; i < count; ++i) {
        CO_ASSIGN_OR_RETURN(TcpPair pair, co_await ConnectPair(loop, listener));
        pairs.push_back(std::move(pair));
      }
      co_return co_await WithScope([&](Scope& all) -> Task<absl::Status> {
        CancelScope doomed(all.cancel_scope(), CancelPropagation::kInherit);
        const auto serve = [&](TcpStream& stream) -> Task<void> {
          const absl::Status ended = co_await EchoAll(stream);
          if (absl::IsCancelled(ended)) {
            ++cancelled;
          } else if (!ended.ok()) {
            ++vanished;
          }
        };
        const auto speak = [&](TcpStream& stream,
                               size_t number) -> Task<absl::Status> {
          const std::string message = absl::StrCat("number ", number);
          CO_RETURN_IF_ERROR(co_await stream.WriteAll(message));
          if (number % 3 == 1) {
            ResetOnClose(stream);
            stream = TcpStream();
            co_return absl::OkStatus();
          }
          CO_RETURN_IF_ERROR(co_await stream.ShutdownWrite());
          CO_ASSIGN_OR_RETURN(std::string echo, co_await ReadAll(stream));
          if (echo == message) ++echoed;
          co_return absl::OkStatus();
        };
        co_return co_await WithScope([&](Scope& servers) -> Task<absl::Status> {
          for (TcpPair& pair : pairs) {
            servers.Spawn([&]() -> Task<void> {
              co_await serve(pair.server).In(doomed);
            });
          }
          CO_RETURN_IF_ERROR(
              co_await WithScope([&](Scope& clients) -> Task<absl::Status> {
                for (size_t i = 0; i < count; ++i) {
                  if (i % 3 != 2) clients.Spawn(speak(pairs[i].client, i));
                }
                co_return absl::OkStatus();
              }));
          while (echoed + vanished < count - count / 3)
            CO_RETURN_IF_ERROR(co_await Yield());
          doomed.Cancel();
          co_return absl::OkStatus();
        });
      });
    }());
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_EQ(echoed, (count + 2) / 3);
    EXPECT_EQ(vanished, (count + 1) / 3);
    EXPECT_EQ(cancelled, count / 3);
    TurnUntilNothingInFlight(loop);
    EXPECT_EQ((*loop.receive_buffers())->lent(), 0u);
  }
  EXPECT_EQ(CountDescriptors(), descriptors);
}

}  // namespace
}  // namespace braid
