#ifndef BRAID_IO_DRIVER_PATH_CALLS_H_
#define BRAID_IO_DRIVER_PATH_CALLS_H_

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace braid {

struct DirectoryEntry {
  std::string name;
  uint8_t type;  // DT_REG, DT_DIR, DT_LNK, …; DT_UNKNOWN where the file system
                 // does not say.
};

// The system calls on paths for which no ring has an operation. They go through
// the driver, so that a simulated kernel answers for its own disk. This class
// asks the kernel.
//
// Results are 0 or negative errnos. They block: io/file_system.h makes them on
// the loop's thread pool. Thread: any.
class PathCalls {
 public:
  PathCalls() = default;
  virtual ~PathCalls() = default;
  PathCalls(const PathCalls&) = delete;
  PathCalls& operator=(const PathCalls&) = delete;

  // What is in a directory, without "." and "..".
  virtual int ReadDirectory(const std::string& path,
                            std::vector<DirectoryEntry>& entries);
  virtual int ReadSymlink(const std::string& path, std::string& target);
  virtual int RealPath(const std::string& path, std::string& resolved);
  virtual int CheckAccess(const std::string& path, int mode);
  virtual int ChangeMode(const std::string& path, mode_t mode);
  virtual int TruncatePath(const std::string& path, uint64_t size);
  virtual int SetFileTimes(const std::string& path, const timespec& access,
                           const timespec& modification);
  // Sets the six characters at the end of `path`, "XXXXXX", to others.
  virtual int MakeTemporaryDirectory(std::string& path);
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_PATH_CALLS_H_
