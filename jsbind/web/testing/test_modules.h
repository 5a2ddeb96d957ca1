#ifndef BRAID_JSBIND_WEB_TESTING_TEST_MODULES_H_
#define BRAID_JSBIND_WEB_TESTING_TEST_MODULES_H_

#include "jsbind/extension.h"

namespace braid {

// Modules for tests, to be used beside WebExtension():
//
//   "braid:inspect", "braid:format"   what programs reach only through console
//   "braid:testing"                   request(port, bytes, options): sends
//                                     bytes over TCP to this machine and gives
//                                     a promise of all that comes back, as
//                                     text; with {closeAtOnce} of nothing, with
//                                     {headOnly} of what has come when the head
//                                     is whole
//                                     connect(port): a promise of a connection
//                                     with write(bytes), read(), which gives the
//                                     next bytes as text, "" at the end, and
//                                     close()
//                                     collectGarbage(): all of it
const Extension& TestModules();

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_TESTING_TEST_MODULES_H_
