#ifndef BRAID_IO_DRIVER_SIM_FILES_H_
#define BRAID_IO_DRIVER_SIM_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "io/driver/path_calls.h"
#include "io/driver/sim_disk.h"
#include "io/driver/sim_kernel.h"

namespace braid {

// An open file or directory of the simulated machine.
struct SimFile {
  SimNodePtr node;
  int flags = 0;
  uint64_t position = 0;
};
using SimFilePtr = std::shared_ptr<SimFile>;

// The simulated kernel's operations on a disk: all that io/file.h and
// io/file_system.h make, through the ring and beside it.
class SimFiles final : public PathCalls {
 public:
  // `add_descriptor` gives an opened file its descriptor, or a negative errno.
  SimFiles(SimKernel& kernel, std::shared_ptr<SimDisk> disk,
           absl::AnyInvocable<int(SimFilePtr)> add_descriptor)
      : kernel_(kernel),
        disk_(std::move(disk)),
        add_descriptor_(std::move(add_descriptor)) {}
  // Whether an entry names a path and no open file.
  static bool IsAboutPath(const io_uring_sqe& entry);
  void ExecutePath(SimRequest& request);
  void Execute(SimFile& file, SimRequest& request);
  int Truncate(SimFile& file, uint64_t size);

  // PathCalls.
  int ReadDirectory(const std::string& path,
                    std::vector<DirectoryEntry>& entries) override;
  int ReadSymlink(const std::string& path, std::string& target) override;
  int RealPath(const std::string& path, std::string& resolved) override;
  int CheckAccess(const std::string& path, int mode) override;
  int ChangeMode(const std::string& path, mode_t mode) override;
  int TruncatePath(const std::string& path, uint64_t size) override;
  int SetFileTimes(const std::string& path, const timespec& access,
                   const timespec& modification) override;
  int MakeTemporaryDirectory(std::string& path) override;

 private:
  // The disk, which is told the time.
  SimDisk& disk();
  int Open(const io_uring_sqe& entry);
  int Stat(const io_uring_sqe& entry);
  int Read(SimFile& file, const io_uring_sqe& entry);
  int Write(SimFile& file, const io_uring_sqe& entry);

  SimKernel& kernel_;
  const std::shared_ptr<SimDisk> disk_;
  absl::AnyInvocable<int(SimFilePtr)> add_descriptor_;
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_FILES_H_
