#include "jsbind/node/process_ops.h"

#include <ada.h>
#include <poll.h>
#include <simdutf.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <v8-initialization.h>
#include <v8-object.h>
#include <v8-statistics.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/promise_base.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/signals.h"
#include "jsbind/blocking_write.h"
#include "jsbind/version.h"
#include "jsbind/working_directory.h"

namespace braid {
namespace {

// The release of Node whose API these modules follow.
constexpr char kNodeVersion[] = "24.21.0";

struct NamedSignal {
  const char* name;
  int number;
};
constexpr NamedSignal kSignals[] = {
    {"SIGHUP", SIGHUP},       {"SIGINT", SIGINT},       {"SIGQUIT", SIGQUIT},
    {"SIGILL", SIGILL},       {"SIGTRAP", SIGTRAP},     {"SIGABRT", SIGABRT},
    {"SIGBUS", SIGBUS},       {"SIGFPE", SIGFPE},       {"SIGKILL", SIGKILL},
    {"SIGUSR1", SIGUSR1},     {"SIGSEGV", SIGSEGV},     {"SIGUSR2", SIGUSR2},
    {"SIGPIPE", SIGPIPE},     {"SIGALRM", SIGALRM},     {"SIGTERM", SIGTERM},
    {"SIGSTKFLT", SIGSTKFLT}, {"SIGCHLD", SIGCHLD},     {"SIGCONT", SIGCONT},
    {"SIGSTOP", SIGSTOP},     {"SIGTSTP", SIGTSTP},     {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU},     {"SIGURG", SIGURG},       {"SIGXCPU", SIGXCPU},
    {"SIGXFSZ", SIGXFSZ},     {"SIGVTALRM", SIGVTALRM}, {"SIGPROF", SIGPROF},
    {"SIGWINCH", SIGWINCH},   {"SIGIO", SIGIO},         {"SIGPWR", SIGPWR},
    {"SIGSYS", SIGSYS},
};

v8::Local<v8::Value> SignalNumbers(Js& js) {
  v8::Local<v8::Object> signals = v8::Object::New(js.isolate());
  for (const NamedSignal& signal : kSignals) {
    signals
        ->Set(js.context(), js.Name(signal.name),
              v8::Integer::New(js.isolate(), signal.number))
        .Check();
  }
  return signals;
}

// The signals that JS catches, by number.
class CaughtSignals {
 public:
  Task<absl::StatusOr<bool>> Next(Loop& loop, int32_t number) {
    auto [entry, is_new] = caught_.try_emplace(number);
    if (is_new) {
      absl::StatusOr<Signals> signals = Signals::Catch(loop, {number});
      if (!signals.ok()) {
        caught_.erase(entry);
        co_return signals.status();
      }
      entry->second = std::make_shared<Caught>(*std::move(signals));
    }
    const std::shared_ptr<Caught> caught = entry->second;
    CancelScope wait((co_await CurrentTask()).cancel_scope(),
                     CancelPropagation::kInherit);
    caught->wait = &wait;
    const absl::StatusOr<int> signal = co_await caught->signals.Next().In(wait);
    caught->wait = nullptr;
    if (caught->stopped) co_return false;
    if (!signal.ok()) co_return signal.status();
    co_return true;
  }

  void Stop(int32_t number) {
    const auto found = caught_.find(number);
    if (found == caught_.end()) return;
    found->second->stopped = true;
    // Whoever waits holds the object until it has learnt of the end.
    if (found->second->wait != nullptr) found->second->wait->Cancel();
    caught_.erase(found);
  }

 private:
  struct Caught {
    explicit Caught(Signals caught_signals)
        : signals(std::move(caught_signals)) {}
    Signals signals;
    CancelScope* wait = nullptr;
    bool stopped = false;
  };
  absl::flat_hash_map<int32_t, std::shared_ptr<Caught>> caught_;
};

// What has come on stdin, or nothing at its end.
Task<absl::StatusOr<std::optional<ByteString>>> ReadStdin(Loop& loop) {
  constexpr size_t kPieceBytes = size_t{64} << 10;
  std::string bytes(kPieceBytes, '\0');
  for (;;) {
    const absl::StatusOr<size_t> count = co_await ReadOperation(
        loop, STDIN_FILENO,
        {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()},
        kCurrentPosition);
    if (count.ok()) {
      if (*count == 0) co_return std::nullopt;
      co_return ByteString{bytes.substr(0, *count)};
    }
    if (ErrnoOf(count.status()) != EAGAIN) co_return count.status();
    // Somebody who has the same pipe or terminal made it non-blocking.
    CO_RETURN_IF_ERROR(
        co_await SimpleOperation(loop, "poll", "", [](io_uring_sqe* sqe) {
          io_uring_prep_poll_add(sqe, STDIN_FILENO, POLLIN);
        }));
  }
}

std::optional<std::string> ExecPath() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  if (size < 0) return std::nullopt;
  return std::string(path, static_cast<size_t>(size));
}

absl::Status Chdir(const std::string& directory) {
  if (chdir(directory.c_str()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "chdir", directory);
}

absl::Status Kill(int32_t pid, int32_t number) {
  return kill(pid, number) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "kill");
}

uint32_t Umask(std::optional<uint32_t> mask) {
  const mode_t before = umask(mask.value_or(0));
  if (!mask.has_value()) umask(before);
  return before;
}

std::optional<std::string> GetEnv(const std::string& name) {
  const char* value = getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::vector<std::string> EnvKeys() {
  std::vector<std::string> keys;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    // A name may begin with "=": look for the sign behind the first character.
    keys.emplace_back(text.substr(0, text.find('=', 1)));
  }
  return keys;
}

v8::Local<v8::Value> HrTime(Js& js, Loop& loop) {
  return v8::BigInt::New(js.isolate(), loop.clock().Now());
}

using Numbers = std::map<std::string, double>;

Numbers MemoryUsage(Js& js) {
  v8::HeapStatistics heap;
  js.isolate()->GetHeapStatistics(&heap);
  long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re"); file != nullptr) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return {
      {"rss",
       static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE))},
      {"heapTotal", static_cast<double>(heap.total_heap_size())},
      {"heapUsed", static_cast<double>(heap.used_heap_size())},
      {"external", static_cast<double>(heap.external_memory())},
  };
}

double Microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 +
         static_cast<double>(time.tv_usec);
}

Numbers CpuUsage() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return {{"user", Microseconds(usage.ru_utime)},
          {"system", Microseconds(usage.ru_stime)}};
}

Numbers ResourceUsage() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto number = [](long value) { return static_cast<double>(value); };
  return {
      {"userCPUTime", Microseconds(usage.ru_utime)},
      {"systemCPUTime", Microseconds(usage.ru_stime)},
      {"maxRSS", number(usage.ru_maxrss)},
      {"sharedMemorySize", number(usage.ru_ixrss)},
      {"unsharedDataSize", number(usage.ru_idrss)},
      {"unsharedStackSize", number(usage.ru_isrss)},
      {"minorPageFault", number(usage.ru_minflt)},
      {"majorPageFault", number(usage.ru_majflt)},
      {"swappedOut", number(usage.ru_nswap)},
      {"fsRead", number(usage.ru_inblock)},
      {"fsWrite", number(usage.ru_oublock)},
      {"ipcSent", number(usage.ru_msgsnd)},
      {"ipcReceived", number(usage.ru_msgrcv)},
      {"signalsCount", number(usage.ru_nsignals)},
      {"voluntaryContextSwitches", number(usage.ru_nvcsw)},
      {"involuntaryContextSwitches", number(usage.ru_nivcsw)},
  };
}

std::tuple<int32_t, int32_t> TerminalSize(int32_t fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

absl::Status WriteStandard(int32_t fd,
                           const std::variant<std::string, JsBytes>& data) {
  const auto* text = std::get_if<std::string>(&data);
  const int error = BlockingWrite(
      fd, text != nullptr ? *text : std::get<JsBytes>(data).text());
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "write");
}

std::map<std::string, std::string> Versions() {
  return {{"node", kNodeVersion},       {"braid", std::string(kBraidVersion)},
          {"v8", v8::V8::GetVersion()}, {"ada", ADA_VERSION},
          {"simdutf", SIMDUTF_VERSION}, {"modules", "137"}};
}

}  // namespace

void DefineProcessOps(ModuleDef& module) {
  auto caught = std::make_shared<CaughtSignals>();
  module.Function("pid", [] { return static_cast<int32_t>(getpid()); })
      .Function("ppid", [] { return static_cast<int32_t>(getppid()); })
      .Function("getuid", [] { return static_cast<uint32_t>(getuid()); })
      .Function("geteuid", [] { return static_cast<uint32_t>(geteuid()); })
      .Function("getgid", [] { return static_cast<uint32_t>(getgid()); })
      .Function("getegid", [] { return static_cast<uint32_t>(getegid()); })
      .Function<&Umask>("umask")
      .Function<&ExecPath>("execPath")
      .Function<&WorkingDirectory>("cwd")
      .Function<&Chdir>("chdir")
      .Function("abort", [] { std::abort(); })
      .Function<&Kill>("kill")
      .Function<&GetEnv>("getEnv")
      .Function("setEnv",
                [](const std::string& name, const std::string& value) {
                  setenv(name.c_str(), value.c_str(), 1);
                })
      .Function("deleteEnv",
                [](const std::string& name) { unsetenv(name.c_str()); })
      .Function<&EnvKeys>("envKeys")
      .Function<&HrTime>("hrtime")
      .Function<&MemoryUsage>("memoryUsage")
      .Function<&CpuUsage>("cpuUsage")
      .Function<&ResourceUsage>("resourceUsage")
      .Function<&TerminalSize>("terminalSize")
      .Function<&WriteStandard>("writeStandard")
      .AsyncFunction<&ReadStdin>("readStdin")
      .Function<&Versions>("versions")
      .Value("signals", &SignalNumbers)
      .AsyncFunction("nextSignal",
                     [caught](Loop& loop, int32_t number) {
                       return caught->Next(loop, number);
                     })
      .Function("stopSignal",
                [caught](int32_t number) { caught->Stop(number); });
}

}  // namespace braid
