// Modules and classes that C++ declares, as scripts see them.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "jsbind/borrowed.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_def.h"
#include "jsbind/testing/core_js.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

int Add(int a, int b) { return a + b; }

class Counter {
 public:
  explicit Counter(int start) : n_(start) { ++live; }
  Counter(const Counter&) = delete;
  ~Counter() { --live; }

  static absl::StatusOr<std::unique_ptr<Counter>> Parse(
      const std::string& text) {
    if (text.empty()) return absl::InvalidArgumentError("empty");
    return std::make_unique<Counter>(static_cast<int>(text.size()));
  }
  static Task<absl::StatusOr<std::unique_ptr<Counter>>> ParseLater(
      std::string text) {
    CO_RETURN_IF_ERROR(co_await SleepFor(absl::ZeroDuration()));
    co_return Parse(text);
  }

  int Up(int by) { return n_ += by; }
  Task<int> UpLater(int by) {
    CHECK_OK(co_await SleepFor(absl::Milliseconds(1)));
    co_return n_ += by;
  }
  int n() const { return n_; }
  absl::Status set_n(int n) {
    if (n < 0) return absl::OutOfRangeError("n must not be negative");
    n_ = n;
    return absl::OkStatus();
  }

  static inline int live = 0;

 private:
  int n_;
};

// Something movable that is made in C++ alone.
struct Ticket {
  std::string text;
};

void DefineCounter(ClassDef<Counter>& counter) {
  counter.Constructor<int>()
      .StaticMethod<&Counter::Parse>("parse")
      .StaticMethod<&Counter::ParseLater>("parseLater")
      .Method<&Counter::Up>("up")
      .AsyncMethod<&Counter::UpLater>("upLater")
      .Method("twice", [](Counter& self) { return self.n() * 2; })
      .Getter("half", [](Counter& self) { return self.n() / 2.0; })
      .Property<&Counter::n, &Counter::set_n>("n");
}

class BindingTest : public JsTest {
 public:
  BindingTest() : JsTest({&CoreJs()}, "--expose-gc") {
    Counter::live = 0;
    runtime()
        .Module("native:m")
        .Function<&Add>("add")
        .Class<Counter>("Counter", &DefineCounter)
        .Function("same", [](std::shared_ptr<Counter> c) { return c; })
        .Function("sum", [](Counter& a, Counter& b) { return a.n() + b.n(); })
        .Function("live", [] { return Counter::live; })
        .Class<Ticket>("Ticket",
                       [](ClassDef<Ticket>& ticket) {
                         ticket.Getter("text",
                                       [](Ticket& self) { return self.text; });
                       })
        .Function("ticket",
                  [](std::string text) { return Ticket{std::move(text)}; });
  }
  // Runs a module that has everything of native:m.
  std::string With(std::string_view code) {
    return Run(absl::StrCat(
        "import m, { add, Counter, same, sum, live, Ticket, ticket } from "
        "'native:m';\nconst attempt = (f) => { try { return f(); } catch (e) { "
        "return `${e.name}: ${e.message}`; } };\n",
        code));
  }
};

TEST_F(BindingTest, FunctionsHaveNamesAndLengths) {
  EXPECT_EQ(
      With(R"(log(add(1, 2), add.name, add.length);
                   log(attempt(() => new add(1, 2)));
                   log(attempt(() => add(1)));)"),
      "3 add 2\nTypeError: add is not a constructor\n"
      "TypeError: add(): argument 2 must be an integer, received undefined\n");
}

TEST_F(BindingTest, InstancesAreMadeAndUsed) {
  EXPECT_EQ(With(R"(const c = new Counter(1);
                   log(c.up(2), c.n, c.half, c.twice(), await c.upLater(3), c.n);
                   c.n = 10;
                   log(c.n, c instanceof Counter, String(c), Counter.name, Counter.length);
                   log(Object.keys(c).length, "up" in c, Object.hasOwn(Counter.prototype, "up"));)"),
            "3 3 1.5 6 6 6\n10 true [object Counter] Counter 1\n0 true true\n");
}

TEST_F(BindingTest, StaticMethodsMakeInstances) {
  EXPECT_EQ(With(R"(log(Counter.parse("abc").n);
                   log((await Counter.parseLater("abcd")).n);
                   log(attempt(() => Counter.parse("")));
                   log(await Counter.parseLater("").catch((e) => e.message));)"),
            "3\n4\nTypeError: empty\nempty\n");
}

