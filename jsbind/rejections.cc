#include "jsbind/rejections.h"

#include <v8-exception.h>
#include <v8-isolate.h>
#include <v8-message.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jsbind/js_error.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

// What stands for a rejection with a value that is no Error.
v8::Local<v8::Value> UnhandledError(Js& js, v8::Local<v8::Value> reason) {
  v8::Local<v8::String> text;
  const std::string shown = reason->ToDetailString(js.context()).ToLocal(&text)
                                ? ToUtf8(js.isolate(), text)
                                : DescribeValue(js, reason);
  v8::Local<v8::Object> error =
      ErrorWithCode(
          js,
          absl::StrCat("This error originated either by throwing inside of an "
                       "async function "
                       "without a catch block, or by rejecting a promise which "
                       "was not handled "
                       "with .catch(). The promise rejected with the reason \"",
                       shown, "\"."),
          "ERR_UNHANDLED_REJECTION")
          .As<v8::Object>();
  error
      ->Set(js.context(), js.Name("name"), js.Name("UnhandledPromiseRejection"))
      .Check();
  return error;
}

}  // namespace

void Rejections::Install(v8::Isolate* isolate) {
  isolate->SetPromiseRejectCallback(&Rejections::OnRejectEvent);
}

void Rejections::OnRejectEvent(v8::PromiseRejectMessage event) {
  Js js(v8::Isolate::GetCurrent());
  Rejections& rejections = js.runtime().rejections();
  switch (event.GetEvent()) {
    case v8::kPromiseRejectWithNoHandler:
      rejections.Add(js, event.GetPromise(), event.GetValue());
      break;
    case v8::kPromiseHandlerAddedAfterReject:
      rejections.OnHandlerAdded(js, event.GetPromise());
      break;
    case v8::kPromiseRejectAfterResolved:
    case v8::kPromiseResolveAfterResolved:
      break;  // Node ignores them too.
  }
}

void Rejections::Add(Js& js, v8::Local<v8::Promise> promise,
                     v8::Local<v8::Value> reason) {
  v8::Isolate* isolate = js.isolate();
  if (reason.IsEmpty()) reason = js.Undefined();
  Rejection& rejection = unhandled_.emplace_back();
  rejection.promise.Reset(isolate, promise);
  rejection.reason.Reset(isolate, reason);
}

void Rejections::OnHandlerAdded(Js& js, v8::Local<v8::Promise> promise) {
  // One that was not judged yet says by itself that it is handled now.
  const auto reported = std::ranges::find_if(
      reported_,
      [&](const v8::Global<v8::Promise>& known) { return known == promise; });
  if (reported == reported_.end()) return;
  reported_.erase(reported);
  handled_late_.emplace_back(js.isolate(), promise);
}

bool Rejections::Process(Js& js) {
  bool did_something = false;
  v8::Isolate* isolate = js.isolate();
  for (v8::Global<v8::Promise>& promise : std::exchange(handled_late_, {})) {
    v8::Local<v8::Promise> local = promise.Get(isolate);
    v8::Local<v8::Value> arguments[] = {local, local->Result()};
    (void)runtime_.CallHook(js, Hook::kRejectionHandled, 2, arguments);
    did_something = true;
  }
  for (Rejection& rejection : std::exchange(unhandled_, {})) {
    if (runtime_.exiting()) break;
    const v8::HandleScope handle_scope(isolate);
    v8::Local<v8::Promise> promise = rejection.promise.Get(isolate);
    if (promise->HasHandler()) continue;
    did_something = true;
    v8::Local<v8::Value> reason = rejection.reason.Get(isolate);
    v8::Local<v8::Value> arguments[] = {promise, reason};
    v8::Local<v8::Value> handled;
    if (runtime_.CallHook(js, Hook::kUnhandledRejection, 2, arguments)
            .ToLocal(&handled) &&
        handled->IsTrue()) {
      std::erase_if(reported_, [](const v8::Global<v8::Promise>& known) {
        return known.IsEmpty();
      });
      if (reported_.size() < kReportedMax) {
        reported_.emplace_back(isolate, promise).SetWeak();
      }
      continue;
    }
    if (!reason->IsNativeError()) {
      runtime_.ReportUncaught(js, UnhandledError(js, reason), {},
                              Runtime::ErrorOrigin::kRejection);
      continue;
    }
    runtime_.ReportUncaught(js, reason,
                            v8::Exception::CreateMessage(isolate, reason),
                            Runtime::ErrorOrigin::kRejection);
  }
  return did_something;
}

}  // namespace braid
