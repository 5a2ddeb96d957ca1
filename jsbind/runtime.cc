#include "jsbind/runtime.h"

#include <unistd.h>
#include <v8-exception.h>
#include <v8-initialization.h>
#include <v8-message.h>
#include <v8-script.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "jsbind/blocking_write.h"
#include "jsbind/built_in_js.h"
#include "jsbind/class_registry.h"
#include "jsbind/js_error.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_def.h"
#include "jsbind/module_loader.h"
#include "jsbind/pending_call.h"
#include "jsbind/promise_slots.h"
#include "jsbind/rejections.h"
#include "jsbind/runtime_module.h"
#include "jsbind/source_errors.h"

namespace braid {

// The one native timer behind all timers of JS, and the one behind V8's delayed
// tasks.
class Runtime::Timer final : public TimerNode {
 public:
  Timer()
      : TimerNode(
            [](TimerNode& node) { static_cast<Timer&>(node).due_ = true; }) {}

  bool due() const { return due_; }
  void ClearDue() { due_ = false; }

 private:
  bool due_ = false;
};

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(
    Loop& loop, RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(new Runtime(loop, std::move(options)));
  if (absl::Status status = runtime->RunBootstraps(); !status.ok())
    return status;
  return runtime;
}

Runtime::Runtime(Loop& loop, RuntimeOptions options)
    : loop_(loop),
      options_(std::move(options)),
      start_(loop.clock().Now()),
      timer_(std::make_unique<Timer>()),
      v8_timer_(std::make_unique<Timer>()) {
  MakeIsolate();
  calls_ = std::make_unique<PendingCalls>(*this);
  promise_slots_ = std::make_unique<PromiseSlots>();
  rejections_ = std::make_unique<Rejections>(*this);
  errors_ = std::make_unique<JsErrors>(isolate_);
  classes_ = std::make_unique<ClassRegistry>(isolate_);
  loader_ = std::make_unique<ModuleLoader>(*this);
  MakeContext();
  loop_.AddGuest(*this);
}

Runtime::~Runtime() {
  CHECK_EQ(depth_, 0) << "a Runtime ended inside a JsTurn";
  loop_.RemoveGuest(*this);
  timer_.reset();
  v8_timer_.reset();
  {
    // What holds JS values goes first, while V8 is whole.
    const v8::Isolate::Scope isolate_scope(isolate_);
    const v8::HandleScope handle_scope(isolate_);
    calls_.reset();
    loader_.reset();
    classes_.reset();
    promise_slots_.reset();
    rejections_.reset();
    errors_.reset();
    for (v8::Global<v8::Function>& hook : turn_state_.hooks) hook.Reset();
    main_evaluation_.Reset();
    context_.Reset();
  }
  foreground_tasks_->Stop();
  if (entered_) isolate_->Exit();
  isolate_->Dispose();
  microtasks_.reset();
  V8Platform::Get().RemoveIsolate(isolate_);
}

void Runtime::MakeIsolate() {
  V8Platform& platform = V8Platform::Start(options_.v8);
  foreground_tasks_ = std::make_shared<ForegroundTasks>(
      [&loop = loop_] { loop.Post([] { /* waking it is all */ }); });
  isolate_ = v8::Isolate::Allocate();
  platform.AddIsolate(isolate_, foreground_tasks_);
  v8::Isolate::CreateParams params;
  // Shared: memory that JS and C++ share may outlive the isolate.
  params.array_buffer_allocator_shared.reset(
      v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  // The isolate owns it.
  params.cpp_heap =
      v8::CppHeap::Create(&platform.platform(), v8::CppHeapCreateParams({}))
          .release();
  if (options_.heap_bytes_max > 0) {
    params.constraints.ConfigureDefaultsFromHeapSize(0,
                                                     options_.heap_bytes_max);
  }
  v8::Isolate::Initialize(isolate_, params);
  if (v8::Isolate::TryGetCurrent() == nullptr) {
    entered_ = true;
    isolate_->Enter();
  }
  isolate_->SetData(Js::kRuntimeSlot, this);
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate_->SetCaptureStackTraceForUncaughtExceptions(true, 10);
  isolate_->AddMessageListener([](v8::Local<v8::Message> message,
                                  v8::Local<v8::Value> error) {
    Js js(v8::Isolate::GetCurrent());
    js.runtime().ReportUncaught(js, error, message, ErrorOrigin::kException);
  });
  Rejections::Install(isolate_);
  ModuleLoader::Install(isolate_);
}

void Runtime::MakeContext() {
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handle_scope(isolate_);
  microtasks_ =
      v8::MicrotaskQueue::New(isolate_, v8::MicrotasksPolicy::kExplicit);
  context_.Reset(isolate_, v8::Context::New(isolate_, nullptr, {}, {}, {},
                                            microtasks_.get()));
}

namespace {

// The text of an error's stack, when it is first looked at.
v8::MaybeLocal<v8::Value> PrepareStackTrace(v8::Local<v8::Context> context,
                                            v8::Local<v8::Value> error,
                                            v8::Local<v8::Array> sites) {
  Js js(v8::Isolate::GetCurrent());
  v8::Local<v8::Value> arguments[] = {error, sites};
  return js.runtime()
      .turn_state()
      .hook(Hook::kPrepareStackTrace)
      .Get(js.isolate())
      ->Call(context, js.Undefined(), 2, arguments);
}

}  // namespace

absl::Status Runtime::RunBootstraps() {
  const Extension core = {
      .files = embedded::built_in_js::kFiles,
      .bootstrap = "jsbind/async_calls.js",
  };
  DefineRuntimeModule(Module("internal:runtime"), turn_state_);
  std::vector<const Extension*> extensions = {&core};
  extensions.insert(extensions.end(), options_.extensions.begin(),
                    options_.extensions.end());
  for (const Extension* extension : extensions)
    loader_->AddExtension(*extension);
  for (const Extension* extension : extensions) {
    if (extension->bootstrap.empty()) continue;
    JsTurn js(*this);
    v8::TryCatch try_catch(isolate_);
    ModuleRecord* record = loader_->LoadBuiltin(
        js, absl::StrCat("internal:", extension->bootstrap.substr(
                                          std::string_view("jsbind/").size())));
    v8::Local<v8::Promise> evaluated;
    if (record == nullptr ||
        !loader_->Evaluate(js, *record).ToLocal(&evaluated)) {
      return absl::InternalError(absl::StrCat(
          "the built-in JavaScript does not start:\n",
          FormatUncaught(js, try_catch.Exception(), try_catch.Message())));
    }
    if (evaluated->State() == v8::Promise::kRejected) {
      evaluated->MarkAsHandled();
      return absl::InternalError(absl::StrCat(
          "the built-in JavaScript does not start:\n",
          FormatUncaught(
              js, evaluated->Result(),
              v8::Exception::CreateMessage(isolate_, evaluated->Result()))));
    }
    CHECK(evaluated->State() == v8::Promise::kFulfilled)
        << extension->bootstrap << " awaits at its top level";
  }
  isolate_->SetPrepareStackTraceCallback(PrepareStackTrace);
  return absl::OkStatus();
}

ModuleDef& Runtime::Module(std::string specifier) {
  return loader_->Declare(std::move(specifier));
}

absl::StatusOr<std::string> Runtime::EvalToString(std::string_view code) {
  JsTurn js(*this);
  v8::TryCatch try_catch(isolate_);
  v8::Local<v8::String> source = js.String(code);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> result;
  v8::Local<v8::String> text;
  if (source.IsEmpty() ||
      !v8::Script::Compile(js.context(), source).ToLocal(&script) ||
      !script->Run(js.context()).ToLocal(&result) ||
      !result->ToDetailString(js.context()).ToLocal(&text)) {
    return StatusFromCaught(js, try_catch);
  }
  return ToUtf8(isolate_, text);
}

double Runtime::NowMs() {
  return static_cast<double>(loop_.clock().Now() - start_) / 1e6;
}

void Runtime::ScheduleTimers(double delay_ms) {
  TimerQueue& timers = loop_.executor().timers();
  timers.Remove(*timer_);
  timer_->ClearDue();
  if (!(delay_ms >= 0)) return;
  timers.Add(*timer_,
             DeadlineAfter(loop_.clock().Now(), absl::Milliseconds(delay_ms)));
}

bool Runtime::alive() const {
  // Unref() beside a pending call takes that call's hold away.
  return refs_ + static_cast<int>(calls_->size()) > 0 || calls_->has_ended() ||
         turn_state_.has(TurnState::kImmediateRefCount) ||
         turn_state_.has(TurnState::kTimerRefCount) ||
         isolate_->HasPendingBackgroundTasks();
}

bool Runtime::HasImmediateWork() const {
  if (exiting()) return false;
  return calls_->has_ended() || drain_pending_ || timer_->due() ||
         turn_state_.has(TurnState::kImmediateRefCount) || HasDueV8Tasks();
}

bool Runtime::HasDueV8Tasks() const {
  const double due = foreground_tasks_->NextDue();
  // Asking V8's clock costs more than the rest of an idle turn.
  return due == ForegroundTasks::kAtOnce ||
         (due < ForegroundTasks::kNone && due <= V8Platform::Get().Now());
}

void Runtime::OnTurn() {
  CHECK_EQ(depth_, 0) << "a JsTurn was held across a co_await";
  errors_->Sweep();
  if (exiting()) {
    calls_->DestroyEnded();
    return;
  }
  RunForegroundTasks();
  const bool work = calls_->has_ended() || drain_pending_ || timer_->due() ||
                    turn_state_.has(TurnState::kImmediateCount);
  if (work) {
    turn_state_.times[TurnState::kTurnStart] = NowMs();
    if (calls_->has_ended() || drain_pending_) {
      JsTurn js(*this);
      drain_pending_ = false;
      calls_->SettleEnded(js);
    }
    RunPhase(Hook::kImmediates, TurnState::kImmediateCount);
    if (timer_->due()) RunTimers();
  }
  ArmV8Timer();
  NoteIfIdle();
}

void Runtime::RunForegroundTasks() {
  if (!HasDueV8Tasks()) return;
  std::vector<std::unique_ptr<v8::Task>> tasks =
      foreground_tasks_->Take(V8Platform::Get().Now());
  for (std::unique_ptr<v8::Task>& task : tasks) {
    JsTurn js(*this);
    task->Run();
  }
}

void Runtime::ArmV8Timer() {
  const double due_s = foreground_tasks_->NextDue();
  if (due_s == v8_timer_due_s_ &&
      (due_s == ForegroundTasks::kNone || v8_timer_->pending())) {
    return;
  }
  TimerQueue& timers = loop_.executor().timers();
  timers.Remove(*v8_timer_);
  v8_timer_due_s_ = due_s;
  if (due_s == ForegroundTasks::kNone) return;
  const double delay_s = std::max(0.0, due_s - V8Platform::Get().Now());
  timers.Add(*v8_timer_,
             DeadlineAfter(loop_.clock().Now(), absl::Seconds(delay_s)));
}

void Runtime::RunPhase(Hook hook, TurnState::Count count) {
  if (!turn_state_.has(count) || exiting()) return;
  JsTurn js(*this);
  // One that throws leaves the others waiting; they still belong to this turn.
  while (turn_state_.has(count) && !exiting()) {
    if (!CallHook(js, hook, 0, nullptr).IsEmpty()) break;
    Drain(js);
  }
}

void Runtime::RunTimers() {
  if (exiting()) return;
  JsTurn js(*this);
  timer_->ClearDue();
  v8::Local<v8::Value> next;
  do {
    v8::Local<v8::Value> now =
        v8::Number::New(isolate_, turn_state_.times[TurnState::kTurnStart]);
    if (CallHook(js, Hook::kTimers, 1, &now).ToLocal(&next)) {
      if (next->IsNumber()) ScheduleTimers(next.As<v8::Number>()->Value());
      return;
    }
    Drain(js);
  } while (!exiting());
}

void Runtime::Drain(Js& js) {
  do {
    // Without callbacks to run there is no need to enter JS for them.
    while (turn_state_.has(TurnState::kTickCount) && !exiting()) {
      if (!CallHook(js, Hook::kTicks, 0, nullptr).IsEmpty()) break;
    }
    if (exiting()) return;
    microtasks_->PerformCheckpoint(isolate_);
    if (exiting()) return;
  } while (turn_state_.has(TurnState::kTickCount) || rejections_->Process(js));
}

v8::MaybeLocal<v8::Value> Runtime::CallHook(Js& js, Hook hook, int argc,
                                            v8::Local<v8::Value>* argv) {
  const v8::Global<v8::Function>& function = turn_state_.hook(hook);
  if (function.IsEmpty()) return js.Undefined();
  if (exiting()) return {};
  v8::TryCatch try_catch(isolate_);
  // V8 tells the message listener: ReportUncaught().
  try_catch.SetVerbose(true);
  return function.Get(isolate_)->Call(js.context(), js.Undefined(), argc, argv);
}

void Runtime::ReportUncaught(Js& js, v8::Local<v8::Value> error,
                             v8::Local<v8::Message> message,
                             ErrorOrigin origin) {
  if (exiting()) return;
  const v8::HandleScope handle_scope(isolate_);
  if (!reporting_) {
    v8::Local<v8::Value> arguments[] = {
        error,
        js.Name(origin == ErrorOrigin::kException ? "uncaughtException"
                                                  : "unhandledRejection")};
    reporting_ = true;
    v8::Local<v8::Value> handled;
    const bool answered =
        CallHook(js, Hook::kUncaught, 2, arguments).ToLocal(&handled);
    reporting_ = false;
    if (exiting() || (answered && handled->IsTrue())) return;
    BlockingWrite(STDERR_FILENO, FormatUncaught(js, error, message));
    Finish(js, kUncaughtExitCode);
    return;
  }
  // A handler of uncaught errors that throws itself.
  BlockingWrite(STDERR_FILENO, FormatUncaught(js, error, message));
  RequestExit(kHandlerThrewExitCode);
}

void Runtime::Finish(Js& js, int code) {
  v8::Local<v8::Value> argument = v8::Integer::New(isolate_, code);
  v8::Local<v8::Value> result;
  if (!finishing_) {
    finishing_ = true;
    if (CallHook(js, Hook::kExit, 1, &argument).ToLocal(&result) &&
        result->IsInt32()) {
      code = result.As<v8::Int32>()->Value();
    }
  }
  RequestExit(code);
}

void Runtime::RequestExit(int code) {
  if (exiting()) return;
  exit_code_ = code;
  if (depth_ > 0) isolate_->TerminateExecution();
  promise_slots_->End();
  idle_.Set();
}

void Runtime::Interrupt(Js& js) {
  isolate_->TerminateExecution();
  // V8 notices the request at the next loop or call, so it gets a loop.
  v8::Local<v8::Script> endless;
  v8::Local<v8::Value> never;
  if (v8::Script::Compile(js.context(), js.Name("for (;;);"))
          .ToLocal(&endless)) {
    (void)endless->Run(js.context()).ToLocal(&never);
  }
}

void Runtime::NoteIfIdle() {
  if (running_program_ && !alive()) idle_.Set();
}

}  // namespace braid
