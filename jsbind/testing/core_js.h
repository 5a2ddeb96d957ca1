#ifndef BRAID_JSBIND_TESTING_CORE_JS_H_
#define BRAID_JSBIND_TESTING_CORE_JS_H_

#include "jsbind/extension.h"

namespace braid {

// The smallest built-in JS that exercises every hook of the runtime: nextTick,
// immediates, timers, rejection and exit events, AbortController. The
// engine's tests stand on this, so that they need nothing from above.
//
// Globals: nextTick, queueMicrotask, setImmediate, setTimeout, AbortController,
// AbortSignal, on(event, listener). Modules: "braid:test-process" with exit,
// args, setExitCode.
const Extension& CoreJs();

}  // namespace braid

#endif  // BRAID_JSBIND_TESTING_CORE_JS_H_
