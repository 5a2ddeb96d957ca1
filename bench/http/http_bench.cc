// Runs HTTP servers in turn under the same load and prints what they cost: see
// README.md.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "bench/http/load.h"
#include "bench/http/process.h"
#include "io/tcp.h"

ABSL_FLAG(int, connections, 64, "connections that are kept alive");
ABSL_FLAG(int, pipeline, 1, "requests that are sent together on a connection");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(3), "measured time of a run");
ABSL_FLAG(absl::Duration, ramp, absl::Seconds(1), "time before it");
ABSL_FLAG(int, repeat, 3, "runs of each server, in turn; medians are printed");
ABSL_FLAG(std::vector<std::string>, servers, {}, "only these, by name");

namespace braid::bench {
namespace {

// The server's processor and the load's.
constexpr int kServerCpu = 0;
constexpr int kLoadCpu = 1;
// Each run has a port of its own: the kernel takes an io_uring's listening
// socket down some time after its process has ended.
constexpr int kFirstPort = 18'080;

struct Server {
  std::string name;
  std::function<std::vector<std::string>(const std::string& port)> command;
};

struct Run {
  double requests_per_cpu_second;
  double requests_per_second;
  uint32_t p50_us;
  uint32_t p99_us;
  double resident_mb;
};

// nginx as its documentation tunes it for one core, without logs.
std::string WriteNginxConfiguration(const std::string& port) {
  const std::string path =
      absl::StrCat("/tmp/braid-bench-nginx-", getpid(), ".conf");
  std::ofstream(path)
      << "daemon off; worker_processes 1; error_log /dev/null; pid " << path
      << ".pid;\n"
      << "events { worker_connections 20000; }\n"
      << "http { access_log off; keepalive_requests 1000000000;\n"
      << "  server { listen 127.0.0.1:" << port << " backlog=4096;\n"
      << "    location / { default_type text/plain; return 200 'Hello, "
         "World!'; }"
      << " } }\n";
  return path;
}

std::vector<Server> FindServers() {
  using Words = std::vector<std::string>;
  std::vector<Server> servers = {
      {"raw liburing",
       [](const std::string& port) {
         return Words{"bench/http/raw_hello", port};
       }},
      {"braid C++",
       [](const std::string& port) {
         return Words{"bench/http/hello_cc", "--port=" + port};
       }},
      {"braid JS",
       [](const std::string& port) {
         return Words{"jsbind/cli/braid", "bench/http/hello.js", port};
       }},
      {"braid C++ epoll",
       [](const std::string& port) {
         return Words{"/usr/bin/env", "BRAID_IO=epoll", "bench/http/hello_cc",
                      "--port=" + port};
       }},
      {"braid JS epoll",
       [](const std::string& port) {
         return Words{"/usr/bin/env", "BRAID_IO=epoll", "jsbind/cli/braid",
                      "bench/http/hello.js", port};
       }},
  };
  const char* cache = getenv("XDG_CACHE_HOME");
  const char* home = getenv("HOME");
  const std::string peers = absl::StrCat(
      cache != nullptr ? cache
                       : absl::StrCat(home != nullptr ? home : "", "/.cache"),
      "/braid/peers/");
  if (const auto nginx = FindProgram("nginx", {"/usr/sbin"})) {
    servers.push_back({"nginx", [nginx](const std::string& port) {
                         return Words{*nginx, "-c",
                                      WriteNginxConfiguration(port)};
                       }});
  } else {
    printf("missing: nginx\n");
  }
  const std::vector<std::pair<std::string, std::vector<std::string>>> runtimes =
      {{"node", {}}, {"bun", {}}, {"deno", {"run", "--allow-net"}}};
  for (const auto& [name, arguments] : runtimes) {
    const auto program =
        FindProgram(name, {absl::StrCat(peers, name, "/node_modules/.bin")});
    if (!program.has_value()) {
      printf("missing: %s\n", name.c_str());
      continue;
    }
    Words command = {*program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(absl::StrCat("bench/http/peers/", name, ".mjs"));
    servers.push_back({name, [command](const std::string& port) {
                         Words words = command;
                         words.push_back(port);
                         return words;
                       }});
  }
  std::erase_if(servers, [](const Server& server) {
    const std::vector<std::string> only = absl::GetFlag(FLAGS_servers);
    return !only.empty() &&
           std::find(only.begin(), only.end(), server.name) == only.end();
  });
  return servers;
}

// Waits until somebody accepts connections on the port.
Task<absl::Status> WaitForServer(Loop& loop, SocketAddress address,
                                 const Process& process) {
  constexpr int kAttemptsMax = 1'000;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (!process.running()) co_return absl::InternalError("the server ended");
    absl::StatusOr<TcpStream> stream =
        co_await TcpStream::Connect(loop, address);
    if (stream.ok()) co_return co_await stream->Close();
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(10)));
  }
  co_return absl::DeadlineExceededError("the server does not listen");
}

