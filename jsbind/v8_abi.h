#ifndef BRAID_JSBIND_V8_ABI_H_
#define BRAID_JSBIND_V8_ABI_H_

// To be included before V8's cppgc headers wherever garbage-collected objects
// are made.
//
// Those headers declare some functions with Clang's calling convention
// preserve_most, under which the callee saves nearly all registers. libnode is
// built with GCC, which does not know it, so its functions save only what every
// function saves; Clang's code then goes on with registers that are not what it
// left in them. Without the attribute both sides agree.
#include <v8config.h>

#undef V8_PRESERVE_MOST
#define V8_PRESERVE_MOST

#endif  // BRAID_JSBIND_V8_ABI_H_
