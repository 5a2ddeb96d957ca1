#ifndef BRAID_IO_DRIVER_SIM_FILES_H_
#define BRAID_IO_DRIVER_SIM_FILES_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
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

// The simulated kernel's operations on a disk: open, read, write, fsync, statx,
// mkdir, unlink, rename and link.
class SimFiles {
 public:
  // `add_descriptor` gives an opened file its descriptor, or a negative errno.
  SimFiles(SimKernel& kernel, std::shared_ptr<SimDisk> disk,
           absl::AnyInvocable<int(SimFilePtr)> add_descriptor)
      : kernel_(kernel),
        disk_(std::move(disk)),
        add_descriptor_(std::move(add_descriptor)) {}
  SimFiles(const SimFiles&) = delete;
  SimFiles& operator=(const SimFiles&) = delete;

  // Whether an entry names a path and no open file.
  static bool IsAboutPath(const io_uring_sqe& entry);
  void ExecutePath(SimRequest& request);
  void Execute(SimFile& file, SimRequest& request);
  int Truncate(SimFile& file, uint64_t size);

 private:
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
