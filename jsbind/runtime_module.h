#ifndef BRAID_JSBIND_RUNTIME_MODULE_H_
#define BRAID_JSBIND_RUNTIME_MODULE_H_

namespace braid {

class ModuleDef;
struct TurnState;

// "internal:runtime": what the built-in JS needs of the runtime itself. It
// registers its functions here (turn_state.h) and reads and writes the shared
// counts.
//
//   setHooks({runTicks, ...})   names as in kHookNames; undefined is skipped
//   turnCounts, turnTimes       the arrays of TurnState
//   now(), wallNow()            ms since the runtime's start, since 1970
//   scheduleTimers(delayMs)     when to call runTimers; negative: never
//   drain()                     nextTick callbacks and microtasks, now
//   enqueueMicrotask(fn)        an exception that it lets out is uncaught
//   abortCall(token)            a subscribed AbortSignal was aborted
//   reportUncaught(error)       as if it had been thrown and not caught
//   args(), execPath(), mainPath()
//   setLazyProperty(object, name, make, enumerable, writable)
//                               a data property that make() makes at first look
//   importBuiltin(url)          the exports of a file of the built-in JS that
//                               most programs do without; evaluated by the
//                               first call
//   ref(), unref()              count what keeps the program running
//   exit(code)                  ends the program; does not return
void DefineRuntimeModule(ModuleDef& module, TurnState& state);

}  // namespace braid

#endif  // BRAID_JSBIND_RUNTIME_MODULE_H_
