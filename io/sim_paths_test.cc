// Operations on paths, on the machine's own file system and on a simulated
// disk: whatever a program asks, both answer the same.

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "gtest/gtest.h"
#include "io/errno_status.h"
#include "io/file.h"
#include "io/file_system.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

// Writes down what operations below `root` gave, without naming that.
class Transcript {
 public:
  Transcript(Loop& loop, std::string root)
      : loop_(loop), root_(std::move(root)) {}

  const std::string& text() const { return text_; }

  Task<void> Everything() {
    co_await Names();
    co_await Links();
    co_await Errors();
    co_await Attributes();
    co_await Paths();
  }

 private:
  std::string At(std::string_view path) { return absl::StrCat(root_, path); }

  void Note(std::string_view what, const absl::Status& status,
            std::string_view result = {}) {
    const int error = ErrnoOf(status);
    absl::StrAppend(&text_, what, ": ",
                    error != 0 ? strerrorname_np(error) : status.ToString(),
                    " ", absl::StrReplaceAll(result, {{root_, "ROOT"}}), "\n");
  }

  Task<void> Make(std::string path, std::string contents) {
    Note("write " + path, co_await WriteFile(loop_, At(path), contents, 0640));
  }
  Task<void> Show(std::string path) {
    const absl::StatusOr<std::string> read =
        co_await ReadFile(loop_, At(path), 1 << 20);
    Note("read " + path, read.status(), read.value_or(""));
  }
  Task<void> List(std::string path) {
    const absl::StatusOr<std::vector<DirectoryEntry>> entries =
        co_await ReadDirectory(loop_, At(path));
    std::vector<std::string> names;
    if (entries.ok()) {
      for (const DirectoryEntry& entry : *entries)
        names.push_back(absl::StrCat(entry.name, ":", entry.type));
    }
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) absl::StrAppend(&all, name, " ");
    Note("list " + path, entries.status(), all);
  }
  Task<void> Stat(std::string path, Symlinks symlinks) {
    const absl::StatusOr<struct statx> found =
        co_await StatPath(loop_, At(path), symlinks);
    // What a directory's size and links are, file systems decide. A symbolic
    // link's size may be that of the root's path.
    Note("stat " + path, found.status(),
         !found.ok() ? ""
         : !S_ISREG(found->stx_mode)
             ? absl::StrCat("mode ", found->stx_mode)
             : absl::StrCat("mode ", found->stx_mode, " size ", found->stx_size,
                            " links ", found->stx_nlink));
  }
  Task<void> Open(std::string path, int flags) {
    const absl::StatusOr<File> file =
        co_await File::Open(loop_, At(path), flags, 0600);
    Note(absl::StrCat("open ", path, " ", flags), file.status());
  }

  Task<void> Names() {
    Note("mkdir", co_await MakeDirectory(loop_, At("/d"), 0755));
    Note("mkdir again", co_await MakeDirectory(loop_, At("/d"), 0755));
    Note("mkdir slash", co_await MakeDirectory(loop_, At("/e/"), 0755));
    Note("mkdir deep", co_await MakeDirectory(loop_, At("/no/x"), 0755));
    co_await Make("/d/f", "one");
    co_await Make("/d/g", "two");
    co_await Make("/d/./../d//f", "three");
    co_await Show("/d/f");
    Note("rename", co_await Rename(loop_, At("/d/g"), At("/e/g")));
    Note("rename over", co_await Rename(loop_, At("/e/g"), At("/d/f")));
    Note("rename into itself", co_await Rename(loop_, At("/d"), At("/d/x")));
    Note("rename to itself", co_await Rename(loop_, At("/d"), At("/d")));
    Note("rename on a file", co_await Rename(loop_, At("/e"), At("/d/f")));
    Note("rename on a directory", co_await Rename(loop_, At("/d/f"), At("/e")));
    Note("rename on a full one", co_await Rename(loop_, At("/e"), At("/d")));
    Note("rename nothing", co_await Rename(loop_, At("/no"), At("/x")));
    Note("rename dots", co_await Rename(loop_, At("/d/."), At("/x")));
    Note("rename to a slash", co_await Rename(loop_, At("/d/f"), At("/x/")));
    co_await Show("/d/f");
    Note("link", co_await MakeHardLink(loop_, At("/d/f"), At("/h")));
    Note("link a directory", co_await MakeHardLink(loop_, At("/d"), At("/i")));
    Note("link on a name", co_await MakeHardLink(loop_, At("/h"), At("/d")));
    co_await Stat("/h", Symlinks::kFollow);
    co_await List("/");
    co_await List("/d");
    Note("rmdir full", co_await RemoveDirectory(loop_, At("/d")));
    Note("rmdir a file", co_await RemoveDirectory(loop_, At("/h")));
    Note("rmdir dot", co_await RemoveDirectory(loop_, At("/e/.")));
    Note("rmdir dots", co_await RemoveDirectory(loop_, At("/d/..")));
    Note("rmdir", co_await RemoveDirectory(loop_, At("/e")));
    Note("unlink a directory", co_await RemoveFile(loop_, At("/d")));
    Note("unlink", co_await RemoveFile(loop_, At("/d/f")));
    Note("unlink again", co_await RemoveFile(loop_, At("/d/f")));
    co_await Stat("/h", Symlinks::kFollow);
    co_await Show("/h");
  }

  Task<void> Links() {
    const std::pair<const char*, const char*> links[] = {
        {"h", "/to_file"},   {"d", "/to_directory"},   {"d/", "/to_slash"},
        {"../h", "/d/up"},   {"nowhere", "/dangling"}, {"loop2", "/loop1"},
        {"loop1", "/loop2"}, {"to_file", "/twice"},    {"./d/../d", "/dots"},
        {"x", "/to_file"},   {"", "/empty"},           {"x", "/no/x"}};
    for (const auto& [target, path] : links) {
      Note(absl::StrCat("symlink ", path),
           co_await MakeSymlink(loop_, target, At(path)));
    }
    Note("absolute symlink",
         co_await MakeSymlink(loop_, At("/h"), At("/absolute")));
    for (const char* path :
         {"/to_file", "/to_directory", "/to_slash", "/d/up", "/dangling",
          "/loop1", "/twice", "/dots", "/dots/up", "/absolute", "/to_file/",
          "/to_directory/", "/h", "/d"}) {
      co_await Show(path);
      co_await Stat(path, Symlinks::kFollow);
      co_await Stat(path, Symlinks::kDoNotFollow);
      const absl::StatusOr<std::string> target =
          co_await ReadSymlink(loop_, At(path));
      Note(absl::StrCat("readlink ", path), target.status(),
           target.value_or(""));
      const absl::StatusOr<std::string> real =
          co_await RealPath(loop_, At(path));
      Note(absl::StrCat("realpath ", path), real.status(), real.value_or(""));
      co_await Open(path, O_RDONLY | O_NOFOLLOW);
      co_await Open(path, O_RDONLY | O_DIRECTORY);
      co_await Open(path, O_RDWR | O_CREAT | O_EXCL);
    }
    co_await Make("/dangling", "made through a link");
    co_await Show("/nowhere");
    co_await Make("/loop1", "x");
    co_await List("/to_directory");
    Note("link a link", co_await MakeHardLink(loop_, At("/twice"), At("/l")));
    co_await Stat("/l", Symlinks::kDoNotFollow);
    Note("rename a link", co_await Rename(loop_, At("/l"), At("/dangling")));
    Note("unlink a link", co_await RemoveFile(loop_, At("/to_directory")));
    Note("rmdir a link", co_await RemoveDirectory(loop_, At("/dots")));
    co_await List("/");
  }

  Task<void> Errors() {
    co_await Show("/h/x");
    co_await Show("/no");
    co_await Show("/" + std::string(300, 'n'));
    co_await Show("/" + std::string(5000, '/'));
    co_await Make("/d", "x");
    co_await Make("/h/x", "x");
    co_await Open("/h/", O_RDONLY);
    co_await Open("/new/", O_RDWR | O_CREAT);
    co_await Open("/d", O_RDWR);
    co_await Open("/d", O_RDONLY | O_CREAT);
    co_await Open("/h", O_RDWR | O_CREAT | O_EXCL);
    co_await List("/h");
    co_await List("/no");
  }

  Task<void> Attributes() {
    Note("truncate", co_await TruncatePath(loop_, At("/to_file"), 1));
    co_await Show("/h");
    Note("truncate longer", co_await TruncatePath(loop_, At("/h"), 3));
    Note("truncate a directory", co_await TruncatePath(loop_, At("/d"), 0));
    Note("chmod", co_await ChangeMode(loop_, At("/to_file"), 0400));
    Note("chmod nothing", co_await ChangeMode(loop_, At("/no"), 0400));
    co_await Stat("/h", Symlinks::kFollow);
    for (int mode : {F_OK, R_OK, X_OK}) {
      Note(absl::StrCat("access ", mode),
           co_await CheckAccess(loop_, At("/h"), mode));
    }
    Note("access nothing", co_await CheckAccess(loop_, At("/no"), F_OK));
    Note("times", co_await SetFileTimes(loop_, At("/h"), absl::FromUnixNanos(7),
                                        absl::FromUnixNanos(8'000'000'009)));
    const absl::StatusOr<struct statx> found =
        co_await StatPath(loop_, At("/h"));
    Note("stat times", found.status(),
         absl::StrCat(found->stx_atime.tv_sec, " ", found->stx_atime.tv_nsec,
                      " ", found->stx_mtime.tv_sec, " ",
                      found->stx_mtime.tv_nsec));
    absl::StatusOr<std::string> made =
        co_await MakeTemporaryDirectory(loop_, At("/tmp-"));
    EXPECT_EQ(made.value_or("").size(), At("/tmp-XXXXXX").size());
    EXPECT_FALSE(made.value_or("").ends_with("XXXXXX"));
    Note("mkdtemp", made.status());
    Note("mkdtemp nowhere",
         (co_await MakeTemporaryDirectory(loop_, At("/no/"))).status());
    if (made.ok()) Note("rmdir", co_await RemoveDirectory(loop_, *made));
  }

  // A call that changes names, given a path and the folder that it leads from.
  struct Call {
    std::string_view name;
    Task<absl::Status> (*make)(Loop& loop, std::string path,
                               const std::string& folder);
  };
  static constexpr Call kCalls[] = {
      {"mkdir", [](Loop& loop, std::string path,
                   const std::string&) { return MakeDirectory(loop, path); }},
      {"rmdir", [](Loop& loop, std::string path,
                   const std::string&) { return RemoveDirectory(loop, path); }},
      {"unlink", [](Loop& loop, std::string path,
                    const std::string&) { return RemoveFile(loop, path); }},
      {"symlink",
       [](Loop& loop, std::string path, const std::string&) {
         return MakeSymlink(loop, "file", path);
       }},
      {"link",
       [](Loop& loop, std::string path, const std::string& folder) {
         return MakeHardLink(loop, path, folder + "/new");
       }},
      {"link a file to",
       [](Loop& loop, std::string path, const std::string& folder) {
         return MakeHardLink(loop, folder + "/file", path);
       }},
      {"rename",
       [](Loop& loop, std::string path, const std::string& folder) {
         return Rename(loop, path, folder + "/new");
       }},
      {"rename to a slash",
       [](Loop& loop, std::string path, const std::string& folder) {
         return Rename(loop, path, folder + "/new/");
       }},
      {"rename a file to",
       [](Loop& loop, std::string path, const std::string& folder) {
         return Rename(loop, folder + "/full/file", path);
       }},
      {"rename a directory to",
       [](Loop& loop, std::string path, const std::string& folder) {
         return Rename(loop, folder + "/full", path);
       }},
      {"rename a link to",
       [](Loop& loop, std::string path, const std::string& folder) {
         return Rename(loop, folder + "/to_file", path);
       }},
      {"create",
       [](Loop& loop, std::string path,
          const std::string&) -> Task<absl::Status> {
         co_return (co_await File::Open(loop, path, O_RDWR | O_CREAT)).status();
       }},
      {"create exclusively",
       [](Loop& loop, std::string path,
          const std::string&) -> Task<absl::Status> {
         constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL;
         co_return (co_await File::Open(loop, path, kFlags)).status();
       }},
  };

  // Each call on a path of each kind, in a folder of its own.
  Task<void> Paths() {
    Note("write", co_await WriteFile(loop_, At("/template"), ""));
    int number = 0;
    for (std::string_view name :
         {"file", "empty", "full", "to_file", "to_full", "to_nothing",
          "nothing", "file/x", "nothing/x"}) {
      for (std::string_view end : {"", "/", "/.", "/../"}) {
        for (const Call& call : kCalls) {
          const std::string folder = absl::StrCat("/paths", number++);
          co_await MakeFolder(At(folder));
          const std::string path = absl::StrCat(folder, "/", name, end);
          Note(absl::StrCat(call.name, " ", path),
               co_await call.make(loop_, At(path), At(folder)));
          co_await List(folder);
          co_await List(folder + "/full");
        }
      }
    }
  }

  Task<void> MakeFolder(std::string folder) {
    for (const char* path : {"", "/empty", "/full"}) {
      EXPECT_TRUE((co_await MakeDirectory(loop_, folder + path)).ok());
    }
    for (const char* path : {"/file", "/full/file"}) {
      EXPECT_TRUE(
          (co_await MakeHardLink(loop_, At("/template"), folder + path)).ok());
    }
    for (const char* name : {"file", "empty", "full", "nothing"}) {
      const std::string path = absl::StrCat(folder, "/to_", name);
      EXPECT_TRUE((co_await MakeSymlink(loop_, name, path)).ok());
    }
  }

  Loop& loop_;
  const std::string root_;
  std::string text_;
};

std::string TranscriptOf(Loop& loop, const std::string& root) {
  Transcript transcript(loop, root);
  loop.Run(transcript.Everything());
  return transcript.text();
}

TEST(SimPathsTest, ASimulatedDiskAnswersAsTheKernelDoes) {
  if (geteuid() != 0) GTEST_SKIP() << "access(2) answers others otherwise";
  const std::string root =
      std::filesystem::canonical(TestPath("")).string() + "/sim_paths";
  std::filesystem::remove_all(root);
  ASSERT_TRUE(std::filesystem::create_directory(root));
  const mode_t mask = umask(0);
  Loop real(SystemWorld());
  const std::string expected = TranscriptOf(real, root);
  umask(mask);
  std::filesystem::remove_all(root);

  Loop simulated(SimulatedWorld({}));
  ASSERT_TRUE(simulated.Run(MakeDirectory(simulated, "/root", 0755)).ok());
  const std::vector<std::string> told =
      absl::StrSplit(TranscriptOf(simulated, "/root"), '\n');
  const std::vector<std::string> known = absl::StrSplit(expected, '\n');
  EXPECT_GT(known.size(), 1500u);
  ASSERT_EQ(told.size(), known.size());
  for (size_t i = 0; i < known.size(); ++i) EXPECT_EQ(told[i], known[i]);
}

}  // namespace
}  // namespace braid
