#ifndef BRAID_JSBIND_ABORT_SOURCE_H_
#define BRAID_JSBIND_ABORT_SOURCE_H_

#include <v8-object.h>
#include <v8-persistent-handle.h>

#include "absl/status/status.h"
#include "jsbind/convert.h"
#include "jsbind/runtime.h"

namespace braid {

// An AbortController that C++ holds, so that cancelling a task reaches JS:
//
//   AbortSource abort(runtime);
//   JsPromise<int> answer = ask("question", abort);   // JS sees an AbortSignal
//   absl::StatusOr<int> n = co_await answer.OrAbort(abort);
//
// Made when its signal is first handed to JS. Does nothing in a runtime whose
// built-in JS has no AbortController. Thread: the loop's; must end before the
// runtime.
class AbortSource {
 public:
  explicit AbortSource(Runtime& runtime) : runtime_(runtime) {}
  AbortSource(const AbortSource&) = delete;
  AbortSource& operator=(const AbortSource&) = delete;

  // The signal; undefined where there is no AbortController.
  v8::Local<v8::Value> Signal(Js& js);
  // Aborts it with an AbortError. Enters JS by itself.
  void Abort();

 private:
  Runtime& runtime_;
  v8::Global<v8::Object> controller_;
};

template <>
struct Convert<AbortSource> {
  static v8::Local<v8::Value> ToJs(Js& js, AbortSource& source) {
    return source.Signal(js);
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_ABORT_SOURCE_H_
