#include "io/dns_status.h"

#include <ares.h>

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "io/errno_status.h"

namespace braid {
namespace {

constexpr std::string_view kDnsPayload = "braid/dns";

struct DnsError {
  std::string_view name;
  absl::StatusCode code;
};

DnsError Describe(int error) {
  using enum absl::StatusCode;
  switch (error) {
    case ARES_ENODATA:
      return {"ENODATA", kNotFound};
    case ARES_EFORMERR:
      return {"EFORMERR", kUnavailable};
    case ARES_ESERVFAIL:
      return {"ESERVFAIL", kUnavailable};
    case ARES_ENOTFOUND:
      return {"ENOTFOUND", kNotFound};
    case ARES_ENOTIMP:
      return {"ENOTIMP", kUnavailable};
    case ARES_EREFUSED:
      return {"EREFUSED", kUnavailable};
    case ARES_EBADQUERY:
      return {"EBADQUERY", kInvalidArgument};
    case ARES_EBADNAME:
      return {"EBADNAME", kInvalidArgument};
    case ARES_EBADFAMILY:
      return {"EBADFAMILY", kInvalidArgument};
    case ARES_EBADRESP:
      return {"EBADRESP", kUnavailable};
    case ARES_ECONNREFUSED:
      return {"ECONNREFUSED", kUnavailable};
    case ARES_ETIMEOUT:
      return {"ETIMEOUT", kDeadlineExceeded};
    case ARES_EOF:
      return {"EOF", kUnavailable};
    case ARES_EFILE:
      return {"EFILE", kUnavailable};
    case ARES_ENOMEM:
      return {"ENOMEM", kResourceExhausted};
    case ARES_EDESTRUCTION:
      return {"EDESTRUCTION", kCancelled};
    case ARES_EBADSTR:
      return {"EBADSTR", kInvalidArgument};
    case ARES_EBADFLAGS:
      return {"EBADFLAGS", kInvalidArgument};
    case ARES_ENONAME:
      return {"ENONAME", kNotFound};
    case ARES_EBADHINTS:
      return {"EBADHINTS", kInvalidArgument};
    case ARES_ECANCELLED:
      return {"ECANCELLED", kCancelled};
    case ARES_ESERVICE:
      return {"ESERVICE", kInvalidArgument};
    case ARES_ENOSERVER:
      return {"ENOSERVER", kUnavailable};
    default:
      return {"EUNKNOWN", kUnknown};
  }
}

}  // namespace

absl::Status DnsStatus(int error, std::string_view operation,
                       std::string_view subject) {
  const DnsError description = Describe(error);
  absl::Status status(
      description.code,
      absl::StrCat(operation, " ", subject, ": ", ares_strerror(error), " (",
                   description.name, ")"));
  status.SetPayload(kDnsPayload, absl::Cord(description.name));
  NoteOrigin(status, operation, subject);
  return status;
}

std::string DnsCodeOf(const absl::Status& status) {
  const std::optional<absl::Cord> payload = status.GetPayload(kDnsPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace braid
