// The names of a simulated disk: where paths lead, and how that changes.

#include <fcntl.h>
#include <limits.h>

#include <cerrno>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/driver/sim_disk.h"

namespace braid {
namespace {

constexpr int kLinksFollowedMax = 40;  // As on Linux.

std::string_view LastName(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

// What "." and ".." name can be neither removed nor renamed.
bool IsDots(std::string_view name) { return name == "." || name == ".."; }

}  // namespace

int SimDisk::Resolve(std::string_view path, Links links, Place& place) const {
  if (path.empty()) return -ENOENT;
  if (path.size() >= PATH_MAX) return -ENAMETOOLONG;
  place.ends_in_slash = path.ends_with('/');
  // The way from the root to where we are, and what is still to be walked.
  std::vector<std::pair<std::string, SimNodePtr>> way = {{"", root_}};
  std::deque<std::string> names = absl::StrSplit(path, '/', absl::SkipEmpty());
  int links_followed = 0;
  bool missing = false;
  while (!names.empty() && !missing) {
    const std::string name = std::move(names.front());
    names.pop_front();
    const SimNode& here = *way.back().second;
    if (!here.is_directory()) return -ENOTDIR;
    if (name.size() > NAME_MAX) return -ENAMETOOLONG;
    if (name == ".") continue;
    if (name == "..") {
      if (way.size() > 1) way.pop_back();
      continue;
    }
    const auto found = here.entries.find(name);
    missing = found == here.entries.end();
    if (missing && !names.empty()) return -ENOENT;
    const SimNodePtr node = missing ? nullptr : found->second;
    if (node != nullptr && node->is_symlink() &&
        (!names.empty() || links == Links::kFollow ||
         (links == Links::kKeep && place.ends_in_slash))) {
      if (++links_followed > kLinksFollowedMax) return -ELOOP;
      const std::string_view target = node->data;
      if (target.starts_with('/')) way.resize(1);
      if (names.empty()) place.ends_in_slash |= target.ends_with('/');
      const std::vector<std::string> more =
          absl::StrSplit(target, '/', absl::SkipEmpty());
      names.insert(names.begin(), more.begin(), more.end());
      continue;
    }
    way.emplace_back(name, node);
  }
  place.node = way.back().second;
  place.path = way.size() == 1 ? "/" : "";
  for (const auto& [name, node] : way) {
    if (!name.empty()) absl::StrAppend(&place.path, "/", name);
  }
  if (way.size() > 1) {
    place.name = std::move(way.back().first);
    place.directory = way[way.size() - 2].second;
  }
  const bool is_other = place.node != nullptr && !place.node->is_directory();
  const bool wants_directory = place.ends_in_slash && links != Links::kName;
  return wants_directory && is_other ? -ENOTDIR : 0;
}

int SimDisk::Find(std::string_view path, Links links, SimNodePtr& node) const {
  Place place;
  if (const int error = Resolve(path, links, place); error != 0) return error;
  node = place.node;
  return node == nullptr ? -ENOENT : 0;
}

int SimDisk::RealPath(std::string_view path, std::string& resolved) const {
  Place place;
  if (const int error = Resolve(path, Links::kFollow, place); error != 0)
    return error;
  resolved = std::move(place.path);
  return place.node == nullptr ? -ENOENT : 0;
}

void SimDisk::Apply(Step step) {
  for (const Change& change : step) {
    SimNodePtr& entry = change.directory->entries[change.name];
    if (entry != nullptr && --entry->links == 0 && entry->is_file())
      used_bytes_ -= entry->data.size();
    entry = change.node;
    if (entry == nullptr) {
      change.directory->entries.erase(change.name);
    } else {
      ++entry->links;
    }
    change.directory->modified_nanos = now_nanos_;
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
  const bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  const bool keep = exclusive || (flags & O_NOFOLLOW) != 0;
  // A file that may be made cannot have a slash behind its name, whatever is
  // there.
  const bool slash =
      (flags & O_CREAT) != 0 && path.ends_with('/') && !IsDots(LastName(path));
  while (slash && path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  Place place;
  if (const int error =
          Resolve(path, keep ? Links::kKeep : Links::kFollow, place);
      error != 0) {
    return error;
  }
  if (slash) return -EISDIR;
  node = place.node;
  if (node == nullptr) {
    if ((flags & O_CREAT) == 0) return -ENOENT;
    if (place.ends_in_slash) return -EISDIR;
    node = MakeNode(S_IFREG | (mode & 07777));
    Apply({{place.directory, std::move(place.name), node}});
    return 0;
  }
  if (exclusive) return -EEXIST;
  if (node->is_symlink()) return -ELOOP;
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if ((flags & O_DIRECTORY) != 0 && !node->is_directory()) return -ENOTDIR;
  if (node->is_directory() && (writes || (flags & O_CREAT) != 0))
    return -EISDIR;
  if ((flags & O_TRUNC) != 0 && writes) return Truncate(*node, 0);
  return 0;
}

int SimDisk::MakeDirectory(std::string_view path, mode_t mode) {
  Place place;
  if (const int error = Resolve(path, Links::kName, place); error != 0)
    return error;
  if (place.node != nullptr) return -EEXIST;
  Apply({{place.directory, std::move(place.name),
          MakeNode(S_IFDIR | (mode & 07777))}});
  return 0;
}

int SimDisk::MakeSymlink(std::string_view target, std::string_view path) {
  if (target.empty()) return -ENOENT;
  if (target.size() >= PATH_MAX) return -ENAMETOOLONG;
  Place place;
  if (const int error = Resolve(path, Links::kName, place); error != 0)
    return error;
  if (place.node != nullptr) return -EEXIST;
  if (place.ends_in_slash) return -ENOENT;
  SimNodePtr node = MakeNode(S_IFLNK | 0777);
  // It is part of the name's entry, and as durable as that.
  node->data = node->durable = target;
  Apply({{place.directory, std::move(place.name), std::move(node)}});
  return 0;
}

int SimDisk::Remove(std::string_view path, bool directory) {
  Place place;
  if (const int error = Resolve(path, Links::kName, place); error != 0)
    return error;
  if (const std::string_view name = LastName(path); directory && IsDots(name))
    return name == ".." ? -ENOTEMPTY : -EINVAL;
  if (place.node == nullptr) return -ENOENT;
  const SimNode& node = *place.node;
  if (directory && !node.is_directory()) return -ENOTDIR;
  if (!directory && node.is_directory()) return -EISDIR;
  if (!directory && place.ends_in_slash) return -ENOTDIR;
  if (place.directory == nullptr) return -EBUSY;
  if (directory && !node.entries.empty()) return -ENOTEMPTY;
  Apply({{place.directory, std::move(place.name), nullptr}});
  return 0;
}

int SimDisk::Rename(std::string_view from_path, std::string_view to_path) {
  Place from, to;
  if (const int error = Resolve(from_path, Links::kName, from); error != 0)
    return error;
  if (const int error = Resolve(to_path, Links::kName, to); error != 0)
    return error;
  if (IsDots(LastName(from_path)) || IsDots(LastName(to_path))) return -EBUSY;
  if (from.directory == nullptr || to.directory == nullptr) return -EBUSY;
  const SimNodePtr moved = from.node;
  if (moved == nullptr) return -ENOENT;
  if ((from.ends_in_slash || to.ends_in_slash) && !moved->is_directory())
    return -ENOTDIR;
  // Neither can be inside of the other.
  if (to.path.starts_with(from.path + "/")) return -EINVAL;
  if (from.path.starts_with(to.path + "/")) return -ENOTEMPTY;
  if (to.node == moved) return 0;
  if (to.node != nullptr) {
    if (to.node->is_directory() != moved->is_directory())
      return moved->is_directory() ? -ENOTDIR : -EISDIR;
    if (!to.node->entries.empty()) return -ENOTEMPTY;
  }
  // First the new name, or the node would lose its last one in between.
  Apply({{to.directory, std::move(to.name), moved},
         {from.directory, std::move(from.name), nullptr}});
  return 0;
}

int SimDisk::Link(std::string_view from, std::string_view to) {
  SimNodePtr node;
  if (const int error = Find(from, Links::kKeep, node); error != 0)
    return error;
  Place place;
  if (const int error = Resolve(to, Links::kName, place); error != 0)
    return error;
  if (place.node != nullptr) return -EEXIST;
  if (place.ends_in_slash) return -ENOENT;
  if (node->is_directory()) return -EPERM;
  Apply({{place.directory, std::move(place.name), std::move(node)}});
  return 0;
}

}  // namespace braid
