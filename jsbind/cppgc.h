#ifndef BRAID_JSBIND_CPPGC_H_
#define BRAID_JSBIND_CPPGC_H_

// V8's garbage-collected C++ objects. To be included instead of cppgc's own
// <cppgc/allocation.h>.
//
// That header declares functions with Clang's calling convention preserve_most,
// under which the callee saves nearly all registers. libnode is built with GCC,
// which does not know it, so its functions save only what every function saves,
// and Clang's code would go on with registers that are not what it left in
// them. Without the attribute both sides agree.
#ifdef INCLUDE_CPPGC_INTERNAL_GC_INFO_H_
#error "include jsbind/cppgc.h instead of cppgc/allocation.h"
#endif

#include <v8config.h>

#undef V8_PRESERVE_MOST
#define V8_PRESERVE_MOST

#include <cppgc/allocation.h>
#include <cppgc/garbage-collected.h>
#include <cppgc/persistent.h>
#include <v8-cppgc.h>

#endif  // BRAID_JSBIND_CPPGC_H_