TEST_F(BindingTest, WrongUseIsATypeError) {
  EXPECT_EQ(With(R"(const c = new Counter(1);
                   log(attempt(() => Counter(1)));
                   log(attempt(() => new Counter("x")));
                   log(attempt(() => c.up("x")));
                   log(attempt(() => c.up.call({}, 1)));
                   log(attempt(() => Counter.prototype.n));
                   log(attempt(() => c.n = -1));
                   log(attempt(() => c.n = "x"));
                   log(attempt(() => sum(c, {})));
                   log(attempt(() => sum(c, ticket("t"))));
                   log(attempt(() => new Ticket()));
                   log(await c.upLater("x").catch((e) => e.message));
                   log(await c.upLater.call(5, 1).catch((e) => `${e}`));
                   log(attempt(() => new c.upLater(1)));)"),
            "TypeError: Counter needs to be called with new\n"
            "TypeError: new Counter(): argument 1 must be an integer, received "
            "string \"x\"\n"
            "TypeError: Counter.up(): argument 1 must be an integer, received "
            "string \"x\"\n"
            "TypeError: Illegal invocation\n"
            "TypeError: Illegal invocation\n"
            "RangeError: n must not be negative\n"
            "TypeError: Counter.n(): argument 1 must be an integer, received "
            "string \"x\"\n"
            "TypeError: sum(): argument 2 must be an instance of Counter, "
            "received an instance of "
            "Object\n"
            "TypeError: sum(): argument 2 must be an instance of Counter, "
            "received an instance of "
            "Ticket\n"
            "TypeError: Illegal constructor\n"
            "Counter.upLater(): argument 1 must be an integer, received string "
            "\"x\"\n"
            "TypeError: Illegal invocation\n"
            "TypeError: c.upLater is not a constructor\n");
}

TEST_F(BindingTest, SubclassesWork) {
  EXPECT_EQ(With(R"(class Loud extends Counter {
                     constructor(n) { super(n * 100); }
                     up(by) { return "up to " + super.up(by); }
                   }
                   const loud = new Loud(2);
                   log(loud.up(1), loud.n, loud instanceof Counter, sum(loud, new Counter(1)));)"),
            "up to 201 201 true 202\n");
}

TEST_F(BindingTest, OneObjectIsOneWrapper) {
  EXPECT_EQ(With(R"(const c = new Counter(1);
                   log(same(c) === c);
                   gc();
                   log(same(c) === c, live());)"),
            "true\ntrue 1\n");
}

TEST_F(BindingTest, ValuesBecomeInstances) {
  EXPECT_EQ(
      With(R"(log(ticket("to ride").text, ticket("x") instanceof Ticket);)"),
      "to ride true\n");
}

TEST_F(BindingTest, GarbageCollectionEndsInstances) {
  EXPECT_EQ(
      With(R"((() => { for (let i = 0; i < 1000; i++) new Counter(i); })();
                   const kept = new Counter(1);
                   log(live());
                   await new Promise((r) => setImmediate(r));
                   gc(); gc();
                   await new Promise((r) => setImmediate(r));
                   log(live() < 10, kept.n);)"),
      "1001\ntrue 1\n");
}

TEST_F(BindingTest, PendingMethodKeepsItsReceiverAlive) {
  EXPECT_EQ(With(R"(const promise = (() => new Counter(5).upLater(1))();
                   gc(); gc();
                   await new Promise((r) => setImmediate(r));
                   gc();
                   log(await promise);)"),
            "6\n");
}

TEST_F(BindingTest, PendingCallKeepsWhatItPointsAtAlive) {
  Event go;
  runtime()
      .Module("native:point")
      .AsyncFunction("later",
                     [&go](Counter* c) -> Task<int> {
                       CHECK_OK(co_await go.Wait());
                       co_return c == nullptr ? Counter::live : c->n();
                     })
      .Function("go", [&go] { go.Set(); });
  EXPECT_EQ(With(R"(const { later, go } = await import("native:point");
                   const promise = (() => later(new Counter(5)))();
                   const nothing = later(null);
                   await new Promise((r) => setImmediate(r));
                   await gc({ type: "major", execution: "async" });
                   go();
                   log(await promise, await nothing);
                   log(await later({}).catch((e) => e.message));)"),
            "5 1\nlater(): argument 1 must be an instance of Counter, received "
            "an instance of Object\n");
}

struct CounterOptions {
  int by = 1;
  Counter* counter = nullptr;
};
constexpr auto JsFields(const CounterOptions*) {
  return std::tuple(Field("by", &CounterOptions::by),
                    Field("counter", &CounterOptions::counter));
}

