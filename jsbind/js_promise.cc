#include "jsbind/js_promise.h"

#include <v8-object.h>

#include "jsbind/abort_source.h"
#include "jsbind/js_turn.h"

namespace braid {

v8::MaybeLocal<v8::Promise> internal::AdoptThenable(
    Js& js, v8::Local<v8::Value> value) {
  // Only objects with a then() are thenables, and most are not: this is cheaper
  // than having V8 resolve a promise with each.
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Value> then;
  if (value.As<v8::Object>()
          ->Get(js.context(), js.Name("then"))
          .ToLocal(&then) &&
      !then->IsFunction()) {
    return {};
  }
  try_catch.Reset();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(js.context()).ToLocal(&resolver) ||
      resolver->Resolve(js.context(), value).IsNothing()) {
    return {};
  }
  return resolver->GetPromise();
}

void internal::Abort(AbortSource& source) { source.Abort(); }

v8::Local<v8::Value> AbortSource::Signal(Js& js) {
  if (controller_.IsEmpty()) {
    v8::Local<v8::Value> made;
    if (!runtime_.CallHook(js, Hook::kMakeAbortController, 0, nullptr)
             .ToLocal(&made) ||
        !made->IsObject()) {
      return js.Undefined();
    }
    controller_.Reset(js.isolate(), made.As<v8::Object>());
  }
  v8::Local<v8::Value> signal;
  if (!controller_.Get(js.isolate())
           ->Get(js.context(), js.Name("signal"))
           .ToLocal(&signal)) {
    return {};
  }
  return signal;
}

void AbortSource::Abort() {
  if (controller_.IsEmpty() || runtime_.exiting()) return;
  JsTurn js(runtime_);
  v8::TryCatch try_catch(js.isolate());
  try_catch.SetVerbose(true);  // What listeners throw is an uncaught error.
  v8::Local<v8::Object> controller = controller_.Get(js.isolate());
  v8::Local<v8::Value> abort;
  if (!controller->Get(js.context(), js.Name("abort")).ToLocal(&abort) ||
      !abort->IsFunction()) {
    return;
  }
  v8::Local<v8::Value> ignored;
  (void)abort.As<v8::Function>()
      ->Call(js.context(), controller, 0, nullptr)
      .ToLocal(&ignored);
}

}  // namespace braid
