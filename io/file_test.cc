#include "io/file.h"

#include <cerrno>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/file_system.h"
#include "io/testing.h"

namespace braid {
namespace {

class FileTest : public ::testing::Test {
 protected:
  static std::string Path(const std::string& name) {
    return TestPath(absl::StrCat(
        ::testing::UnitTest::GetInstance()->current_test_info()->name(), ".",
        name));
  }
  Loop loop_{SystemWorld()};
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const std::string path = Path("data");
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(
        File file, co_await File::Open(loop_, path, O_RDWR | O_CREAT, 0600));
    CO_RETURN_IF_ERROR(co_await file.WriteAll("hello ", 0));
    CO_RETURN_IF_ERROR(co_await file.WriteAll("world", 6));
    CO_RETURN_IF_ERROR(co_await file.SyncData());
    CO_RETURN_IF_ERROR(co_await file.Sync());
    uint8_t buffer[64];
    CO_ASSIGN_OR_RETURN(size_t count, co_await file.ReadFull(buffer, 3));
    EXPECT_EQ(std::string(buffer, buffer + count), "lo world");
    CO_RETURN_IF_ERROR(co_await file.Truncate(5));
    CO_ASSIGN_OR_RETURN(struct statx stat, co_await file.Stat());
    EXPECT_EQ(stat.stx_size, 5u);
    CO_RETURN_IF_ERROR(co_await file.Close());
    CO_ASSIGN_OR_RETURN(std::string all, co_await ReadFile(loop_, path));
    EXPECT_EQ(all, "hello");
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FileTest, ErrorsNameTheCallAndThePath) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, "/no/such/file", O_RDONLY));
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(ErrnoOf(status), ENOENT);
  EXPECT_EQ(SyscallOf(status), "open");
  EXPECT_EQ(SubjectOf(status), "/no/such/file");
  EXPECT_EQ(status.message(), "open /no/such/file: No such file or directory");
  EXPECT_TRUE(absl::IsNotFound(status));
}

TEST_F(FileTest, AFullDeviceIsAnError) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(File file,
                        co_await File::Open(loop_, "/dev/full", O_WRONLY));
    co_return co_await file.WriteAll("x");
  }());
  EXPECT_EQ(ErrnoOf(status), ENOSPC);
}

TEST_F(FileTest, ReadFileKnowsItsLimitAndFilesWithoutASize) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    const std::string path = Path("big");
    CO_RETURN_IF_ERROR(
        co_await WriteFile(loop_, path, std::string(10'000, 'x')));
    absl::StatusOr<std::string> limited = co_await ReadFile(loop_, path, 9'999);
    EXPECT_TRUE(absl::IsResourceExhausted(limited.status()));
    CO_ASSIGN_OR_RETURN(std::string whole,
                        co_await ReadFile(loop_, path, 10'000));
    EXPECT_EQ(whole, std::string(10'000, 'x'));
    CO_ASSIGN_OR_RETURN(std::string proc,
                        co_await ReadFile(loop_, "/proc/self/status"));
    EXPECT_NE(proc.find("Pid:"), std::string::npos);
    absl::StatusOr<std::string> directory = co_await ReadFile(loop_, "/tmp");
    EXPECT_EQ(ErrnoOf(directory.status()), EISDIR);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FileTest, DirectoriesAndPaths) {
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(std::string root,
                        co_await MakeTemporaryDirectory(loop_, Path("dir-")));
    CO_RETURN_IF_ERROR(co_await MakeDirectory(loop_, root + "/sub"));
    EXPECT_EQ(ErrnoOf(co_await MakeDirectory(loop_, root + "/sub")), EEXIST);
    CO_RETURN_IF_ERROR(co_await WriteFile(loop_, root + "/a", "1"));
    CO_RETURN_IF_ERROR(co_await Rename(loop_, root + "/a", root + "/b"));
    CO_RETURN_IF_ERROR(co_await MakeSymlink(loop_, "b", root + "/link"));
    CO_RETURN_IF_ERROR(
        co_await MakeHardLink(loop_, root + "/b", root + "/hard"));
    CO_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries,
                        co_await ReadDirectory(loop_, root));
    std::set<std::string> names;
    for (const DirectoryEntry& entry : entries) names.insert(entry.name);
    EXPECT_EQ(names, (std::set<std::string>{"sub", "b", "link", "hard"}));
    CO_ASSIGN_OR_RETURN(std::string target,
                        co_await ReadSymlink(loop_, root + "/link"));
    EXPECT_EQ(target, "b");
    CO_ASSIGN_OR_RETURN(
        struct statx link,
        co_await StatPath(loop_, root + "/link", Symlinks::kDoNotFollow));
    EXPECT_TRUE(S_ISLNK(link.stx_mode));
    CO_ASSIGN_OR_RETURN(struct statx file,
                        co_await StatPath(loop_, root + "/link"));
    EXPECT_TRUE(S_ISREG(file.stx_mode));
    EXPECT_EQ(file.stx_nlink, 2u);
    EXPECT_EQ(ErrnoOf(co_await RemoveDirectory(loop_, root)), ENOTEMPTY);
    EXPECT_EQ(ErrnoOf(co_await Rename(loop_, root + "/none", root + "/x")),
              ENOENT);
    for (const char* name : {"/b", "/link", "/hard"}) {
      CO_RETURN_IF_ERROR(co_await RemoveFile(loop_, root + name));
    }
    CO_RETURN_IF_ERROR(co_await RemoveDirectory(loop_, root + "/sub"));
    co_return co_await RemoveDirectory(loop_, root);
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(FileTest, ACancelledReadOfAPipeEnds) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    File read_end(loop_, ends[0]);
    File write_end(loop_, ends[1]);
    uint8_t byte;
    auto read = [&]() -> Task<absl::StatusOr<size_t>> {
      co_return co_await read_end.Read({&byte, 1});
    };
    const absl::StatusOr<size_t> count = co_await CancelInNextTurn(read());
    EXPECT_TRUE(absl::IsCancelled(count.status())) << count.status();
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

}  // namespace
}  // namespace braid
