// The places in turnCounts of "internal:runtime": what the loop has to know of
// JS's queues without a call. The same numbers stand in jsbind/turn_state.h.

export const kTickCount = 0; // nextTick callbacks that wait
export const kTaskCount = 1; // tasks that wait; they keep the process alive
export const kImmediateCount = 2; // immediates that wait
export const kImmediateRefCount = 3; // those of them that keep the process alive
export const kTimerRefCount = 4; // timers that keep the process alive
