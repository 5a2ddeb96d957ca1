// A rules engine in a C++ program: which payments go through is decided by
// rules.js, which changes more often than the program does.
//
//   ./bazelw run //examples:rules
//
// The rules are called on the loop's thread, without copying more than their
// argument. They may be async and ask C++ in turn. A rule that fails holds the
// payment: an error in a script must not let money through.

#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/loop.h"
#include "jsbind/convert_struct.h"
#include "jsbind/js_function.h"
#include "jsbind/js_promise.h"
#include "jsbind/module_def.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/runtime.h"
#include "jsbind/web/web_extension.h"

namespace {

using namespace braid;  // A program, not a library.

struct Payment {
  std::string id;
  std::string from;
  std::string country;
  double amount = 0;
};
constexpr auto JsFields(const Payment*) {
  return std::tuple(Field("id", &Payment::id), Field("from", &Payment::from),
                    Field("country", &Payment::country),
                    Field("amount", &Payment::amount));
}

// A rule gives the reason to hold a payment, or undefined.
struct Rule {
  std::string name;
  JsFunction<JsPromise<std::optional<std::string>>(const Payment&)> reason;
};
constexpr auto JsFields(const Rule*) {
  return std::tuple(RequiredField("name", &Rule::name),
                    RequiredField("reason", &Rule::reason));
}

class Ledger {
 public:
  void Add(const Payment& payment) { spent_[payment.from] += payment.amount; }
  Task<absl::StatusOr<double>> SpentToday(std::string account) {
    // As if it were asked of a database.
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(1)));
    if (account.empty()) co_return absl::InvalidArgumentError("no account");
    co_return spent_[account];
  }

 private:
  std::map<std::string, double> spent_;
};

Task<std::string> Judge(const std::vector<Rule>& rules,
                        const Payment& payment) {
  for (const Rule& rule : rules) {
    absl::StatusOr<std::optional<std::string>> reason =
        co_await rule.reason(payment);
    if (!reason.ok()) {
      co_return absl::StrCat("held, since the rule '", rule.name,
                             "' failed: ", reason.status().message());
    }
    if (reason->has_value())
      co_return absl::StrCat("held by '", rule.name, "': ", **reason);
  }
  co_return "accepted";
}

Task<absl::Status> JudgeAll(const std::vector<Rule>& rules, Ledger& ledger) {
  const Payment payments[] = {{"p1", "ada", "GB", 90},
                              {"p2", "bob", "GB", 12'000},
                              {"p3", "ada", "XX", 10},
                              {"p4", "ada", "GB", 4'950},
                              {"p5", "", "GB", 1}};
  for (const Payment& payment : payments) {
    const std::string judgement = co_await Judge(rules, payment);
    if (judgement == "accepted") ledger.Add(payment);
    printf("%s %s\n", payment.id.c_str(), judgement.c_str());
  }
  co_return absl::OkStatus();
}

// Runs the script beside the judging: its rules are there until it ends.
Task<absl::Status> Main(Loop& loop) {
  Ledger ledger;
  RuntimeOptions options;
  options.extensions = {&WebExtension(), &NodeExtension()};
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<Runtime> runtime,
                      Runtime::Create(loop, std::move(options)));
  std::vector<Rule> rules;
  Event ready;
  runtime->Module("native:payments")
      .Function("useRules",
                [&](std::vector<Rule> made) {
                  rules = std::move(made);
                  ready.Set();
                })
      .AsyncFunction("spentToday", [&](std::string account) {
        return ledger.SpentToday(std::move(account));
      });
  const absl::Status judged =
      co_await WithScope([&](Scope& scope) -> Task<absl::Status> {
        scope.Spawn([&]() -> Task<absl::Status> {
          const int code = co_await runtime->RunMain("examples/rules.js", {});
          if (scope.cancelled()) co_return absl::OkStatus();
          co_return absl::InternalError(
              absl::StrCat("rules.js ended with code ", code));
        });
        Runtime::KeepAlive keep_alive(*runtime);
        CO_RETURN_IF_ERROR(co_await ready.Wait());
        const absl::Status status = co_await JudgeAll(rules, ledger);
        scope.Cancel();
        co_return status;
      });
  rules.clear();  // Before the runtime, whose functions they are.
  co_return judged;
}

}  // namespace

int main() {
  absl::StatusOr<World> world = World::System();
  if (!world.ok()) {
    fprintf(stderr, "rules: %s\n",
            std::string(world.status().message()).c_str());
    return 1;
  }
  Loop loop(*std::move(world));
  const absl::Status status = loop.Run(Main(loop));
  if (!status.ok()) fprintf(stderr, "rules: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
