#include "examples/quickstart/demonstration.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "async/scope.h"
#include "async/status_macros.h"
#include "examples/quickstart/service_client.h"

namespace braid::quickstart {
namespace {

constexpr int kWriters = 64;
constexpr int kWritesEach = 25;

// Asks, prints a line, and checks the status.
Task<absl::Status> Show(ServiceClient& client, int expected, std::string method,
                        std::string path, std::string body = "") {
  CO_ASSIGN_OR_RETURN(const Answer answer,
                      co_await client.Ask(method, path, body));
  printf("  %-6s %-16s %-44s %d %s\n", method.c_str(), path.c_str(),
         body.c_str(), answer.status, answer.body.c_str());
  if (answer.status == expected) co_return absl::OkStatus();
  co_return absl::InternalError(absl::StrCat(
      method, " ", path, " was answered ", answer.status, ", not ", expected));
}

Task<absl::Status> WriteMuch(Loop& loop, SocketAddress address, int writer) {
  ServiceClient client(loop, address);
  for (int i = 0; i < kWritesEach; ++i) {
    CO_ASSIGN_OR_RETURN(
        const Answer answer,
        co_await client.Ask("PUT", absl::StrCat("/stock/", writer, "-", i),
                            absl::StrCat(i)));
    if (answer.status != 204) co_return absl::InternalError(answer.body);
  }
  co_return absl::OkStatus();
}

}  // namespace

Task<absl::Status> Demonstrate(Loop& loop, SocketAddress address,
                               const Store& store) {
  ServiceClient client(loop, address);
  const char* ada = R"({"name":"Ada","email":"ada@example.org"})";
  printf("\nJS decides what may be stored, C++ stores it:\n\n");
  CO_RETURN_IF_ERROR(co_await Show(client, 204, "PUT", "/users/ada", ada));
  CO_RETURN_IF_ERROR(co_await Show(client, 200, "GET", "/users/ada"));
  CO_RETURN_IF_ERROR(
      co_await Show(client, 422, "PUT", "/users/bob", R"({"name":"Bob"})"));
  CO_RETURN_IF_ERROR(co_await Show(client, 204, "PUT", "/stock/apples", "12"));
  CO_RETURN_IF_ERROR(co_await Show(client, 422, "PUT", "/stock/pears", "-1"));
  CO_RETURN_IF_ERROR(co_await Show(client, 422, "PUT", "/secrets/x", "1"));
  CO_RETURN_IF_ERROR(co_await Show(client, 404, "GET", "/stock/pears"));
  CO_RETURN_IF_ERROR(co_await Show(client, 204, "DELETE", "/users/ada"));
  CO_RETURN_IF_ERROR(co_await Show(client, 200, "GET", "/?prefix=stock/"));

  printf(
      "\n%d clients write %d values each, every one synced before it is "
      "acknowledged:\n\n",
      kWriters, kWritesEach);
  const Store::Counters before = store.counters();
  const MonotonicNanos start = loop.clock().Now();
  CO_RETURN_IF_ERROR(
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int writer = 0; writer < kWriters; ++writer) {
          scope.Spawn(WriteMuch(loop, address, writer));
        }
        co_return absl::OkStatus();
      }));
  const double milliseconds =
      static_cast<double>(loop.clock().Now() - start) / 1e6;
  printf(
      "  %llu writes, %llu syncs, %.0f ms, one thread\n\n",
      static_cast<unsigned long long>(store.counters().writes - before.writes),
      static_cast<unsigned long long>(store.counters().syncs - before.syncs),
      milliseconds);
  co_return absl::OkStatus();
}

}  // namespace braid::quickstart
