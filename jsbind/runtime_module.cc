#include "jsbind/runtime_module.h"

#include <v8-array-buffer.h>
#include <v8-exception.h>
#include <v8-function.h>
#include <v8-object.h>
#include <v8-typed-array.h>

#include <memory>
#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "jsbind/js_error.h"
#include "jsbind/module_def.h"
#include "jsbind/pending_call.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

absl::Status SetHooks(Js& js, v8::Local<v8::Object> hooks) {
  TurnState& state = js.runtime().turn_state();
  v8::Local<v8::Array> names;
  if (!hooks->GetOwnPropertyNames(js.context()).ToLocal(&names)) {
    return absl::InvalidArgumentError(
        "setHooks() takes an object of functions");
  }
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> hook;
    if (!names->Get(js.context(), i).ToLocal(&name) ||
        !hooks->Get(js.context(), name).ToLocal(&hook)) {
      return absl::InvalidArgumentError(
          "setHooks() takes an object of functions");
    }
    const std::string text = ToUtf8(js.isolate(), name.As<v8::String>());
    const auto* found = std::ranges::find(kHookNames, text);
    if (found == kHookNames.end() || !hook->IsFunction()) {
      return absl::InvalidArgumentError(
          absl::StrCat("setHooks(): ", text, " is no hook, or no function"));
    }
    state.hooks[static_cast<size_t>(found - kHookNames.begin())].Reset(
        js.isolate(), hook.As<v8::Function>());
  }
  return absl::OkStatus();
}

// An ArrayBuffer over memory of the runtime, which outlives the isolate.
v8::Local<v8::ArrayBuffer> BufferOver(Js& js, void* data, size_t bytes) {
  std::unique_ptr<v8::BackingStore> store = v8::ArrayBuffer::NewBackingStore(
      data, bytes, [](void*, size_t, void*) {}, nullptr);
  return v8::ArrayBuffer::New(js.isolate(), std::move(store));
}

void EnqueueMicrotask(Js& js, v8::Local<v8::Function> function) {
  js.runtime().microtasks().EnqueueMicrotask(js.isolate(), function);
}

void ReportUncaught(Js& js, v8::Local<v8::Value> error) {
  js.runtime().ReportUncaught(js, error,
                              v8::Exception::CreateMessage(js.isolate(), error),
                              Runtime::ErrorOrigin::kException);
}

void Exit(Js& js, int code) {
  js.runtime().RequestExit(code);
  js.runtime().Interrupt(js);
}

}  // namespace

void DefineRuntimeModule(ModuleDef& module) {
  module.Function<&SetHooks>("setHooks")
      .Value("turnCounts",
             [](Js& js) -> v8::Local<v8::Value> {
               auto& counts = js.runtime().turn_state().counts;
               return v8::Int32Array::New(
                   BufferOver(js, counts.data(), sizeof(counts)), 0,
                   counts.size());
             })
      .Value("turnTimes",
             [](Js& js) -> v8::Local<v8::Value> {
               auto& times = js.runtime().turn_state().times;
               return v8::Float64Array::New(
                   BufferOver(js, times.data(), sizeof(times)), 0,
                   times.size());
             })
      .Function("now", [](Runtime& runtime) { return runtime.NowMs(); })
      .Function("wallNow",
                [](Loop& loop) {
                  return absl::ToDoubleMilliseconds(loop.clock().WallNow() -
                                                    absl::UnixEpoch());
                })
      .Function("scheduleTimers",
                [](Runtime& runtime, double delay_ms) {
                  runtime.ScheduleTimers(delay_ms);
                })
      .Function("drain", [](Js& js) { js.runtime().Drain(js); })
      .Function<&EnqueueMicrotask>("enqueueMicrotask")
      .Function("abortCall",
                [](Runtime& runtime, uint32_t token) {
                  runtime.calls().Abort(token);
                })
      .Function<&ReportUncaught>("reportUncaught")
      .Function("args", [](Runtime& runtime) { return runtime.args(); })
      .Function("execPath",
                [](Runtime& runtime) { return runtime.options().exec_path; })
      .Function("mainPath",
                [](Runtime& runtime) { return runtime.main_path(); })
      .Function("ref", [](Runtime& runtime) { runtime.Ref(); })
      .Function("unref", [](Runtime& runtime) { runtime.Unref(); })
      .Function<&Exit>("exit");
}

}  // namespace braid
