#include "io/driver/sim_files.h"

#include <fcntl.h>
#include <linux/stat.h>

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

}  // namespace

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
      result = disk_->MakeDirectory(PathAt(entry.addr), entry.len);
      break;
    case IORING_OP_UNLINKAT:
      result = disk_->Remove(PathAt(entry.addr),
                             (entry.unlink_flags & AT_REMOVEDIR) != 0);
      break;
    case IORING_OP_RENAMEAT:
      result = disk_->Rename(PathAt(entry.addr), PathAt(entry.addr2));
      break;
    case IORING_OP_LINKAT:
      result = disk_->Link(PathAt(entry.addr), PathAt(entry.addr2));
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
      disk_->Open(PathAt(entry.addr), file->flags, entry.len, file->node);
  return error != 0 ? error : add_descriptor_(std::move(file));
}

int SimFiles::Stat(const io_uring_sqe& entry) {
  SimNodePtr node;
  const int error = disk_->Find(PathAt(entry.addr), node);
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
      disk_->Sync(*file.node, fails);
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
  uint64_t to = entry.off == kAtPosition ? file.position : entry.off;
  if ((file.flags & O_APPEND) != 0) to = file.node->data.size();
  const int count =
      disk_->Write(*file.node, to,
                   std::span(reinterpret_cast<const uint8_t*>(entry.addr),
                             kernel_.Transferred(entry.len)));
  if (count > 0 && entry.off == kAtPosition)
    file.position = to + static_cast<uint64_t>(count);
  return count;
}

int SimFiles::Truncate(SimFile& file, uint64_t size) {
  if ((file.flags & O_ACCMODE) == O_RDONLY) return -EINVAL;
  return disk_->Truncate(*file.node, size);
}

}  // namespace braid
