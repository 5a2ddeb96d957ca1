// Files on simulated machines: what a program sees, and what the next one finds
// when the power goes.

#include "io/driver/sim_disk.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/loop.h"
#include "io/sim_testing.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

// Runs `body(loop)` on a machine of its own with this disk.
template <typename Body>
absl::Status RunOn(const std::shared_ptr<SimDisk>& disk, Body body,
                   const SimOptions& options = {}) {
  Loop loop(SimulatedWorld(options, disk));
  return loop.Run(body(loop));
}

// What a file holds, or "-" if there is none.
std::string Contents(const std::shared_ptr<SimDisk>& disk, std::string path) {
  std::string contents;
  const absl::Status status =
      RunOn(disk, [&](Loop& loop) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(contents, co_await ReadFile(loop, path, 1 << 20));
        co_return absl::OkStatus();
      });
  if (ErrnoOf(status) == ENOENT) return "-";
  EXPECT_TRUE(status.ok()) << status;
  return contents;
}

TEST(SimDiskTest, FilesAndDirectories) {
  auto disk = std::make_shared<SimDisk>();
  const absl::Status status = RunOn(disk, [](Loop& loop) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(co_await MakeDirectory(loop, "/a", 0755));
    CO_RETURN_IF_ERROR(co_await WriteFile(loop, "/a/f", "one", 0600));
    CO_RETURN_IF_ERROR(co_await WriteFile(loop, "a/g", "two", 0600));
    CO_RETURN_IF_ERROR(co_await MakeHardLink(loop, "/a/f", "/h"));
    CO_RETURN_IF_ERROR(co_await Rename(loop, "/a/g", "/a/f"));
    EXPECT_EQ(ErrnoOf(co_await RemoveDirectory(loop, "/a")), ENOTEMPTY);
    EXPECT_EQ(ErrnoOf(co_await RemoveFile(loop, "/a")), EISDIR);
    EXPECT_EQ(ErrnoOf(co_await Rename(loop, "/a", "/a/b")), EINVAL);
    EXPECT_EQ(ErrnoOf(co_await MakeDirectory(loop, "/a", 0755)), EEXIST);
    EXPECT_EQ(ErrnoOf(co_await WriteFile(loop, "/a/f/x", "", 0600)), ENOTDIR);
    CO_ASSIGN_OR_RETURN(const struct statx file,
                        co_await StatPath(loop, "/h", Symlinks::kFollow));
    EXPECT_EQ(file.stx_size, 3u);
    EXPECT_EQ(file.stx_nlink, 1u);
    CO_ASSIGN_OR_RETURN(File opened, co_await File::Open(loop, "/h", O_RDWR));
    CO_RETURN_IF_ERROR(co_await opened.Truncate(1));
    CO_RETURN_IF_ERROR(co_await opened.WriteAll("!", 3));
    co_return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Contents(disk, "/a/f"), "two");
  EXPECT_EQ(Contents(disk, "/a/g"), "-");
  EXPECT_EQ(Contents(disk, "/h"), std::string("o\0\0!", 4));
}

TEST(SimDiskTest, ShortTransfersLoseNothing) {
  const std::string bytes = PatternBytes(5000);
  ForEachSeed(100, [&](SimOptions options) {
    auto disk = std::make_shared<SimDisk>();
    const absl::Status status = RunOn(
        disk,
        [&](Loop& loop) -> Task<absl::Status> {
          CO_RETURN_IF_ERROR(co_await WriteFile(loop, "/f", bytes, 0600));
          CO_ASSIGN_OR_RETURN(const std::string whole,
                              co_await ReadFile(loop, "/f"));
          EXPECT_TRUE(whole == bytes);
          CO_ASSIGN_OR_RETURN(File file,
                              co_await File::Open(loop, "/f", O_RDONLY));
          std::vector<uint8_t> buffer(bytes.size());
          CO_ASSIGN_OR_RETURN(const size_t count,
                              co_await file.ReadFull(buffer, 0));
          EXPECT_EQ(count, bytes.size());
          EXPECT_TRUE(std::ranges::equal(buffer, bytes, {}, {}, [](char c) {
            return static_cast<uint8_t>(c);
          }));
          co_return absl::OkStatus();
        },
        options);
    EXPECT_TRUE(status.ok()) << status;
  });
}

