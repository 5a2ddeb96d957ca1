#include "io/driver/sim_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

namespace braid {
namespace {

std::string_view PathAt(uint64_t address) {
  return reinterpret_cast<const char*>(address);
}

constexpr uint64_t kAtPosition = ~uint64_t{0};

bool IsOffset(uint64_t offset) {
  return offset == kAtPosition || static_cast<int64_t>(offset) >= 0;
}

}  // namespace

SimDisk& SimFiles::disk() {
  disk_->set_now(kernel_.Now());  // Which the simulated calendar counts too.
  return *disk_;
}

bool SimFiles::IsAboutPath(const io_uring_sqe& entry) {
  switch (entry.opcode) {
    case IORING_OP_OPENAT:
    case IORING_OP_MKDIRAT:
    case IORING_OP_UNLINKAT:
    case IORING_OP_RENAMEAT:
    case IORING_OP_LINKAT:
    case IORING_OP_SYMLINKAT:
      return true;
    case IORING_OP_STATX:
      return entry.fd == AT_FDCWD;
    default:
      return false;
  }
}

void SimFiles::ExecutePath(SimRequest& request) {
  const io_uring_sqe& entry = request.entry;
  int result = -EOPNOTSUPP;
  switch (entry.opcode) {
    case IORING_OP_OPENAT:
      result = Open(entry);
      break;
    case IORING_OP_STATX:
      result = Stat(entry);
      break;
    case IORING_OP_MKDIRAT:
      result = disk().MakeDirectory(PathAt(entry.addr), entry.len);
      break;
    case IORING_OP_UNLINKAT:
      result = disk().Remove(PathAt(entry.addr),
                             (entry.unlink_flags & AT_REMOVEDIR) != 0);
      break;
    case IORING_OP_RENAMEAT:
      result = disk().Rename(PathAt(entry.addr), PathAt(entry.addr2));
      break;
    case IORING_OP_LINKAT:
      result = disk().Link(PathAt(entry.addr), PathAt(entry.addr2));
      break;
    case IORING_OP_SYMLINKAT:
      result = disk().MakeSymlink(PathAt(entry.addr), PathAt(entry.addr2));
      break;
    default:
      break;
  }
  kernel_.Complete(request, result);
}

int SimFiles::Open(const io_uring_sqe& entry) {
  auto file = std::make_shared<SimFile>();
  file->flags = static_cast<int>(entry.open_flags);
  const int error =
      disk().Open(PathAt(entry.addr), file->flags, entry.len, file->node);
  return error != 0 ? error : add_descriptor_(std::move(file));
}

int SimFiles::Stat(const io_uring_sqe& entry) {
  SimNodePtr node;
  const bool keep = (entry.statx_flags & AT_SYMLINK_NOFOLLOW) != 0;
  const int error =
      disk().Find(PathAt(entry.addr),
                  keep ? SimDisk::Links::kKeep : SimDisk::Links::kFollow, node);
  if (error == 0)
    SimDisk::FillStat(*node, *reinterpret_cast<struct statx*>(entry.off));
  return error;
}

void SimFiles::Execute(SimFile& file, SimRequest& request) {
  const io_uring_sqe& entry = request.entry;
  const bool transfers =
      entry.opcode == IORING_OP_READ || entry.opcode == IORING_OP_WRITE;
  if (transfers && kernel_.Happens(kernel_.options().interruption))
    return kernel_.Complete(request, -EINTR);
  switch (entry.opcode) {
    case IORING_OP_READ:
      return kernel_.Complete(request, Read(file, entry));
    case IORING_OP_WRITE:
      return kernel_.Complete(request, Write(file, entry));
    case IORING_OP_FSYNC: {
      const bool fails = kernel_.Happens(kernel_.options().sync_failure);
      disk().Sync(*file.node, fails);
      return kernel_.Complete(request, fails ? -EIO : 0);
    }
    case IORING_OP_STATX:
      SimDisk::FillStat(*file.node,
                        *reinterpret_cast<struct statx*>(entry.off));
      return kernel_.Complete(request, 0);
    default:
      return kernel_.Complete(request, -EOPNOTSUPP);
  }
}

int SimFiles::Read(SimFile& file, const io_uring_sqe& entry) {
  if ((file.flags & O_ACCMODE) == O_WRONLY) return -EBADF;
  if (file.node->is_directory()) return -EISDIR;
  if (!IsOffset(entry.off)) return -EINVAL;
  const std::string& data = file.node->data;
  const uint64_t from = entry.off == kAtPosition ? file.position : entry.off;
  if (from >= data.size()) return 0;
  const size_t count =
      kernel_.Transferred(std::min<uint64_t>(entry.len, data.size() - from));
  memcpy(reinterpret_cast<void*>(entry.addr), data.data() + from, count);
  if (entry.off == kAtPosition) file.position += count;
  return static_cast<int>(count);
}

int SimFiles::Write(SimFile& file, const io_uring_sqe& entry) {
  if ((file.flags & O_ACCMODE) == O_RDONLY) return -EBADF;
  if (!IsOffset(entry.off)) return -EINVAL;
  uint64_t to = entry.off == kAtPosition ? file.position : entry.off;
  if ((file.flags & O_APPEND) != 0) to = file.node->data.size();
  const int count =
      disk().Write(*file.node, to,
                   std::span(reinterpret_cast<const uint8_t*>(entry.addr),
                             kernel_.Transferred(entry.len)));
  if (count > 0 && entry.off == kAtPosition)
    file.position = to + static_cast<uint64_t>(count);
  return count;
}

int SimFiles::Truncate(SimFile& file, uint64_t size) {
  if ((file.flags & O_ACCMODE) == O_RDONLY) return -EINVAL;
  return disk().Truncate(*file.node, size);
}

// Beside the ring. ------------------------------------------------------------

int SimFiles::ReadDirectory(const std::string& path,
                            std::vector<DirectoryEntry>& entries) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kFollow, node);
  if (error != 0) return error;
  if (!node->is_directory()) return -ENOTDIR;
  for (const auto& [name, entry] : node->entries)
    entries.push_back({name, static_cast<uint8_t>(IFTODT(entry->mode))});
  return 0;
}

