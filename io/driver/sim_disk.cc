#include "io/driver/sim_disk.h"

#include <fcntl.h>
#include <linux/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_split.h"

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

// Whether `path` names something below `directory`.
bool IsInside(std::string_view path, std::string_view directory) {
  const std::vector<std::string_view> outer =
      absl::StrSplit(directory, '/', absl::SkipEmpty());
  const std::vector<std::string_view> inner =
      absl::StrSplit(path, '/', absl::SkipEmpty());
  return inner.size() > outer.size() &&
         std::equal(outer.begin(), outer.end(), inner.begin());
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
  return node;
}

// Names. ----------------------------------------------------------------------

int SimDisk::Find(std::string_view path, SimNodePtr& node) {
  node = root_;
  if (path.empty()) return -ENOENT;
  for (std::string_view name : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (!node->is_directory()) return -ENOTDIR;
    if (name == ".") continue;
    const auto found = node->entries.find(name);
    if (found == node->entries.end()) return -ENOENT;
    node = found->second;
  }
  return path.back() == '/' && !node->is_directory() ? -ENOTDIR : 0;
}

int SimDisk::FindParent(std::string_view path, SimNodePtr& directory,
                        std::string_view& name) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  name = slash == path.npos ? path : path.substr(slash + 1);
  if (name.empty() || name == ".") return path.empty() ? -ENOENT : -EBUSY;
  const int error =
      Find(slash == path.npos ? "/" : path.substr(0, slash + 1), directory);
  if (error != 0) return error;
  return directory->is_directory() ? 0 : -ENOTDIR;
}

void SimDisk::Apply(Step step) {
  for (const Change& change : step) {
    SimNodePtr& entry = change.directory->entries[change.name];
    if (entry != nullptr && --entry->links == 0 && !entry->is_directory())
      used_bytes_ -= entry->data.size();
    entry = change.node;
    if (entry == nullptr) {
      change.directory->entries.erase(change.name);
    } else {
      ++entry->links;
    }
  }
  journal_.push_back(std::move(step));
}

void SimDisk::MakeDurable(const Step& step) {
  for (const Change& change : step) {
    if (change.node == nullptr) {
      change.directory->durable_entries.erase(change.name);
    } else {
      change.directory->durable_entries[change.name] = change.node;
    }
  }
}

int SimDisk::Open(std::string_view path, int flags, mode_t mode,
                  SimNodePtr& node) {
  int error = Find(path, node);
  if (error == -ENOENT && (flags & O_CREAT) != 0) {
    SimNodePtr directory;
    std::string_view name;
    if ((error = FindParent(path, directory, name)) != 0) return error;
    node = MakeNode(S_IFREG | (mode & 0777));
    Apply({{directory, std::string(name), node}});
    return 0;
  }
  if (error != 0) return error;
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) return -EEXIST;
  if ((flags & O_DIRECTORY) != 0 && !node->is_directory()) return -ENOTDIR;
  if (node->is_directory() && writes) return -EISDIR;
  if ((flags & O_TRUNC) != 0 && writes) return Truncate(*node, 0);
  return 0;
}

int SimDisk::MakeDirectory(std::string_view path, mode_t mode) {
  SimNodePtr directory;
  std::string_view name;
  if (const int error = FindParent(path, directory, name); error != 0)
    return error == -EBUSY ? -EEXIST : error;
  if (directory->entries.contains(name)) return -EEXIST;
  Apply({{directory, std::string(name), MakeNode(S_IFDIR | (mode & 0777))}});
  return 0;
}

int SimDisk::Remove(std::string_view path, bool directory) {
  SimNodePtr parent;
  std::string_view name;
  if (const int error = FindParent(path, parent, name); error != 0)
    return error;
  const auto found = parent->entries.find(name);
  if (found == parent->entries.end()) return -ENOENT;
  const SimNode& node = *found->second;
  if (directory && !node.is_directory()) return -ENOTDIR;
  if (!directory && node.is_directory()) return -EISDIR;
  if (directory && !node.entries.empty()) return -ENOTEMPTY;
  Apply({{parent, std::string(name), nullptr}});
  return 0;
}

int SimDisk::Rename(std::string_view from, std::string_view to) {
  SimNodePtr from_parent, to_parent;
  std::string_view from_name, to_name;
  if (const int error = FindParent(from, from_parent, from_name); error != 0)
    return error;
  if (const int error = FindParent(to, to_parent, to_name); error != 0)
    return error;
  const auto found = from_parent->entries.find(from_name);
  if (found == from_parent->entries.end()) return -ENOENT;
  const SimNodePtr moved = found->second;
  if (const auto old = to_parent->entries.find(to_name);
      old != to_parent->entries.end()) {
    if (old->second == moved) return 0;
    if (old->second->is_directory() != moved->is_directory())
      return moved->is_directory() ? -ENOTDIR : -EISDIR;
    if (!old->second->entries.empty()) return -ENOTEMPTY;
  }
  if (moved->is_directory() && IsInside(to, from)) return -EINVAL;
  // First the new name, or the node would lose its last one in between.
  Apply({{to_parent, std::string(to_name), moved},
         {from_parent, std::string(from_name), nullptr}});
  return 0;
}

int SimDisk::Link(std::string_view from, std::string_view to) {
  SimNodePtr node, parent;
  std::string_view name;
  if (const int error = Find(from, node); error != 0) return error;
  if (node->is_directory()) return -EPERM;
  if (const int error = FindParent(to, parent, name); error != 0) return error;
  if (parent->entries.contains(name)) return -EEXIST;
  Apply({{parent, std::string(name), node}});
  return 0;
}

// Contents. -------------------------------------------------------------------

bool SimDisk::TakeSpace(uint64_t bytes) {
  if (bytes > bytes_max_ - std::min(bytes_max_, used_bytes_)) return false;
  used_bytes_ += bytes;
  return true;
}

int SimDisk::Write(SimNode& file, uint64_t offset,
                   std::span<const uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const uint64_t end = offset + bytes.size();
  if (end > file.data.size()) {
    if (!TakeSpace(end - file.data.size())) return -ENOSPC;
    file.data.resize(end);
  }
  memcpy(file.data.data() + offset, bytes.data(), bytes.size());
  file.pending.push_back({offset, std::string(bytes.begin(), bytes.end())});
  return static_cast<int>(bytes.size());
}

int SimDisk::Truncate(SimNode& file, uint64_t size) {
  if (file.is_directory()) return -EISDIR;
  if (size > file.data.size()) {
    if (!TakeSpace(size - file.data.size())) return -ENOSPC;
  } else {
    used_bytes_ -= file.data.size() - size;
  }
  file.data.resize(size);
  file.pending.push_back({.offset = size, .bytes = "", .truncates = true});
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
  used_bytes_ += node.data.size();
}

void SimDisk::FillStat(const SimNode& node, struct statx& result) {
  result = {};
  result.stx_mask = STATX_BASIC_STATS;
  result.stx_blksize = 4096;
  result.stx_nlink = node.links;
  result.stx_mode = static_cast<uint16_t>(node.mode);
  result.stx_ino = node.inode;
  result.stx_size = node.data.size();
  result.stx_blocks = (node.data.size() + 511) / 512;
}

}  // namespace braid