// What async functions, promises and callbacks refuse to compile.
static_assert(kBorrows<Counter*>);
static_assert(kBorrows<std::optional<Counter*>>);
static_assert(kBorrows<std::map<std::string, std::vector<Counter*>>>);
static_assert(kBorrows<std::variant<int, Nullable<Counter*>>>);
static_assert(kBorrows<std::vector<CounterOptions>>);
static_assert(!kBorrows<std::vector<std::shared_ptr<Counter>>>);
static_assert(!kBorrows<JsFunction<void(Counter*)>>);

TEST_F(BindingTest, PointersInsideOfOtherTypesAreBorrowed) {
  runtime()
      .Module("native:point")
      .Function("sum",
                [](const std::vector<Counter*>& counters) {
                  int sum = 0;
                  for (Counter* c : counters) sum += c == nullptr ? 0 : c->n();
                  return sum;
                })
      .Function("up", [](CounterOptions options) {
        return options.counter->Up(options.by);
      });
  EXPECT_EQ(With(R"(const { sum: total, up } = await import("native:point");
                   log(total([new Counter(1), null, new Counter(2)]));
                   log(up({ by: 3, counter: new Counter(4) }));)"),
            "3\n7\n");
}

TEST_F(BindingTest, CppKeepsWhatItShares) {
  std::shared_ptr<Counter> kept;
  runtime()
      .Module("native:keep")
      .Function("keep",
                [&kept](std::shared_ptr<Counter> c) { kept = std::move(c); })
      .Function("get", [&kept] { return kept; });
  EXPECT_EQ(With(R"(const { keep, get } = await import("native:keep");
                   (() => keep(new Counter(7)))();
                   gc(); gc();
                   await new Promise((r) => setImmediate(r));
                   log(get().n, get() === get());
                   keep(get());)"),
            "7 true\n");
  EXPECT_EQ(kept->n(), 7);
  EXPECT_EQ(Counter::live, 1);
}

TEST_F(BindingTest, ObjectsThatCppOwns) {
  Counter owned(3);
  runtime()
      .Module("native:own")
      .Object("counter", owned)
      .Function("get", [&]() -> Counter& { return owned; });
  EXPECT_EQ(With(R"(const { counter, get } = await import("native:own");
                   counter.up(1);
                   log(counter.n, get() === counter, counter instanceof Counter);)"),
            "4 true true\n");
  EXPECT_EQ(owned.n(), 4);
}

TEST_F(BindingTest, RuntimeEndsInstancesBeforeItself) {
  EXPECT_EQ(
      With("globalThis.c = new Counter(1); globalThis.t = [new Counter(2)];"),
      "");
  EXPECT_EQ(Counter::live, 2);
}

TEST_F(BindingTest, CppExceptionsAreThrown) {
  runtime().Module("native:bad").Function("bad", []() -> int {
    throw std::runtime_error("bad");
  });
  EXPECT_EQ(
      With(R"(const { bad } = await import("native:bad"); log(attempt(bad));)"),
      "Error: bad\n");
}

TEST_F(BindingTest, StatusesAreThrown) {
  runtime().Module("native:bad").Function("bad", [](int code) {
    return absl::Status(static_cast<absl::StatusCode>(code), "text");
  });
  EXPECT_EQ(
      With(R"(const { bad } = await import("native:bad");
                   for (const code of [0, 3, 5, 11, 4]) {
                     try { log(bad(code)); } catch (e) { log(e.name, e.code, e.message); }
                   })"),
      "undefined\nTypeError INVALID_ARGUMENT text\nError NOT_FOUND text\n"
      "RangeError OUT_OF_RANGE text\nTimeoutError DEADLINE_EXCEEDED text\n");
}

TEST_F(BindingTest, HandedInParametersTakeNoArgument) {
  runtime()
      .Module("native:in")
      .Function("f", [](Runtime& r, int a, Loop& l, int b, Js& js) {
        return &r.loop() == &l && &js.runtime() == &r ? a * 10 + b : -1;
      });
  EXPECT_EQ(
      With("const { f } = await import('native:in'); log(f(1, 2), f.length);"),
      "12 2\n");
}

TEST_F(BindingTest, ManyCollectionsWhileCallsArePending) {
  EXPECT_EQ(With(R"(const promises = [];
                   for (let i = 0; i < 200; i++) {
                     promises.push(new Counter(i).upLater(1));
                     if (i % 20 === 0) gc();
                   }
                   const all = await Promise.all(promises);
                   gc();
                   log(all.reduce((a, b) => a + b));)"),
            "20100\n");
}

}  // namespace
}  // namespace braid
