#ifndef BRAID_IO_DRIVER_SIM_DISK_H_
#define BRAID_IO_DRIVER_SIM_DISK_H_

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct statx;

namespace braid {

// A file, directory or symbolic link of a simulated disk: as programs see it,
// and as it would be found after a loss of power.
struct SimNode {
  uint64_t inode = 0;
  mode_t mode = 0;  // Type and permissions.
  unsigned links = 0;
  // In nanoseconds since the epoch. Permissions and times are durable at once.
  int64_t created_nanos = 0, changed_nanos = 0;
  int64_t accessed_nanos = 0, modified_nanos = 0;

  // Of a file. What was written since the last sync is `pending` too: of that,
  // any part may be on the device. A symbolic link has its target here.
  std::string data;
  std::string durable;
  struct Write {
    uint64_t offset;
    std::string bytes;
    bool truncates = false;  // The file ends at `offset`.
  };
  std::vector<Write> pending;

  // Of a directory.
  std::map<std::string, std::shared_ptr<SimNode>, std::less<>> entries;
  std::map<std::string, std::shared_ptr<SimNode>, std::less<>> durable_entries;

  bool is_directory() const { return S_ISDIR(mode); }
  bool is_file() const { return S_ISREG(mode); }
  bool is_symlink() const { return S_ISLNK(mode); }
};
using SimNodePtr = std::shared_ptr<SimNode>;

// The disk of a simulated machine. It outlives the machine: what a program
// wrote is there for the next one. AfterPowerLoss() tells what a next one may
// find if the power goes now, which is what a real disk guarantees and no more:
// - what a file's sync had written is there; of later writes any subset of
//   their sectors is, in any order;
// - names (files that were made, renamed or removed) come back as they were at
//   some moment since the last sync of their directory, in their order.
// Paths are absolute, or relative to "/". Permissions are kept and not checked:
// every program is root's. Results are negative errnos where they are not
// positive.
class SimDisk {
 public:
  static constexpr size_t kSectorBytes = 512;

  explicit SimDisk(uint64_t bytes_max = uint64_t{1} << 30);
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // A disk with what is left when the power goes now. This one stays as it is,
  // and its machine may go on.
  std::shared_ptr<SimDisk> AfterPowerLoss(std::mt19937_64& random) const;

  uint64_t used_bytes() const { return used_bytes_; }

  // For the simulated kernel. -------------------------------------------------

  // What time it is now, for what is made and changed from now on.
  void set_now(int64_t nanos) { now_nanos_ = nanos; }

  // What becomes of a symbolic link at which a path ends.
  enum class Links {
    kFollow,
    kKeep,  // It is followed only if a slash stands behind it.
    kName,  // It is kept, and what a slash behind the last name means is left
            // to the caller, who makes, removes or renames it.
  };
  // Sets `node` to what `path` names, and gives 0.
  int Find(std::string_view path, Links links, SimNodePtr& node) const;
  int Open(std::string_view path, int flags, mode_t mode, SimNodePtr& node);
  int MakeDirectory(std::string_view path, mode_t mode);
  int MakeSymlink(std::string_view target, std::string_view path);
  int Remove(std::string_view path, bool directory);
  int Rename(std::string_view from, std::string_view to);
  int Link(std::string_view from, std::string_view to);
  // Sets `resolved` to the path without symbolic links, and gives 0.
  int RealPath(std::string_view path, std::string& resolved) const;

  // Writes as much as there is space for; -ENOSPC when that is nothing.
  int Write(SimNode& file, uint64_t offset, std::span<const uint8_t> bytes);
  int Truncate(SimNode& file, uint64_t size);
  // Everything that was done to it is on the device. With `failing`, none of
  // it gets there, and it is forgotten that it had to.
  void Sync(SimNode& node, bool failing);

  static void FillStat(const SimNode& node, struct statx& result);

 private:
  // Names that change together.
  struct Change {
    SimNodePtr directory;
    std::string name;
    SimNodePtr node;  // Null: removed.
  };
  using Step = std::vector<Change>;

  // Where a path leads.
  struct Place {
    SimNodePtr directory;  // That holds its last name; null for the root.
    std::string name;
    SimNodePtr node;   // Null if the directory has no such name.
    std::string path;  // Absolute and without symbolic links.
    bool ends_in_slash = false;
  };
  int Resolve(std::string_view path, Links links, Place& place) const;
  SimNodePtr MakeNode(mode_t mode);
  void LosePower(std::mt19937_64& random);
  void Apply(Step step);
  void MakeDurable(const Step& step);
  // As power loss leaves it; `found` are the nodes that were met before.
  void Revert(SimNode& node, std::mt19937_64& random,
              std::set<const SimNode*>& found);
  uint64_t free_bytes() const {
    return bytes_max_ - std::min(bytes_max_, used_bytes_);
  }

  const uint64_t bytes_max_;
  uint64_t used_bytes_ = 0;
  uint64_t next_inode_ = 1;
  int64_t now_nanos_ = 0;
  SimNodePtr root_;
  std::vector<Step> journal_;  // Steps that are not durable yet.
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_DISK_H_
