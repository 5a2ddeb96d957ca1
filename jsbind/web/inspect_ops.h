#ifndef BRAID_JSBIND_WEB_INSPECT_OPS_H_
#define BRAID_JSBIND_WEB_INSPECT_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/inspect": what inspect() has to know of a value and JS cannot
// find out without running code of the value's own.
//
//   kindOf(object)                one of the numbers in Kind
//   Kind                          { Array: 1, Set: 2, ... }
//   constructorName(object)       what V8 calls the object's class
//   proxyDetails(object)          [target, handler] of a proxy, both null when
//                                 it was revoked; undefined for anything else
//   promiseDetails(promise)       [state, result]: 0 pending, 1 fulfilled,
//                                 2 rejected
//   previewEntries(object)        [entries, isKeyValue] of an iterator of a Map
//                                 or Set, or of a weak collection; entries
//                                 holds keys and values alternately if
//                                 isKeyValue
//   ownNonIndexKeys(array, all)   names and symbols; only enumerable ones
//                                 unless all
//   externalAddress(external)     in hexadecimal
//   isGeneratorObject(value)
void DefineInspectOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_INSPECT_OPS_H_
