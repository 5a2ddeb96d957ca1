#ifndef BRAID_IO_ERRNO_STATUS_H_
#define BRAID_IO_ERRNO_STATUS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace braid {

// The status of a failed operation: "open config.json: No such file or
// directory". `error` is a positive errno. The code is the canonical one
// (absl::ErrnoToStatusCode); ECANCELED gives CancelledError. errno, operation
// and subject stay readable for programs (ErrnoOf and the functions below).
// `operation` is the system call's name, `subject` the path or address it was
// about; either may be empty.
absl::Status ErrnoStatus(int error, std::string_view operation,
                         std::string_view subject = {});

// Notes in a status of another kind what failed and on what, for SyscallOf()
// and SubjectOf(). Either may be empty.
void NoteOrigin(absl::Status& status, std::string_view operation,
                std::string_view subject);

// The errno that `status` came from, or 0 if it came from none.
int ErrnoOf(const absl::Status& status);

// The system call that failed ("open"), or empty.
std::string SyscallOf(const absl::Status& status);

// The path or address that it was about, or empty.
std::string SubjectOf(const absl::Status& status);

}  // namespace braid

#endif  // BRAID_IO_ERRNO_STATUS_H_
