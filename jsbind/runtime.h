#ifndef BRAID_JSBIND_RUNTIME_H_
#define BRAID_JSBIND_RUNTIME_H_

#include <v8-context.h>
#include <v8-cppgc.h>
#include <v8-function.h>
#include <v8-isolate.h>
#include <v8-microtask-queue.h>
#include <v8-persistent-handle.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/event.h"
#include "async/task.h"
#include "io/loop.h"
#include "jsbind/extension.h"
#include "jsbind/js.h"
#include "jsbind/turn_state.h"
#include "jsbind/v8_platform.h"

namespace braid {

class ClassRegistry;
class JsErrors;
class ModuleDef;
class ModuleLoader;
class PendingCalls;
class PromiseSlots;
class Rejections;
struct ModuleRecord;

struct RuntimeOptions {
  V8Options v8;
  // Built-in modules; their bootstraps run in this order.
  std::vector<const Extension*> extensions;
  // What process.argv0 says.
  std::string exec_path = "braid";
  // The most memory that V8's heap takes; 0 lets V8 decide by the machine's.
  size_t heap_bytes_max = 0;
};

// JavaScript beside a loop: one V8 isolate with one context, its modules, and
// the bridge between promises and coroutines. JS runs on the loop's thread and
// only when the loop gives it the turn.
//
//   Loop loop(*World::System());
//   auto runtime = *Runtime::Create(loop);
//   runtime->Module("native:store").AsyncFunction<&Get>("get");
//   int exit_code = loop.Run(runtime->RunMain("main.js", {}));
//
// Order in a turn: calls into C++ that have ended settle their promises
// together; then immediates and due timers run, in this order. After
// every entry into JS, before anything else happens, all process.nextTick
// callbacks run, then all microtasks, until both are empty; then rejections
// that nobody handles are reported.
//
// Ownership: the embedder owns it; it must end before the loop. REQUIRES at
// the end: no call into C++ is pending: after RunMain() or Close() that is so.
// Thread: the loop's.
class Runtime final : private LoopGuest {
 public:
  // Errors: NotFoundError when an extension's bootstrap names no file;
  // InternalError with the message when a bootstrap throws.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(
      Loop& loop, RuntimeOptions options = {});
  ~Runtime() override;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Exit codes, as Node has them.
  static constexpr int kUncaughtExitCode = 1;
  static constexpr int kHandlerThrewExitCode = 7;
  static constexpr int kStalledExitCode = 13;
  static constexpr int kCancelledExitCode = 130;

  static Runtime& From(v8::Isolate* isolate) { return Js(isolate).runtime(); }

  // Declares a module in C++ that scripts import as `specifier`, which begins
  // with "native:", "braid:", "node:" or "internal:". See module_def.h. To be
  // called before the module is imported; the same specifier gives the same
  // module. The reference is valid as long as the runtime.
  ModuleDef& Module(std::string specifier);

  // Running programs. -------------------------------------------------------

  // Runs the ES module in `path` (absolute, or relative to the working
  // directory) as a program with process.argv[2...] = `args`: until nothing
  // that keeps it alive is pending, process.exit() or an error that nobody
  // handles. Gives the exit code as Node has it: 0, what the program set, 1
  // after an unhandled error (its report goes to stderr), 13 when a top-level
  // await can never end. Pending calls into C++ are cancelled and waited for.
  // Cancellation: ends the program the same way; the code is 130.
  // REQUIRES: not called twice for one runtime, nor with RunCode().
  Task<int> RunMain(std::string path, std::vector<std::string> args);
  // The same for `code`, as the module "[eval]" of the working directory.
  Task<int> RunCode(std::string code, std::vector<std::string> args);

  // Parts of that, for programs that are C++ first. -------------------------

  // Runs `code` as a classic script (no import statements) and gives the
  // value of its last expression as text. For tests and diagnostics.
  absl::StatusOr<std::string> EvalToString(std::string_view code);

  // Cancels the pending calls and waits for them. No JS runs any more.
  Task<void> Close();

  // Ends the program: no JS runs after what runs now, which is interrupted.
  // C++ that awaits a JS promise, in whatever scope, gets CancelledError. The
  // first call decides the code.
  void RequestExit(int code);
  bool exiting() const { return exit_code_.has_value(); }
  // Makes sure that the JS that called C++ does not go on when C++ returns.
  // REQUIRES: exiting().
  void Interrupt(Js& js);
  std::optional<int> exit_code() const { return exit_code_; }

  // Keeps the program running while it exists, as an open server does.
  class KeepAlive;
  void Ref() { ++refs_; }
  void Unref() { --refs_; }
  // Whether anything that keeps the program running is pending.
  bool alive() const;

  // For the rest of this layer. ---------------------------------------------

