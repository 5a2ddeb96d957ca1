// What crossing between JS and C++ costs: calls, promises both ways, instances.
// Each row stands beside V8's own way of doing the same (rows that begin with
// V8), measured in the same run; the differences are this layer's price.

#include <benchmark/benchmark.h>
#include <v8-function.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/executor.h"
#include "async/waiter.h"
#include "bench/async/harness.h"
#include "io/loop.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_def.h"

namespace braid {
namespace {

// Suspends until the next turn of the loop, like an operation that completes.
class [[nodiscard]] NextTurn final : public ReadyNode {
 public:
  void BindTask(PromiseBase& task) { task_ = &task; }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    ReadyNode::handle = handle;
    task_->executor().MakeReady(*this);
  }
  void await_resume() const {}

 private:
  PromiseBase* task_ = nullptr;
};

Task<int> Ready(int n) { co_return n; }
Task<absl::StatusOr<int>> ReadyStatusOr(int n) { co_return n; }
Task<int> Suspended(int n) {
  co_await NextTurn();
  co_return n;
}
Task<void> SuspendedVoid() { co_await NextTurn(); }
void Nothing() {}
int Increment(int n) { return n + 1; }
size_t Length(std::string_view text) { return text.size(); }
size_t Size(std::span<const uint8_t> bytes) { return bytes.size(); }

class Box {
 public:
  explicit Box(int n) : n_(n) {}
  int n() const { return n_; }
  int Add(int by) { return n_ += by; }

 private:
  int n_;
};

void V8Nothing(const v8::FunctionCallbackInfo<v8::Value>&) {}
void V8Increment(const v8::FunctionCallbackInfo<v8::Value>& info) {
  info.GetReturnValue().Set(info[0].As<v8::Int32>()->Value() + 1);
}

// Functions of a classic script; each runs its operation `n` times.
constexpr std::string_view kScript = R"(
  function nothing(n) { for (let i = 0; i < n; i++) m.nothing(); }
  function increment(n) { let x = 0; for (let i = 0; i < n; i++) x = m.increment(x); return x; }
  function v8Nothing(n) { for (let i = 0; i < n; i++) v8_nothing(); }
  function v8Increment(n) { let x = 0; for (let i = 0; i < n; i++) x = v8_increment(x); return x; }
  function length(n) { for (let i = 0; i < n; i++) m.length("a string of thirty-four characters"); }
  const kBytes = new Uint8Array(1024);
  function size(n) { for (let i = 0; i < n; i++) m.size(kBytes); }
  const box = new m.Box(1);
  function method(n) { for (let i = 0; i < n; i++) box.add(1); }
  function getter(n) { let x = 0; for (let i = 0; i < n; i++) x += box.n; return x; }
  function construct(n) { for (let i = 0; i < n; i++) new m.Box(i); }

  async function awaitNull(n) { for (let i = 0; i < n; i++) await null; }
  async function ready(n) { for (let i = 0; i < n; i++) await m.ready(i); }
  async function readyStatusOr(n) { for (let i = 0; i < n; i++) await m.readyStatusOr(i); }
  async function suspended(n) { for (let i = 0; i < n; i++) await m.suspended(i); }
  async function suspendedVoid(n) { for (let i = 0; i < n; i++) await m.suspendedVoid(); }

  function identity(n) { return n; }
  async function asyncIdentity(n) { return n; }
  async function awaiting(n) { await null; return n; }
)";

// A runtime with the functions above as `m`, and a script's functions on top.
class Fixture {
 public:
  Fixture() : loop_(*World::System()), runtime_(*Runtime::Create(loop_)) {
    runtime_->Module("native:bench")
        .Function<&Nothing>("nothing")
        .Function<&Increment>("increment")
        .Function<&Length>("length")
        .Function<&Size>("size")
        .AsyncFunction<&Ready>("ready")
        .AsyncFunction<&ReadyStatusOr>("readyStatusOr")
        .AsyncFunction<&Suspended>("suspended")
        .AsyncFunction<&SuspendedVoid>("suspendedVoid")
        .Class<Box>("Box", [](ClassDef<Box>& box) {
          box.Constructor<int>().Method<&Box::Add>("add").Getter<&Box::n>("n");
        });
    CHECK_OK(runtime_->EvalToString(
        "import('native:bench').then((m) => { globalThis.m = m.default; })"));
    JsTurn js(*runtime_);
    auto set = [&](const char* name, v8::FunctionCallback callback) {
      js.context()
          ->Global()
          ->Set(js.context(), js.Name(name),
                v8::Function::New(js.context(), callback).ToLocalChecked())
          .Check();
    };
    set("v8_nothing", &V8Nothing);
    set("v8_increment", &V8Increment);
    CHECK_OK(runtime_->EvalToString(kScript));
  }
  ~Fixture() { loop_.Run(runtime_->Close()); }

