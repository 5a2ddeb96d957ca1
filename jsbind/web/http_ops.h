#ifndef BRAID_JSBIND_WEB_HTTP_OPS_H_
#define BRAID_JSBIND_WEB_HTTP_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/http": HTTP servers whose handlers are written in JS.
//
//   listen(options, limits, dispatch, onAbort)
//                     an HttpJsServer, with hostname, port, run() and
//                     drain(graceMs)
//
// A request that is being answered is a number, the one that dispatch() was
// called with. Once the answer is complete, or cannot be given any more, the
// number means nothing: what reads then throws an Error with the code
// ERR_HTTP_REQUEST_ENDED, what answers does nothing.
//
//   method(id)        a place in `methods`, or the name of another method
//   url(id), header(id, name), headers(id), hasBody(id), peer(id)
//                     url() is a serialised URL; names are in lower case;
//                     header() gives all values joined, or null; headers()
//                     names and values alternately
//   makeUrl(target, authority, port)
//                     the same URL, for requests that outlive their answer
//   takeHead(id)      the text of the head, for requests that outlive their
//                     answer
//   bodyText(id), bodyBytes(id)   all of the body, a promise
//   readBody(id)      the next bytes of it as they come, or undefined at its
//                     end
//   bodySource(id)    the same bytes for C++, a BodySource (body_source.h)
//   cancelBody(id)    nobody will read any more: a read that waits is rejected
//
//   respond(id, status, lines, body)   the whole answer; `lines` are headers as
//                     "name: value\r\n", body is a string, bytes or null
//   setHead(id, status, lines)         the head of an answer in pieces. Like
//                     respond() it throws for headers that HTTP does not allow;
//                     another answer may be given then
//   write(id, bytes)  a piece of its body, the head before the first; without
//                     bytes the head alone; the promise settles when the peer's
//                     kernel has it
//   writeAll(id, source)   all that a BodySource gives, as pieces of the body;
//                     the promise settles at the source's end
//   finish(id)        the end of a body written so
//   fail(id)          breaks the connection, since the body cannot be completed
//   refuse(id)        if reading the body has failed for what the peer did,
//                     answers with the fitting 4xx and gives true
void DefineHttpOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_HTTP_OPS_H_
