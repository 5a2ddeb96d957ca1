// The places in turnCounts of "internal:runtime": what the loop has to know of
// JS's queues without a call. The same numbers stand in jsbind/turn_state.h.

export const kTickCount = 0; // nextTick callbacks that wait
export const kImmediateCount = 1; // immediates that wait
export const kImmediateRefCount = 2; // those of them that keep the process alive
export const kTimerRefCount = 3; // timers that keep the process alive