absl::StatusOr<Run> RunOnce(const Server& server, int port) {
  ASSIGN_OR_RETURN(World world, World::System());
  Loop loop(std::move(world));
  ASSIGN_OR_RETURN(const SocketAddress address,
                   SocketAddress::Parse("127.0.0.1", port));
  ASSIGN_OR_RETURN(
      Process process,
      Process::Start(server.command(absl::StrCat(port)), kServerCpu));
  RETURN_IF_ERROR(loop.Run(WaitForServer(loop, address, process)));
  const LoadOptions options{
      absl::GetFlag(FLAGS_connections), absl::GetFlag(FLAGS_pipeline),
      absl::GetFlag(FLAGS_ramp), absl::GetFlag(FLAGS_duration)};
  double cpu_seconds = 0;
  uint64_t resident = 0;
  ASSIGN_OR_RETURN(const LoadResult result,
                   loop.Run(RunLoad(loop, address, options, [&](bool begins) {
                     cpu_seconds =
                         process.CpuSeconds() - (begins ? 0 : cpu_seconds);
                     resident = process.ResidentBytes();
                   })));
  if (result.latencies_us.empty())
    return absl::InternalError("no request was answered");
  const auto percentile = [&](size_t percent) {
    return result
        .latencies_us[(result.latencies_us.size() - 1) * percent / 100];
  };
  const auto requests = static_cast<double>(result.requests);
  return Run{requests / cpu_seconds,
             requests / absl::ToDoubleSeconds(options.duration), percentile(50),
             percentile(99), static_cast<double>(resident) / 1e6};
}

// The run with the median cost.
Run Median(std::vector<Run> runs) {
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
    return a.requests_per_cpu_second < b.requests_per_cpu_second;
  });
  return runs[runs.size() / 2];
}

int Main() {
  // The servers' files are named from here, not from where `bazel run` was
  // called.
  unsetenv("BUILD_WORKING_DIRECTORY");
  PinTo(kLoadCpu);
  const std::vector<Server> servers = FindServers();
  std::vector<std::vector<Run>> runs(servers.size());
  int port = kFirstPort;
  const int repeat = std::max(1, absl::GetFlag(FLAGS_repeat));
  for (int round = 1; round <= repeat; ++round) {
    for (size_t i = 0; i < servers.size(); ++i) {
      fprintf(stderr, "round %d of %d: %s\n", round, repeat,
              servers[i].name.c_str());
      const absl::StatusOr<Run> run = RunOnce(servers[i], port++);
      if (run.ok()) {
        runs[i].push_back(*run);
      } else {
        printf("failed: %s: %s\n", servers[i].name.c_str(),
               run.status().ToString().c_str());
      }
    }
  }
  printf("\n%d connections, %d pipelined, %s a run, medians of %d\n",
         absl::GetFlag(FLAGS_connections), absl::GetFlag(FLAGS_pipeline),
         absl::FormatDuration(absl::GetFlag(FLAGS_duration)).c_str(), repeat);
  printf("%-14s %14s %9s %9s %12s %8s %8s %9s\n", "server", "req/CPU-s",
         "of first", "min..max", "req/s", "p50 us", "p99 us", "RSS MB");
  double first = 0;
  for (size_t i = 0; i < servers.size(); ++i) {
    if (runs[i].empty()) continue;
    const Run median = Median(runs[i]);
    if (first == 0) first = median.requests_per_cpu_second;
    double low = median.requests_per_cpu_second;
    double high = low;
    for (const Run& run : runs[i]) {
      low = std::min(low, run.requests_per_cpu_second);
      high = std::max(high, run.requests_per_cpu_second);
    }
    printf("%-14s %14.0f %9.2f %4.2f..%4.2f %12.0f %8u %8u %9.1f\n",
           servers[i].name.c_str(), median.requests_per_cpu_second,
           median.requests_per_cpu_second / first, low / first, high / first,
           median.requests_per_second, median.p50_us, median.p99_us,
           median.resident_mb);
  }
  return 0;
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "runs HTTP servers in turn under the same load; see "
      "bench/http/README.md");
  absl::ParseCommandLine(argc, argv);
  return braid::bench::Main();
}