TEST(SimDiskTest, TheDiskIsFull) {
  auto disk = std::make_shared<SimDisk>(1000);
  const absl::Status status = RunOn(disk, [](Loop& loop) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(
        co_await WriteFile(loop, "/f", std::string(900, 'f'), 0600));
    EXPECT_EQ(
        ErrnoOf(co_await WriteFile(loop, "/g", std::string(200, 'g'), 0600)),
        ENOSPC);
    CO_RETURN_IF_ERROR(co_await RemoveFile(loop, "/f"));
    co_return co_await WriteFile(loop, "/g", std::string(200, 'g'), 0600);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(disk->used_bytes(), 200u);
}

TEST(SimDiskTest, AnOpenFileWithoutANameTakesNoSpace) {
  auto disk = std::make_shared<SimDisk>(1000);
  const absl::Status status = RunOn(disk, [](Loop& loop) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(
        File file, co_await File::Open(loop, "/f", O_RDWR | O_CREAT, 0600));
    const std::vector<uint8_t> bytes(900, 'f');
    CO_RETURN_IF_ERROR(co_await file.WriteAll(bytes, 0));
    CO_RETURN_IF_ERROR(co_await RemoveFile(loop, "/f"));
    CO_RETURN_IF_ERROR(co_await file.Truncate(0));
    CO_RETURN_IF_ERROR(co_await file.WriteAll(bytes, 0));
    // All of the disk is there for others.
    co_return co_await WriteFile(loop, "/g", std::string(1000, 'g'), 0600);
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST(SimDiskTest, AWriteThatDoesNotFitIsCutShortThenRefused) {
  auto disk = std::make_shared<SimDisk>(1000);
  const std::string bytes(800, 'x');
  const std::span<const uint8_t> span(
      reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  const absl::Status status =
      RunOn(disk, [&](Loop& loop) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            File file, co_await File::Open(loop, "/f", O_RDWR | O_CREAT, 0600));
        CO_ASSIGN_OR_RETURN(size_t count, co_await file.Write(span, 0));
        EXPECT_EQ(count, 800u);
        CO_ASSIGN_OR_RETURN(count, co_await file.Write(span, 800));
        EXPECT_EQ(count, 200u);
        EXPECT_EQ(ErrnoOf((co_await file.Write(span, 1000)).status()), ENOSPC);
        // What is there can be written again.
        CO_ASSIGN_OR_RETURN(count, co_await file.Write(span, 100));
        EXPECT_EQ(count, 800u);
        EXPECT_EQ(ErrnoOf(co_await file.Truncate(1001)), ENOSPC);
        co_return co_await file.Truncate(10);
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(disk->used_bytes(), 10u);
}

TEST(SimDiskTest, OffsetsThatLieAreErrors) {
  auto disk = std::make_shared<SimDisk>();
  const absl::Status status = RunOn(disk, [](Loop& loop) -> Task<absl::Status> {
    CO_ASSIGN_OR_RETURN(
        File file, co_await File::Open(loop, "/f", O_RDWR | O_CREAT, 0600));
    CO_RETURN_IF_ERROR(co_await file.WriteAll("0123456789", 0));
    std::array<uint8_t, 3> bytes = {};
    for (const uint64_t offset : {~uint64_t{1}, uint64_t{1} << 63}) {
      EXPECT_EQ(ErrnoOf((co_await file.Read(bytes, offset)).status()), EINVAL);
      EXPECT_EQ(ErrnoOf((co_await file.Write(bytes, offset)).status()), EINVAL);
    }
    const uint64_t last = (uint64_t{1} << 63) - 1;
    EXPECT_EQ((co_await file.Read(bytes, last)).value_or(9), 0u);
    EXPECT_EQ(ErrnoOf((co_await file.Write(bytes, last)).status()), EFBIG);
    co_return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST(SimDiskTest, ASymbolicLinkIsAsDurableAsItsName) {
  auto disk = std::make_shared<SimDisk>();
  const absl::Status status =
      RunOn(disk, [&](Loop& loop) -> Task<absl::Status> {
        CO_RETURN_IF_ERROR(co_await MakeSymlink(loop, "kept", "/a"));
        CO_ASSIGN_OR_RETURN(
            File root, co_await File::Open(loop, "/", O_RDONLY | O_DIRECTORY));
        CO_RETURN_IF_ERROR(co_await root.Sync());
        co_return co_await MakeSymlink(loop, "lost", "/b");
      });
  ASSERT_TRUE(status.ok()) << status;
  std::set<std::string> found;
  std::mt19937_64 random(1);
  for (int i = 0; i < 50; ++i) {
    const absl::Status read = RunOn(
        disk->AfterPowerLoss(random), [&](Loop& loop) -> Task<absl::Status> {
          CO_ASSIGN_OR_RETURN(std::string target,
                              co_await ReadSymlink(loop, "/a"));
          found.insert(target +
                       (co_await ReadSymlink(loop, "/b")).value_or("-"));
          co_return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
  }
  EXPECT_EQ(found, (std::set<std::string>{"kept-", "keptlost"}));
}

TEST(SimDiskTest, PowerLossKeepsWhatWasSyncedAndPartsOfTheRest) {
  auto disk = std::make_shared<SimDisk>();
  const std::string first(1000, 'a');
  const absl::Status status =
      RunOn(disk, [&](Loop& loop) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            File file, co_await File::Open(loop, "/f", O_RDWR | O_CREAT, 0600));
        CO_RETURN_IF_ERROR(co_await file.WriteAll(first, 0));
        CO_RETURN_IF_ERROR(co_await file.Sync());
        CO_ASSIGN_OR_RETURN(
            File root, co_await File::Open(loop, "/", O_RDONLY | O_DIRECTORY));
        CO_RETURN_IF_ERROR(co_await root.Sync());
        co_return co_await file.WriteAll(std::string(1000, 'b'), 1000);
      });
  ASSERT_TRUE(status.ok()) << status;
  std::set<std::string> found;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string contents = Contents(disk->AfterPowerLoss(random), "/f");
    EXPECT_TRUE(contents.starts_with(first));
    // Sectors of 512 bytes, so the second write lies in three of them.
    found.insert(contents.substr(first.size()));
  }
  EXPECT_EQ(found.size(), 8u);
  EXPECT_TRUE(found.contains(""));
  EXPECT_TRUE(found.contains(std::string(1000, 'b')));
  // The machine itself goes on.
  EXPECT_EQ(Contents(disk, "/f").size(), 2000u);
}

TEST(SimDiskTest, NamesNeedASyncOfTheirDirectory) {
  auto disk = std::make_shared<SimDisk>();
  const absl::Status status =
      RunOn(disk, [&](Loop& loop) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            File root, co_await File::Open(loop, "/", O_RDONLY | O_DIRECTORY));
        for (const char* name : {"/kept", "/lost"}) {
          CO_ASSIGN_OR_RETURN(
              File file,
              co_await File::Open(loop, name, O_RDWR | O_CREAT, 0600));
          CO_RETURN_IF_ERROR(co_await file.WriteAll("x", 0));
          CO_RETURN_IF_ERROR(co_await file.Sync());
          if (name == std::string("/kept"))
            CO_RETURN_IF_ERROR(co_await root.Sync());
        }
        co_return co_await Rename(loop, "/kept", "/moved");
      });
  ASSERT_TRUE(status.ok()) << status;
  std::set<std::string> found;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    const std::shared_ptr<SimDisk> left = disk->AfterPowerLoss(random);
    found.insert(absl::StrCat(Contents(left, "/kept"), Contents(left, "/lost"),
                              Contents(left, "/moved")));
  }
  // In the order in which it happened, and a rename as a whole.
  EXPECT_EQ(found, (std::set<std::string>{"x--", "xx-", "-xx"}));
}

TEST(SimDiskTest, ASyncThatFailsIsNotMadeUpForByTheNext) {
  auto disk = std::make_shared<SimDisk>();
  int failed = 0;
  const absl::Status status = RunOn(
      disk,
      [&](Loop& loop) -> Task<absl::Status> {
        CO_ASSIGN_OR_RETURN(
            File file, co_await File::Open(loop, "/f", O_RDWR | O_CREAT, 0600));
        CO_RETURN_IF_ERROR(co_await file.WriteAll("x", 0));
        failed = ErrnoOf(co_await file.Sync());
        co_return absl::OkStatus();
      },
      {.sync_failure = 1});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(failed, EIO);
  EXPECT_EQ(Contents(disk, "/f"), "x");
  const absl::Status synced = RunOn(disk, [](Loop& loop) -> Task<absl::Status> {
    for (const char* name : {"/f", "/"}) {
      CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop, name, O_RDONLY));
      CO_RETURN_IF_ERROR(co_await file.Sync());
    }
    co_return absl::OkStatus();
  });
  ASSERT_TRUE(synced.ok()) << synced;
  std::mt19937_64 random(1);
  EXPECT_EQ(Contents(disk->AfterPowerLoss(random), "/f"), "");
}

}  // namespace
}  // namespace braid
