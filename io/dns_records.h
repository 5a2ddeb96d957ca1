#ifndef BRAID_IO_DNS_RECORDS_H_
#define BRAID_IO_DNS_RECORDS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "io/socket_address.h"

struct ares_dns_record;

namespace braid {

// The record types that Resolver::Query() asks for, by their numbers in the
// DNS.
enum class DnsType : uint16_t {
  kA = 1,       // SocketAddress, port 0
  kNs = 2,      // string: the name of a server
  kCname = 5,   // string
  kSoa = 6,     // DnsSoa
  kPtr = 12,    // string
  kMx = 15,     // DnsMx
  kTxt = 16,    // DnsTxt
  kAaaa = 28,   // SocketAddress, port 0
  kSrv = 33,    // DnsSrv
  kNaptr = 35,  // DnsNaptr
  kAny = 255,   // All of them, as far as the server likes.
  kCaa = 257,   // DnsCaa
};

struct DnsSoa {
  std::string primary;      // The zone's first name server (MNAME).
  std::string responsible;  // A mail address with '.' for '@' (RNAME).
  uint32_t serial;
  uint32_t refresh;  // Seconds, as the next three.
  uint32_t retry;
  uint32_t expire;
  uint32_t minimum;
};

struct DnsMx {
  uint16_t preference;
  std::string exchange;
};

// Strings of bytes; those of one record belong together.
using DnsTxt = std::vector<std::string>;

struct DnsSrv {
  uint16_t priority;
  uint16_t weight;
  uint16_t port;
  std::string target;
};

struct DnsNaptr {
  uint16_t order;
  uint16_t preference;
  std::string flags;
  std::string services;
  std::string regexp;
  std::string replacement;
};

struct DnsCaa {
  uint8_t critical;
  std::string tag;
  std::string value;  // Bytes.
};

// One answer.
struct DnsRecord {
  DnsType type;
  uint32_t ttl_seconds;
  std::variant<SocketAddress, std::string, DnsSoa, DnsMx, DnsTxt, DnsSrv,
               DnsNaptr, DnsCaa>
      data;
};

// What the answer section of a message holds of the types above, in its order:
// also the aliases (kCname) on the way to what was asked for.
std::vector<DnsRecord> AnswersOf(const ares_dns_record& message);

}  // namespace braid

#endif  // BRAID_IO_DNS_RECORDS_H_
