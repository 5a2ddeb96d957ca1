#include "jsbind/cli/command_line.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "async/status_macros.h"
#include "io/socket_address.h"

namespace braid::cli {
namespace {

// The ring's switches: each is turned off by --ring-no-NAME.
struct RingSwitch {
  std::string_view name;
  bool UringOptions::* option;
};
constexpr RingSwitch kRingSwitches[] = {
    {"defer-taskrun", &UringOptions::defer_taskrun},
    {"single-issuer", &UringOptions::single_issuer},
    {"registered-fd", &UringOptions::registered_ring_fd},
    {"multishot-accept", &UringOptions::multishot_accept},
    {"multishot-receive", &UringOptions::multishot_receive},
};

absl::Status Wrong(std::string_view flag, std::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(flag, " ", problem));
}

// The words, taken one by one.
class Words {
 public:
  explicit Words(std::span<const std::string_view> words) : words_(words) {}
  bool empty() const { return words_.empty(); }
  std::string_view Take() {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  std::vector<std::string> TakeAll() {
    std::vector<std::string> all(words_.begin(), words_.end());
    words_ = {};
    return all;
  }

  // The value of `flag`: behind '=', or the next word.
  absl::StatusOr<std::string_view> Value(
      std::string_view flag, std::optional<std::string_view> inline_value) {
    if (inline_value.has_value()) return *inline_value;
    if (empty()) return Wrong(flag, "needs a value");
    return Take();
  }

 private:
  std::span<const std::string_view> words_;
};

absl::StatusOr<int> Number(std::string_view flag, std::string_view text,
                           int low, int high) {
  int number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < low || number > high) {
    return Wrong(flag, absl::StrCat("needs a number from ", low, " to ", high,
                                    ", not '", text, "'"));
  }
  return number;
}

// Reads a --ring-… flag.
absl::Status ReadRingFlag(std::string_view flag,
                          std::optional<std::string_view> value, Words& words,
                          UringOptions& ring) {
  std::string_view name = absl::StripPrefix(flag, "--ring-");
  if (name == "entries" || name == "completions") {
    ASSIGN_OR_RETURN(const std::string_view text, words.Value(flag, value));
    ASSIGN_OR_RETURN(const int number, Number(flag, text, 1, 32'768));
    (name == "entries" ? ring.submission_entries : ring.completion_entries) =
        static_cast<unsigned>(number);
    return absl::OkStatus();
  }
  const bool on = !absl::ConsumePrefix(&name, "no-");
  for (const RingSwitch& ring_switch : kRingSwitches) {
    if (name != ring_switch.name) continue;
    if (value.has_value()) return Wrong(flag, "takes no value");
    ring.*ring_switch.option = on;
    return absl::OkStatus();
  }
  return Wrong(flag, "is no flag of braid; see braid --help");
}

// Reads one flag; sets `code` for -e.
absl::Status ReadFlag(std::string_view word, Words& words,
                      CommandLine& command) {
  std::optional<std::string_view> value;
  std::string_view flag = word;
  if (const size_t equals = word.find('=');
      word.starts_with("--") && equals != std::string_view::npos) {
    flag = word.substr(0, equals);
    value = word.substr(equals + 1);
  }
  if (flag.starts_with("--ring-")) {
    return ReadRingFlag(flag, value, words, command.ring);
  }
  const bool serve = command.action == Action::kServe;
  if (serve && flag == "--port") {
    ASSIGN_OR_RETURN(const std::string_view text, words.Value(flag, value));
    ASSIGN_OR_RETURN(command.port, Number(flag, text, 0, 65'535));
    return absl::OkStatus();
  }
  if (serve && flag == "--host") {
    ASSIGN_OR_RETURN(const std::string_view text, words.Value(flag, value));
    if (absl::Status valid = SocketAddress::Parse(text, 0).status();
        !valid.ok()) {
      return Wrong(flag, absl::StrCat("needs an address: ", valid.message()));
    }
    command.host = text;
    return absl::OkStatus();
  }
  if (!serve && (flag == "-e" || flag == "--eval")) {
    ASSIGN_OR_RETURN(const std::string_view text, words.Value(flag, value));
    command.action = Action::kEval;
    command.file_or_code = text;
    return absl::OkStatus();
  }
  if (flag == "--stats") {
    command.stats = true;
  } else if (flag == "--version" || flag == "-v") {
    command.action = Action::kVersion;
  } else if (flag == "--help" || flag == "-h") {
    command.action = Action::kHelp;
  } else {
    return Wrong(flag, "is no flag of braid; see braid --help");
  }
  if (value.has_value()) return Wrong(flag, "takes no value");
  return absl::OkStatus();
}

bool IsFlag(std::string_view word) {
  return word.size() > 1 && word.starts_with("-");
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(
    std::span<const std::string_view> all) {
  Words words(all);
  CommandLine command;
  bool has_file = false;
  while (!words.empty()) {
    const std::string_view word = words.Take();
    if (IsFlag(word)) {
      RETURN_IF_ERROR(ReadFlag(word, words, command));
      if (command.action == Action::kHelp ||
          command.action == Action::kVersion) {
        return command;
      }
    } else if (command.action == Action::kEval) {
      command.arguments = words.TakeAll();
      command.arguments.insert(command.arguments.begin(), std::string(word));
    } else if (word == "serve" && command.action == Action::kRun) {
      command.action = Action::kServe;
    } else if (!has_file) {
      command.file_or_code = word;
      has_file = true;
      if (command.action == Action::kRun) command.arguments = words.TakeAll();
    } else {
      return Wrong(word, "is one file too many: serve takes one");
    }
  }
  if (command.action == Action::kServe && !has_file) {
    return absl::InvalidArgumentError("serve needs a file; see braid --help");
  }
  if (command.action == Action::kRun && !has_file) {
    return absl::InvalidArgumentError(
        "a file to run is missing; see braid --help");
  }
  return command;
}

std::string_view HelpText() {
  return R"(braid: runs JavaScript beside C++ coroutines on one io_uring

  braid [flags] FILE [arguments]    runs an ES module
  braid [flags] serve FILE          serves a module's `export default { fetch }`
  braid [flags] -e CODE [arguments] runs code from the command line

  --port N        for serve: the port, 8000 if not given; 0 lets the system
                  choose
  --host ADDRESS  for serve: the numeric address to listen on, 0.0.0.0 if not
                  given
  --stats         prints counters of loop and ring at the end, to stderr
  --version, -v   prints the versions of Braid and V8
  --help, -h      prints this

Features of the ring, for measuring what they are worth:
  --ring-no-defer-taskrun      --ring-no-multishot-accept
  --ring-no-single-issuer      --ring-no-multishot-receive
  --ring-no-registered-fd      --ring-entries N   --ring-completions N

Exit codes are Node's: 1 for an error that nobody caught, 13 for a top-level
await that can never end, 2 for wrong use of this command.
)";
}

}  // namespace braid::cli
