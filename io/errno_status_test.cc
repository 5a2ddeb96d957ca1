#include "io/errno_status.h"

#include <cerrno>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

TEST(ErrnoStatusTest, SaysWhatFailedAndWhy) {
  const absl::Status status = ErrnoStatus(ENOENT, "open", "config.json");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "open config.json: No such file or directory");
  EXPECT_EQ(ErrnoOf(status), ENOENT);
  EXPECT_EQ(SyscallOf(status), "open");
  EXPECT_EQ(SubjectOf(status), "config.json");
}

TEST(ErrnoStatusTest, EitherPartMayBeMissing) {
  EXPECT_EQ(ErrnoStatus(EPIPE, "send").message(), "send: Broken pipe");
  EXPECT_EQ(ErrnoStatus(EPIPE, "", "socket 3").message(),
            "socket 3: Broken pipe");
  EXPECT_EQ(ErrnoStatus(EPIPE, "").message(), "Broken pipe");
  EXPECT_EQ(SyscallOf(ErrnoStatus(EPIPE, "")), "");
  EXPECT_EQ(SubjectOf(ErrnoStatus(EPIPE, "send")), "");
}

TEST(ErrnoStatusTest, CancellationIsItsOwnCode) {
  EXPECT_TRUE(absl::IsCancelled(ErrnoStatus(ECANCELED, "read")));
}

TEST(ErrnoStatusTest, OtherStatusesHaveNone) {
  const absl::Status status = absl::InternalError("x");
  EXPECT_EQ(ErrnoOf(status), 0);
  EXPECT_EQ(SyscallOf(status), "");
  EXPECT_EQ(SubjectOf(status), "");
  EXPECT_EQ(ErrnoOf(absl::OkStatus()), 0);
}

TEST(ErrnoStatusTest, UnknownNumbersAreShown) {
  EXPECT_NE(ErrnoStatus(9999, "read").message().find("9999"),
            std::string_view::npos);
}

}  // namespace
}  // namespace braid
