#ifndef BRAID_JSBIND_JS_TURN_H_
#define BRAID_JSBIND_JS_TURN_H_

#include <optional>

#include "jsbind/js.h"
#include "jsbind/runtime.h"

namespace braid {

// The one way from C++ into JS. While it exists, JS may be touched:
//
//   {
//     JsTurn js(runtime);
//     v8::Local<v8::Value> value = ...;
//   }
//
// Turns nest: C++ that JS called may open one. When the outermost one ends,
// JS gets to finish: nextTick callbacks and microtasks run until there are
// none, and unhandled rejections are reported, all before the destructor
// returns.
//
// Lifetime: a local variable of a block without a co_await: a handle scope is
// open as long as it exists, and the loop must never see that. The runtime
// CHECKs in every turn of the loop that no JsTurn is open, so a violation ends
// the program at once and says why.
class JsTurn final : public Js {
 public:
  // When the outermost turn ends, kLater leaves nextTick callbacks and
  // microtasks to the runtime's own place in the loop's turn, so that many
  // short entries share one drain. For callers that enter JS many times in a
  // turn, as an HTTP server does with pipelined requests.
  enum class DrainWhen : bool { kAtEnd, kLater };

  explicit JsTurn(Runtime& runtime, DrainWhen drain = DrainWhen::kAtEnd);
  ~JsTurn();

 private:
  Runtime& runtime_;
  const DrainWhen drain_;
  // Only where another isolate is the thread's current one: entering costs
  // more than a call into JS.
  std::optional<v8::Isolate::Scope> isolate_scope_;
  const v8::HandleScope handle_scope_;
  const v8::Context::Scope context_scope_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_JS_TURN_H_
