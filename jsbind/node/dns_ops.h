#ifndef BRAID_JSBIND_NODE_DNS_OPS_H_
#define BRAID_JSBIND_NODE_DNS_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/dns": host names and the DNS.
//
//   isIP(text)                     4, 6, or 0 for what is no numeric address; an
//                                  IPv6 address may have a zone ("fe80::1%eth0")
//   serviceName(port)              of TCP, by the system's list; the number as
//                                  text where that has none
//   new Resolver(timeout, tries)   a timeout in ms; see io/resolver.h
//     lookup(name, family, order, configuredOnly)
//                                  [[address, family], ...]; family 0, 4 or 6;
//                                  order 0, 4 or 6: the family that comes first
//     query(name, type)            [{type, ttl, texts, numbers}, ...]; `type` is
//                                  the DNS' number
//     reverse(address)             names
//     servers()                    ["127.0.0.1:53", "[::1]:53", ...]
//     setServers(list)             of such texts
//
// Failures are errors with the DNS' codes (dns_status.h), `syscall` and
// `hostname`.
void DefineDnsOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_NODE_DNS_OPS_H_
