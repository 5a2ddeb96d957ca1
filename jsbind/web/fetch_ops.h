#ifndef BRAID_JSBIND_WEB_FETCH_OPS_H_
#define BRAID_JSBIND_WEB_FETCH_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/fetch": the HTTP client that fetch() is made of. A runtime has
// one, made with its first request.
//
//   request(url, method, lines, body, options)
//                     makes a request; `lines` are headers as
//                     "name: value\r\n", body is undefined, a string, bytes or
//                     an Upload; options are those of JsFetchOptions and
//                     {signal}. A promise of
//                     [status, head, url, redirected, bytes, rest]: head is the
//                     text of the response's head, url where it came from; a
//                     short body is there whole, as `bytes`; of others `rest`
//                     is the Body
//   Upload            the body of a request in pieces:
//                     await write(bytes), end(), fail()
//   Body              read() gives the next bytes, or undefined at the end;
//                     bytes() all of them; close() ends the connection; while
//                     `sent` is false sendRest() sends what is left of the
//                     request's body
void DefineFetchOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_FETCH_OPS_H_