  Loop& loop() { return loop_; }

  template <typename Signature>
  JsFunction<Signature> Get(const char* name) {
    JsTurn js(*runtime_);
    v8::Local<v8::Value> function = js.context()
                                        ->Global()
                                        ->Get(js.context(), js.Name(name))
                                        .ToLocalChecked();
    return JsFunction<Signature>(js, function.As<v8::Function>());
  }

 private:
  Loop loop_;
  std::unique_ptr<Runtime> runtime_;
};

constexpr int kBatch = 20'000;

void SetPerItem(benchmark::State& state, int64_t items) {
  state.SetItemsProcessed(state.iterations() * items);
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(state.iterations() * items),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// A synchronous loop in JS.
void Synchronous(benchmark::State& state, const char* name) {
  Fixture fixture;
  auto run = fixture.Get<void(int)>(name);
  CHECK_OK(run(kBatch));
  const bench::AllocationCounter allocations(state, kBatch);
  for (auto _ : state) CHECK_OK(run(kBatch));
  SetPerItem(state, kBatch);
}

// `range(0)` loops in JS at once, each awaiting one operation after another.
void Awaiting(benchmark::State& state, const char* name) {
  Fixture fixture;
  auto run = fixture.Get<JsPromise<void>(int)>(name);
  const int width = static_cast<int>(state.range(0));
  auto round = [&]() -> Task<void> {
    std::vector<JsPromise<void>> promises;
    promises.reserve(static_cast<size_t>(width));
    for (int i = 0; i < width; ++i) promises.push_back(run(kBatch / width));
    for (JsPromise<void>& promise : promises) CHECK_OK(co_await promise);
  };
  fixture.loop().Run(round());
  const bench::AllocationCounter allocations(state, kBatch / width * width);
  for (auto _ : state) fixture.loop().Run(round());
  SetPerItem(state, kBatch / width * width);
}

// C++ calls a JS function and awaits its promise, one after another.
void CppAwaits(benchmark::State& state, const char* name) {
  Fixture fixture;
  auto call = fixture.Get<JsPromise<int>(int)>(name);
  auto round = [&]() -> Task<void> {
    for (int i = 0; i < kBatch; ++i) CHECK_OK((co_await call(i)).status());
  };
  fixture.loop().Run(round());
  const bench::AllocationCounter allocations(state, kBatch);
  for (auto _ : state) fixture.loop().Run(round());
  SetPerItem(state, kBatch);
}

// C++ calls a JS function and uses its result.
void CppCalls(benchmark::State& state) {
  Fixture fixture;
  auto call = fixture.Get<int(int)>("identity");
  const bench::AllocationCounter allocations(state);
  for (auto _ : state) benchmark::DoNotOptimize(call(1));
}

BENCHMARK_CAPTURE(Synchronous, V8Nothing, "v8Nothing");
BENCHMARK_CAPTURE(Synchronous, Nothing, "nothing");
BENCHMARK_CAPTURE(Synchronous, V8Increment, "v8Increment");
BENCHMARK_CAPTURE(Synchronous, Increment, "increment");
BENCHMARK_CAPTURE(Synchronous, StringArgument, "length");
BENCHMARK_CAPTURE(Synchronous, BytesArgument, "size");
BENCHMARK_CAPTURE(Synchronous, Method, "method");
BENCHMARK_CAPTURE(Synchronous, Getter, "getter");
BENCHMARK_CAPTURE(Synchronous, Construct, "construct");
BENCHMARK_CAPTURE(Awaiting, V8AwaitNull, "awaitNull")->Arg(1);
BENCHMARK_CAPTURE(Awaiting, Ready, "ready")->Arg(1);
BENCHMARK_CAPTURE(Awaiting, ReadyStatusOr, "readyStatusOr")->Arg(1);
BENCHMARK_CAPTURE(Awaiting, Suspended, "suspended")
    ->Arg(1)
    ->Arg(4)
    ->Arg(16)
    ->Arg(64)
    ->Arg(256);
BENCHMARK_CAPTURE(Awaiting, SuspendedVoid, "suspendedVoid")->Arg(16);
BENCHMARK(CppCalls);
BENCHMARK_CAPTURE(CppAwaits, ValueAtOnce, "identity");
BENCHMARK_CAPTURE(CppAwaits, FulfilledPromise, "asyncIdentity");
BENCHMARK_CAPTURE(CppAwaits, PendingPromise, "awaiting");

}  // namespace
}  // namespace braid
