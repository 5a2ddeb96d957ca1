#ifndef BRAID_JSBIND_REJECTIONS_H_
#define BRAID_JSBIND_REJECTIONS_H_

#include <v8-persistent-handle.h>
#include <v8-promise.h>

#include <vector>

#include "jsbind/js.h"

namespace braid {

class Runtime;

// Promises that were rejected while nobody handled them. They are judged after
// the microtasks of the same turn have run, so a handler that is added in one
// of those is early enough, as in Node.
//
// A rejection that is still unhandled then goes to the hook
// onUnhandledRejection; if no program listens there, it is an uncaught error
// and ends the program with code 1. A handler added later than that is told to
// onRejectionHandled.
// Thread: the loop's.
class Rejections {
 public:
  explicit Rejections(Runtime& runtime) : runtime_(runtime) {}

  // Makes V8 report to the runtime's Rejections.
  static void Install(v8::Isolate* isolate);

  // Judges what has been noted. True if anything was done, after which
  // nextTick callbacks and microtasks have to run again.
  bool Process(Js& js);

 private:
  struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
  };
  // Of the promises that were reported, so many are remembered for a handler
  // that comes late.
  static constexpr size_t kReportedMax = 1024;

  static void OnRejectEvent(v8::PromiseRejectMessage event);
  void Add(Js& js, v8::Local<v8::Promise> promise, v8::Local<v8::Value> reason);
  void OnHandlerAdded(Js& js, v8::Local<v8::Promise> promise);

  Runtime& runtime_;
  // Since the last Process(). Those that were handled meanwhile are among them:
  // taking each out by itself would cost the square of their number.
  std::vector<Rejection> unhandled_;
  std::vector<v8::Global<v8::Promise>> reported_;  // Weak.
  std::vector<v8::Global<v8::Promise>> handled_late_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_REJECTIONS_H_