  Loop& loop() const { return loop_; }
  v8::Isolate* isolate() const { return isolate_; }
  v8::Local<v8::Context> context() const { return context_.Get(isolate_); }
  v8::MicrotaskQueue& microtasks() { return *microtasks_; }
  const RuntimeOptions& options() const { return options_; }
  const std::vector<std::string>& args() const { return args_; }
  const std::string& main_path() const { return main_path_; }

  TurnState& turn_state() { return turn_state_; }
  PendingCalls& calls() { return *calls_; }
  PromiseSlots& promise_slots() { return *promise_slots_; }
  ModuleLoader& loader() { return *loader_; }
  ClassRegistry& classes() { return *classes_; }
  JsErrors& errors() { return *errors_; }
  Rejections& rejections() { return *rejections_; }

  // How many JsTurns are open. Callbacks from JS into C++ do not count.
  int depth() const { return depth_; }

  // Runs everything that has to run before JS's turn ends: nextTick callbacks,
  // then microtasks, until both are empty; then unhandled rejections. Called
  // at the end of the outermost JsTurn, and by JS between two timers.
  void Drain(Js& js);

  // Calls a function of the built-in JS; an exception that it lets out is
  // reported as uncaught. Empty after an exception.
  v8::MaybeLocal<v8::Value> CallHook(Js& js, Hook hook, int argc,
                                     v8::Local<v8::Value>* argv);

  // An error that nobody caught: asks the program's 'uncaughtException'
  // handlers; without one, prints it and ends the program with code 1.
  // `message` tells the place and may be empty.
  enum class ErrorOrigin { kException, kRejection };
  void ReportUncaught(Js& js, v8::Local<v8::Value> error,
                      v8::Local<v8::Message> message, ErrorOrigin origin);

  // Runs the hook for timers when `delay_ms` has passed; negative: never.
  void ScheduleTimers(double delay_ms);
  // Milliseconds since the runtime was made.
  double NowMs();

 private:
  friend class JsTurn;
  class Timer;

  Runtime(Loop& loop, RuntimeOptions options);

  void MakeIsolate();
  void MakeContext();
  absl::Status RunBootstraps();

  // LoopGuest.
  void OnTurn() override;
  bool HasImmediateWork() const override;

  bool HasDueV8Tasks() const;
  void RunForegroundTasks();
  // Wakes the loop for V8's next delayed task, without keeping the program
  // alive: only the loop's own turn looks what is due.
  void ArmV8Timer();
  // Calls the hook if the count says that something waits, again if it throws.
  void RunPhase(Hook hook, TurnState::Count count);
  void RunTimers();
  void NoteIfIdle();

  // See program.cc.
  Task<int> RunProgram(Task<absl::StatusOr<ModuleRecord*>> loading);
  void StartMain();
  void RunCommonJsMain(Js& js, const ModuleRecord& main);
  // The end of the event loop: 'beforeExit', stalled awaits, 'exit'.
  void OnNothingPending();
  // Calls the exit hook, once, and ends the program.
  void Finish(Js& js, int code);

  Loop& loop_;
  const RuntimeOptions options_;
  std::vector<std::string> args_;
  std::string main_path_;
  const MonotonicNanos start_;

  TurnState turn_state_;
  std::shared_ptr<ForegroundTasks> foreground_tasks_;
  v8::Isolate* isolate_ = nullptr;
  // The thread's first runtime stays entered, so that its turns need not enter.
  bool entered_ = false;
  std::unique_ptr<v8::MicrotaskQueue> microtasks_;
  v8::Global<v8::Context> context_;

  std::unique_ptr<JsErrors> errors_;
  std::unique_ptr<ClassRegistry> classes_;
  std::unique_ptr<PendingCalls> calls_;
  std::unique_ptr<PromiseSlots> promise_slots_;
  std::unique_ptr<Rejections> rejections_;
  std::unique_ptr<ModuleLoader> loader_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> v8_timer_;
  double v8_timer_due_s_ = ForegroundTasks::kNone;

  int depth_ = 0;
  bool drain_pending_ = false;
  int refs_ = 0;
  bool running_program_ = false;
  bool reporting_ = false;  // A handler of uncaught errors runs.
  bool finishing_ = false;  // The exit hook was called.
  ModuleRecord* main_module_ = nullptr;
  v8::Global<v8::Promise> main_evaluation_;
  Event idle_;
  std::optional<int> exit_code_;
};

// Keeps a program running: hold one while something is open that a script
// waits for without a pending call, as a listening server does.
class Runtime::KeepAlive {
 public:
  explicit KeepAlive(Runtime& runtime) : runtime_(&runtime) { runtime.Ref(); }
  KeepAlive(KeepAlive&& other) noexcept
      : runtime_(std::exchange(other.runtime_, nullptr)) {}
  KeepAlive& operator=(KeepAlive&& other) noexcept {
    std::swap(runtime_, other.runtime_);
    return *this;
  }
  ~KeepAlive() {
    if (runtime_ != nullptr) runtime_->Unref();
  }

 private:
  Runtime* runtime_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_RUNTIME_H_
