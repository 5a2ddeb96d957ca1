#ifndef BRAID_IO_DRIVER_SIM_DISK_H_
#define BRAID_IO_DRIVER_SIM_DISK_H_

#include <sys/stat.h>

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

// A file or directory of a simulated disk: as programs see it, and as it would
// be found after a loss of power.
struct SimNode {
  uint64_t inode = 0;
  mode_t mode = 0;  // Type and permissions.
  unsigned links = 0;

  // Of a file. What was written since the last sync is `pending` too: of that,
  // any part may be on the device.
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
};
using SimNodePtr = std::shared_ptr<SimNode>;

// The disk of a simulated machine. It outlives the machine: what a program
// wrote is there for the next one. AfterPowerLoss() tells what a next one may
// find if the power goes now, which is what a real disk guarantees and no more:
// - what a file's sync had written is there; of later writes any subset of
//   their sectors is, in any order;
// - names (files that were made, renamed or removed) come back as they were at
//   some moment since the last sync of their directory, in their order.
// Paths are absolute, or relative to "/"; there are no symbolic links.
// Results are negative errnos where they are not positive.
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

  // Sets `node` to what `path` names, and gives 0.
  int Find(std::string_view path, SimNodePtr& node);
  int Open(std::string_view path, int flags, mode_t mode, SimNodePtr& node);
  int MakeDirectory(std::string_view path, mode_t mode);
  int Remove(std::string_view path, bool directory);
  int Rename(std::string_view from, std::string_view to);
  int Link(std::string_view from, std::string_view to);

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

  // The directory that holds the last name of `path`.
  int FindParent(std::string_view path, SimNodePtr& directory,
                 std::string_view& name);
  SimNodePtr MakeNode(mode_t mode);
  void LosePower(std::mt19937_64& random);
  void Apply(Step step);
  void MakeDurable(const Step& step);
  // As power loss leaves it; `found` are the nodes that were met before.
  void Revert(SimNode& node, std::mt19937_64& random,
              std::set<const SimNode*>& found);
  bool TakeSpace(uint64_t bytes);

  const uint64_t bytes_max_;
  uint64_t used_bytes_ = 0;
  uint64_t next_inode_ = 1;
  SimNodePtr root_;
  std::vector<Step> journal_;  // Steps that are not durable yet.
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SIM_DISK_H_
