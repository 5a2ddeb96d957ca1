#ifndef BRAID_IO_DNS_STATUS_H_
#define BRAID_IO_DNS_STATUS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace braid {

// The status of a failed question to the DNS: "getaddrinfo nosuch.test: Domain
// name not found (ENOTFOUND)". `error` is one of c-ares' codes, not
// ARES_SUCCESS. The canonical code says whether asking again may help:
//   NotFound          ENOTFOUND (no such name), ENODATA (the name has no such
//                     record)
//   DeadlineExceeded  ETIMEOUT: no server has answered
//   Unavailable       ESERVFAIL, EREFUSED, ECONNREFUSED, EBADRESP …: a server
//                     could not or would not
//   InvalidArgument   EBADNAME, EBADFAMILY …: the question makes no sense
// `operation` and `subject` are readable as those of ErrnoStatus() are.
absl::Status DnsStatus(int error, std::string_view operation,
                       std::string_view subject);

// The code by its DNS name ("ENOTFOUND"), as Node has it; empty when `status`
// did not come from DnsStatus().
std::string DnsCodeOf(const absl::Status& status);

}  // namespace braid

#endif  // BRAID_IO_DNS_STATUS_H_
