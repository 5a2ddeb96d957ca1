#include "async/status_macros.h"
#include "io/loop.h"
#include "io/tcp.h"

using namespace braid;

Task<absl::Status> Echo(TcpStream stream) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(Lease bytes, co_await stream.Read());
    if (bytes.empty()) co_return absl::OkStatus();
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(bytes.bytes()));
  }
}

Task<absl::Status> Serve(Loop& loop) {
  CO_ASSIGN_OR_RETURN(const SocketAddress address,
                      SocketAddress::Parse("127.0.0.1", 7007));
  CO_ASSIGN_OR_RETURN(TcpListener listener, TcpListener::Listen(loop, address));
  co_return co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
    for (;;) {
      CO_ASSIGN_OR_RETURN(TcpStream stream, co_await listener.Accept());
      scope.Spawn(
          [](TcpStream& s) -> Task<void> {
            // A peer that resets its connection ends that connection alone.
            (co_await Echo(std::move(s))).IgnoreError();
          },
          std::move(stream));
    }
  });
}

int main() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) return 1;  // world.status() says why.
  Loop loop(*std::move(world));
  return loop.Run(Serve(loop)).ok() ? 0 : 1;
}
