#include "jsbind/runtime_module.h"

#include <v8-exception.h>
#include <v8-function.h>
#include <v8-object.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "jsbind/js_error.h"
#include "jsbind/module_def.h"
#include "jsbind/module_loader.h"
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

// A property that calls its maker, the accessor's data, at the first look.
void MakeLazily(v8::Local<v8::Name>,
                const v8::PropertyCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  v8::Local<v8::Value> value;
  if (info.Data()
          .As<v8::Function>()
          ->Call(js.context(), js.Undefined(), 0, nullptr)
          .ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

void SetLazyProperty(Js& js, v8::Local<v8::Object> object,
                     std::string_view name, v8::Local<v8::Function> make,
                     bool enumerable, bool writable) {
  const int attributes =
      (enumerable ? 0 : v8::DontEnum) | (writable ? 0 : v8::ReadOnly);
  object
      ->SetLazyDataProperty(js.context(), js.Name(name), &MakeLazily, make,
                            static_cast<v8::PropertyAttribute>(attributes))
      .Check();
}

v8::Local<v8::Value> ImportBuiltin(Js& js, const std::string& url) {
  ModuleLoader& loader = js.runtime().loader();
  ModuleRecord* record = loader.LoadBuiltin(js, url);
  v8::Local<v8::Object> exports;
  if (record == nullptr || !loader.EvaluateNow(js, *record).ToLocal(&exports))
    return {};
  return exports;
}

}  // namespace

void DefineRuntimeModule(ModuleDef& module, TurnState& state) {
  module.Function<&SetHooks>("setHooks")
      .Shared("turnCounts", state.counts)
      .Shared("turnTimes", state.times)
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
      .Function<&SetLazyProperty>("setLazyProperty")
      .Function<&ImportBuiltin>("importBuiltin")
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
