#include "jsbind/node/fs_values.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <v8-object.h>
#include <v8-primitive.h>

#include <cstdint>

#include "jsbind/node/fs_copy.h"

namespace braid {
namespace {

struct NamedNumber {
  const char* name;
  int value;
};
constexpr NamedNumber kConstants[] = {
    {"F_OK", F_OK},
    {"R_OK", R_OK},
    {"W_OK", W_OK},
    {"X_OK", X_OK},
    {"O_RDONLY", O_RDONLY},
    {"O_WRONLY", O_WRONLY},
    {"O_RDWR", O_RDWR},
    {"O_CREAT", O_CREAT},
    {"O_EXCL", O_EXCL},
    {"O_NOCTTY", O_NOCTTY},
    {"O_TRUNC", O_TRUNC},
    {"O_APPEND", O_APPEND},
    {"O_DIRECTORY", O_DIRECTORY},
    {"O_NOATIME", O_NOATIME},
    {"O_NOFOLLOW", O_NOFOLLOW},
    {"O_SYNC", O_SYNC},
    {"O_DSYNC", O_DSYNC},
    {"O_DIRECT", O_DIRECT},
    {"O_NONBLOCK", O_NONBLOCK},
    {"S_IFMT", S_IFMT},
    {"S_IFREG", S_IFREG},
    {"S_IFDIR", S_IFDIR},
    {"S_IFCHR", S_IFCHR},
    {"S_IFBLK", S_IFBLK},
    {"S_IFIFO", S_IFIFO},
    {"S_IFLNK", S_IFLNK},
    {"S_IFSOCK", S_IFSOCK},
    {"S_IRWXU", S_IRWXU},
    {"S_IRUSR", S_IRUSR},
    {"S_IWUSR", S_IWUSR},
    {"S_IXUSR", S_IXUSR},
    {"S_IRWXG", S_IRWXG},
    {"S_IRGRP", S_IRGRP},
    {"S_IWGRP", S_IWGRP},
    {"S_IXGRP", S_IXGRP},
    {"S_IRWXO", S_IRWXO},
    {"S_IROTH", S_IROTH},
    {"S_IWOTH", S_IWOTH},
    {"S_IXOTH", S_IXOTH},
    {"COPYFILE_EXCL", kCopyExclusive},
    {"COPYFILE_FICLONE", kCopyClone},
    {"COPYFILE_FICLONE_FORCE", kCopyForceClone},
    {"UV_FS_O_FILEMAP", 0},
    {"UV_DIRENT_UNKNOWN", 0},
    {"UV_DIRENT_FILE", 1},
    {"UV_DIRENT_DIR", 2},
    {"UV_DIRENT_LINK", 3},
    {"UV_DIRENT_FIFO", 4},
    {"UV_DIRENT_SOCKET", 5},
    {"UV_DIRENT_CHAR", 6},
    {"UV_DIRENT_BLOCK", 7},
};

}  // namespace

StatNumbers ToStatNumbers(const struct statx& status) {
  const auto device = [](uint32_t major, uint32_t minor) {
    return static_cast<double>(makedev(major, minor));
  };
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {
      device(status.stx_dev_major, status.stx_dev_minor),
      number(status.stx_mode),
      number(status.stx_nlink),
      number(status.stx_uid),
      number(status.stx_gid),
      device(status.stx_rdev_major, status.stx_rdev_minor),
      number(status.stx_blksize),
      number(status.stx_ino),
      number(status.stx_size),
      number(status.stx_blocks),
      number(status.stx_atime.tv_sec),
      number(status.stx_atime.tv_nsec),
      number(status.stx_mtime.tv_sec),
      number(status.stx_mtime.tv_nsec),
      number(status.stx_ctime.tv_sec),
      number(status.stx_ctime.tv_nsec),
      number(status.stx_btime.tv_sec),
      number(status.stx_btime.tv_nsec),
  };
}

absl::Time FromSeconds(double seconds) {
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

v8::Local<v8::Value> FsConstants(Js& js) {
  v8::Local<v8::Object> constants = v8::Object::New(js.isolate());
  for (const NamedNumber& constant : kConstants) {
    constants
        ->Set(js.context(), js.Name(constant.name),
              v8::Integer::New(js.isolate(), constant.value))
        .Check();
  }
  return constants;
}

}  // namespace braid
