#include "io/driver/sim_disk.h"

#include <linux/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace braid {
namespace {

bool Heads(std::mt19937_64& random) { return (random() & 1) != 0; }

// Puts `count` bytes of the write, from `at` on, onto the device.
void PutDurable(SimNode& node, const SimNode::Write& write, size_t at,
                size_t count) {
  if (write.truncates) {
    node.durable.resize(write.offset);
    return;
  }
  const uint64_t offset = write.offset + at;
  if (node.durable.size() < offset + count) node.durable.resize(offset + count);
  node.durable.replace(offset, count, write.bytes, at, count);
}

}  // namespace

SimDisk::SimDisk(uint64_t bytes_max) : bytes_max_(bytes_max) {
  root_ = MakeNode(S_IFDIR | 0755);
  root_->links = 1;
}

SimNodePtr SimDisk::MakeNode(mode_t mode) {
  auto node = std::make_shared<SimNode>();
  node->inode = next_inode_++;
  node->mode = mode;
  node->created_nanos = node->changed_nanos = now_nanos_;
  node->accessed_nanos = node->modified_nanos = now_nanos_;
  return node;
}

// Contents. -------------------------------------------------------------------

int SimDisk::Write(SimNode& file, uint64_t offset,
                   std::span<const uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const uint64_t size = file.data.size();
  if (offset >
      static_cast<uint64_t>(std::numeric_limits<off_t>::max()) - bytes.size()) {
    return -EFBIG;
  }
  // What lies beyond the end needs space, and so does the gap before it.
  const uint64_t end = std::min(offset + bytes.size(), size + free_bytes());
  if (end <= offset && offset + bytes.size() > size) return -ENOSPC;
  bytes = bytes.first(std::min<uint64_t>(bytes.size(), end - offset));
  if (end > size) {
    // Of a file without a name the space was given back with the name.
    if (file.links > 0) used_bytes_ += end - size;
    file.data.resize(end);
  }
  memcpy(file.data.data() + offset, bytes.data(), bytes.size());
  file.pending.push_back({offset, std::string(bytes.begin(), bytes.end())});
  file.modified_nanos = file.changed_nanos = now_nanos_;
  return static_cast<int>(bytes.size());
}

int SimDisk::Truncate(SimNode& file, uint64_t size) {
  if (!file.is_file()) return file.is_directory() ? -EISDIR : -EINVAL;
  if (size > file.data.size() && size - file.data.size() > free_bytes())
    return -ENOSPC;
  if (file.links > 0) used_bytes_ += size - file.data.size();
  file.data.resize(size);
  file.pending.push_back({.offset = size, .bytes = "", .truncates = true});
  file.modified_nanos = file.changed_nanos = now_nanos_;
  return 0;
}

void SimDisk::Sync(SimNode& node, bool failing) {
  if (!node.is_directory()) {
    for (const SimNode::Write& write : node.pending) {
      if (!failing) PutDurable(node, write, 0, write.bytes.size());
    }
    node.pending.clear();
    return;
  }
  if (failing) return;
  // Names are kept in order, so those before the directory's last one are
  // durable with it.
  const auto last =
      std::find_if(journal_.rbegin(), journal_.rend(), [&](const Step& step) {
        return std::ranges::any_of(step, [&](const Change& change) {
          return change.directory.get() == &node;
        });
      });
  for (auto step = journal_.begin(); step != last.base(); ++step)
    MakeDurable(*step);
  journal_.erase(journal_.begin(), last.base());
}

std::shared_ptr<SimDisk> SimDisk::AfterPowerLoss(
    std::mt19937_64& random) const {
  auto left = std::make_shared<SimDisk>(bytes_max_);
  std::map<SimNodePtr, SimNodePtr> copies;
  const auto copy = [&copies](auto& self, SimNodePtr& node) -> void {
    if (node == nullptr) return;
    SimNodePtr& made = copies[node];
    const bool is_new = made == nullptr;
    if (is_new) made = std::make_shared<SimNode>(*node);
    node = made;
    if (!is_new) return;
    for (auto& [name, entry] : node->entries) self(self, entry);
    for (auto& [name, entry] : node->durable_entries) self(self, entry);
  };
  left->root_ = root_;
  left->journal_ = journal_;
  left->next_inode_ = next_inode_;
  copy(copy, left->root_);
  for (Step& step : left->journal_) {
    for (Change& change : step) {
      copy(copy, change.directory);
      copy(copy, change.node);
    }
  }
  left->LosePower(random);
  return left;
}

void SimDisk::LosePower(std::mt19937_64& random) {
  const size_t kept =
      std::uniform_int_distribution<size_t>(0, journal_.size())(random);
  for (size_t i = 0; i < kept; ++i) MakeDurable(journal_[i]);
  journal_.clear();
  used_bytes_ = 0;
  std::set<const SimNode*> found;
  Revert(*root_, random, found);
}

void SimDisk::Revert(SimNode& node, std::mt19937_64& random,
                     std::set<const SimNode*>& found) {
  if (!found.insert(&node).second) {
    ++node.links;  // Another name of the same file.
    return;
  }
  node.links = 1;
  if (node.is_directory()) {
    node.entries = node.durable_entries;
    for (const auto& [name, entry] : node.entries)
      Revert(*entry, random, found);
    return;
  }
  for (const SimNode::Write& write : node.pending) {
    size_t at = 0;
    do {
      // To the end of the sector.
      const size_t count =
          std::min<uint64_t>(kSectorBytes - (write.offset + at) % kSectorBytes,
                             write.bytes.size() - at);
      if (Heads(random)) PutDurable(node, write, at, count);
      at += count;
    } while (at < write.bytes.size());
  }
  node.pending.clear();
  node.data = node.durable;
  if (node.is_file()) used_bytes_ += node.data.size();
}

namespace {

statx_timestamp Timestamp(int64_t nanos) {
  int64_t seconds = nanos / 1'000'000'000;
  if (nanos % 1'000'000'000 < 0) --seconds;
  return {.tv_sec = seconds,
          .tv_nsec = static_cast<uint32_t>(nanos - seconds * 1'000'000'000)};
}

}  // namespace

void SimDisk::FillStat(const SimNode& node, struct statx& result) {
  result = {};
  result.stx_atime = Timestamp(node.accessed_nanos);
  result.stx_mtime = Timestamp(node.modified_nanos);
  result.stx_ctime = Timestamp(node.changed_nanos);
  result.stx_btime = Timestamp(node.created_nanos);
  result.stx_mask = STATX_BASIC_STATS | STATX_BTIME;
  result.stx_blksize = 4096;
  result.stx_nlink = node.links;
  result.stx_mode = static_cast<uint16_t>(node.mode);
  result.stx_ino = node.inode;
  result.stx_size = node.data.size();
  result.stx_blocks = (node.data.size() + 511) / 512;
}

}  // namespace braid
