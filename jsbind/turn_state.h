#ifndef BRAID_JSBIND_TURN_STATE_H_
#define BRAID_JSBIND_TURN_STATE_H_

#include <v8-function.h>
#include <v8-persistent-handle.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jsbind/shared_array.h"

namespace braid {

// Functions of the built-in JS that the runtime calls. The JS side registers
// them with setHooks() of "internal:runtime", by these names:
enum class Hook : unsigned char {
  kTicks,       // runTicks(): all nextTick callbacks, new ones included
  kImmediates,  // runImmediates(): the immediates queued before the call
  kTimers,      // runTimers(now): those due by then -> delay in ms to the next
                // timer, or -1
  kUncaught,    // onUncaught(error, origin) -> true if a handler took it
  kUnhandledRejection,  // onUnhandledRejection(promise, reason) -> true if
                        // handled
  kRejectionHandled,    // onRejectionHandled(promise, reason)
  kBeforeExit,          // onBeforeExit(code)
  kExit,                // onExit(code) -> the exit code
  kFormatError,         // formatError(error) -> text for a person
  kSubscribeAbort,  // subscribeAbort(signal, token): abort -> abortCall(token)
  kUnsubscribeAbort,     // unsubscribeAbort(signal, token)
  kMakeAbortController,  // makeAbortController() -> an AbortController
  kMakeDomException,     // makeDomException(message, name) -> a DOMException
  // Of jsbind/async_calls.js, which every runtime has:
  kPromiseOfSuspended,  // promiseOfSuspended() -> that call's promise
  kFulfilCalls,         // fulfilCalls(slot, value, ...)
  kRejectCall,          // rejectCall(slot, error, withStack)
  kWrapAsync,           // wrapAsync(native, name, length) -> async function
  // Of jsbind/error_stacks.js:
  kAddFrames,          // addFrames(error, text, fromJs): its C++ frames
  kPrepareStackTrace,  // prepareStackTrace(error, sites) -> the stack's text
  kCount,
};
inline constexpr size_t kHookCount = static_cast<size_t>(Hook::kCount);
inline constexpr std::array<std::string_view, kHookCount> kHookNames = {
    "runTicks",
    "runImmediates",
    "runTimers",
    "onUncaught",
    "onUnhandledRejection",
    "onRejectionHandled",
    "onBeforeExit",
    "onExit",
    "formatError",
    "subscribeAbort",
    "unsubscribeAbort",
    "makeAbortController",
    "makeDomException",
    "promiseOfSuspended",
    "fulfilCalls",
    "rejectCall",
    "wrapAsync",
    "addFrames",
    "prepareStackTrace",
};

// What C++ and the built-in JS tell each other without a call: JS sees `counts`
// as the Int32Array `turnCounts` and `times` as the Float64Array `turnTimes` of
// "internal:runtime". JS writes the counts and C++ the times; both write
// counts[kSuspendedCall].
struct TurnState {
  enum Count : int {
    kTickCount = 0,          // nextTick callbacks that wait
    kImmediateCount = 1,     // immediates that wait
    kImmediateRefCount = 2,  // those of them that keep the program alive
    kTimerRefCount = 3,      // timers that keep the program alive
    // The slot, plus one, of a call into C++ that has suspended and whose
    // promise JS has not made yet; 0 when there is none.
    kSuspendedCall = 4,
    kCountSize = 8,
  };
  enum Time : int {
    kTurnStart = 0,  // when the runtime's part of this turn began, in ms
    kTimeSize = 1,
  };

  SharedArray<int32_t, kCountSize> counts;
  SharedArray<double, kTimeSize> times;
  std::array<v8::Global<v8::Function>, kHookCount> hooks;

  bool has(Count count) const { return counts[count] != 0; }
  const v8::Global<v8::Function>& hook(Hook hook) const {
    return hooks[static_cast<size_t>(hook)];
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_TURN_STATE_H_