int SimFiles::ReadSymlink(const std::string& path, std::string& target) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kKeep, node);
  if (error != 0) return error;
  if (!node->is_symlink()) return -EINVAL;
  target = node->data;
  return 0;
}

int SimFiles::RealPath(const std::string& path, std::string& resolved) {
  return disk().RealPath(path, resolved);
}

int SimFiles::CheckAccess(const std::string& path, int mode) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kFollow, node);
  if (error != 0) return error;
  // Root may do everything, but execute only what somebody may.
  const bool executable = node->is_directory() || (node->mode & 0111) != 0;
  return (mode & X_OK) != 0 && !executable ? -EACCES : 0;
}

int SimFiles::ChangeMode(const std::string& path, mode_t mode) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kFollow, node);
  if (error != 0) return error;
  node->mode = (node->mode & S_IFMT) | (mode & 07777);
  node->changed_nanos = kernel_.Now();
  return 0;
}

int SimFiles::TruncatePath(const std::string& path, uint64_t size) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kFollow, node);
  return error != 0 ? error : disk().Truncate(*node, size);
}

int SimFiles::SetFileTimes(const std::string& path, const timespec& access,
                           const timespec& modification) {
  SimNodePtr node;
  const int error = disk().Find(path, SimDisk::Links::kFollow, node);
  if (error != 0) return error;
  const auto nanos = [](const timespec& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  };
  node->accessed_nanos = nanos(access);
  node->modified_nanos = nanos(modification);
  node->changed_nanos = kernel_.Now();
  return 0;
}

int SimFiles::MakeTemporaryDirectory(std::string& path) {
  constexpr size_t kRandomCharacters = 6;
  if (!path.ends_with("XXXXXX")) return -EINVAL;
  int error;
  do {
    for (size_t i = path.size() - kRandomCharacters; i < path.size(); ++i)
      path[i] = static_cast<char>(kernel_.Between('a', 'z'));
    error = disk().MakeDirectory(path, 0700);
  } while (error == -EEXIST);
  return error;
}

}  // namespace braid
