#include "io/errno_status.h"

#include <string.h>

#include <cerrno>
#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace braid {
namespace {

constexpr std::string_view kErrnoPayload = "braid/errno";
constexpr std::string_view kSyscallPayload = "braid/syscall";
constexpr std::string_view kSubjectPayload = "braid/subject";

std::string PayloadOf(const absl::Status& status, std::string_view url) {
  const std::optional<absl::Cord> payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status ErrnoStatus(int error, std::string_view operation,
                         std::string_view subject) {
  char buffer[128];
  const char* description = strerror_r(error, buffer, sizeof(buffer));
  std::string message(operation);
  if (!subject.empty())
    absl::StrAppend(&message, message.empty() ? "" : " ", subject);
  absl::StrAppend(&message, message.empty() ? "" : ": ", description);
  absl::Status status(error == ECANCELED ? absl::StatusCode::kCancelled
                                         : absl::ErrnoToStatusCode(error),
                      message);
  status.SetPayload(kErrnoPayload, absl::Cord(absl::StrCat(error)));
  NoteOrigin(status, operation, subject);
  return status;
}

void NoteOrigin(absl::Status& status, std::string_view operation,
                std::string_view subject) {
  if (!operation.empty())
    status.SetPayload(kSyscallPayload, absl::Cord(operation));
  if (!subject.empty()) status.SetPayload(kSubjectPayload, absl::Cord(subject));
}

int ErrnoOf(const absl::Status& status) {
  int error = 0;
  return absl::SimpleAtoi(PayloadOf(status, kErrnoPayload), &error) ? error : 0;
}

std::string SyscallOf(const absl::Status& status) {
  return PayloadOf(status, kSyscallPayload);
}

std::string SubjectOf(const absl::Status& status) {
  return PayloadOf(status, kSubjectPayload);
}

}  // namespace braid
