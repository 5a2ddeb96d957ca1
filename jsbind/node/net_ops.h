#ifndef BRAID_JSBIND_NODE_NET_OPS_H_
#define BRAID_JSBIND_NODE_NET_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/net": stream sockets. Addresses are [host, port, family], with
// the path of a Unix socket as the host and family 0.
//
//   class Connection
//     static connect(host, port)   to a numeric address
//     static connectPath(path)     to a Unix socket
//     read()                       bytes as they come; undefined at the end
//     write(parts)                 all of them, in one call as far as possible
//     shutdownWrite()
//     close(), reset()             end what is under way first, with AbortError
//     setNoDelay(on), setKeepAlive(on, delay)   delay in s; 0: the system's
//     localAddress, peerAddress    undefined once closed
//   class Listener
//     static listen(host, port, backlog, reusePort)
//     static listenPath(path, backlog)
//     accept()                     a Connection
//     close()                      ends accept() first, with AbortError
//     address
void DefineNetOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_NET_OPS_H_
