#ifndef BRAID_JSBIND_WEB_WEB_EXTENSION_H_
#define BRAID_JSBIND_WEB_WEB_EXTENSION_H_

#include "jsbind/extension.h"

namespace braid {

// The web-standard API: console, timers, URL, TextDecoder, Event, AbortSignal,
// Headers, Request, Response and the rest of the global object, and
// "braid:http".
//
//   RuntimeOptions options;
//   options.extensions = {&WebExtension()};
const Extension& WebExtension();

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_WEB_EXTENSION_H_
