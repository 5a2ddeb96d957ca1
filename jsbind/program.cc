// A runtime's program from its first module to its exit code.

#include <unistd.h>
#include <v8-exception.h>
#include <v8-script.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jsbind/blocking_write.h"
#include "jsbind/js_error.h"
#include "jsbind/js_turn.h"
#include "jsbind/module_loader.h"
#include "jsbind/module_specifier.h"
#include "jsbind/pending_call.h"
#include "jsbind/runtime.h"
#include "jsbind/source_errors.h"
#include "jsbind/working_directory.h"

namespace braid {

Task<int> Runtime::RunMain(std::string path, std::vector<std::string> args) {
  args_ = std::move(args);
  const std::string url = FileUrlOf(AbsolutePath(path));
  main_path_ = PathOfFileUrl(url).value_or("");
  running_program_ = true;
  co_return co_await RunProgram(loader_->LoadMain(main_path_));
}

Task<int> Runtime::RunCode(std::string code, std::vector<std::string> args) {
  args_ = std::move(args);
  running_program_ = true;
  const std::string url = FileUrlOf(AbsolutePath("[eval]"));
  co_return co_await RunProgram(loader_->LoadCode(url, std::move(code)));
}

Task<int> Runtime::RunProgram(Task<absl::StatusOr<ModuleRecord*>> loading) {
  absl::StatusOr<ModuleRecord*> main = co_await std::move(loading);
  if (!exiting()) {
    JsTurn js(*this);
    if (main.ok() && (*main)->kind == ModuleRecord::Kind::kCommonJs) {
      RunCommonJsMain(js, **main);
    } else if (main.ok()) {
      loader_->set_main(*main);
      main_module_ = *main;
      // As in Node, a module's body is a microtask: what it queues runs in the
      // order microtasks, nextTick callbacks.
      microtasks_->EnqueueMicrotask(
          isolate_,
          [](void* self) { static_cast<Runtime*>(self)->StartMain(); }, this);
    } else if (absl::IsCancelled(main.status()) &&
               JsErrorOf(js, main.status()).IsEmpty()) {
      RequestExit(kCancelledExitCode);
    } else {
      v8::Local<v8::Value> error = ErrorFromStatus(js, main.status());
      ReportUncaught(js, error, v8::Exception::CreateMessage(isolate_, error),
                     ErrorOrigin::kException);
    }
  }
  while (!exiting()) {
    if (!alive()) {
      OnNothingPending();
      continue;
    }
    idle_.Reset();
    // In a later turn, not in this one: what was just started has its place
    // there.
    if (!(co_await idle_.Wait()).ok()) RequestExit(kCancelledExitCode);
  }
  co_await Close();
  co_return *exit_code_;
}

void Runtime::RunCommonJsMain(Js& js, const ModuleRecord& main) {
  v8::TryCatch try_catch(isolate_);
  if (loader_->RunCommonJs(js, main) || try_catch.HasTerminated()) return;
  ReportUncaught(js, try_catch.Exception(), try_catch.Message(),
                 ErrorOrigin::kException);
}

void Runtime::StartMain() {
  Js js(isolate_);
  v8::TryCatch try_catch(isolate_);
  v8::Local<v8::Promise> evaluated;
  if (!loader_->Evaluate(js, *main_module_).ToLocal(&evaluated)) {
    if (!try_catch.HasTerminated()) {
      ReportUncaught(js, try_catch.Exception(), try_catch.Message(),
                     ErrorOrigin::kException);
    }
    return;
  }
  main_evaluation_.Reset(isolate_, evaluated);
  auto failed = [](const v8::FunctionCallbackInfo<v8::Value>& info) {
    Js inner(info.GetIsolate());
    inner.runtime().ReportUncaught(
        inner, info[0],
        v8::Exception::CreateMessage(info.GetIsolate(), info[0]),
        ErrorOrigin::kException);
  };
  v8::Local<v8::Function> on_failed;
  if (!v8::Function::New(js.context(), failed, {}, 1,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&on_failed)) {
    return;
  }
  v8::Local<v8::Promise> ignored;
  (void)evaluated->Catch(js.context(), on_failed).ToLocal(&ignored);
}

void Runtime::OnNothingPending() {
  JsTurn js(*this);
  int code = 0;
  const bool stalled =
      !main_evaluation_.IsEmpty() &&
      main_evaluation_.Get(isolate_)->State() == v8::Promise::kPending;
  if (!stalled) {
    v8::Local<v8::Value> argument = v8::Integer::New(isolate_, code);
    if (CallHook(js, Hook::kBeforeExit, 1, &argument).IsEmpty()) return;
    // A listener may have started something: then the program goes on.
    Drain(js);
    if (alive() || exiting()) return;
  } else {
    code = kStalledExitCode;
    v8::Local<v8::Module> module = main_module_->module.Get(isolate_);
    const auto [modules, messages] =
        module->GetStalledTopLevelAwaitMessages(isolate_);
    for (v8::Local<v8::Message> message : messages) {
      BlockingWrite(
          STDERR_FILENO,
          absl::StrCat("Warning: Detected unsettled top-level await at ",
                       FormatPlace(js, message), "\n"));
    }
  }
  Finish(js, code);
}

Task<void> Runtime::Close() {
  RequestExit(exit_code_.value_or(0));
  calls_->scope().Cancel();
  co_await calls_->Ended();
  isolate_->CancelTerminateExecution();
  running_program_ = false;
}

}  // namespace braid
