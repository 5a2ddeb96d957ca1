#include "examples/quickstart/store.h"

#include <fcntl.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/status_macros.h"

namespace braid::quickstart {

namespace {

// Makes the entry of a new file in its directory durable.
Task<absl::Status> SyncDirectoryOf(Loop& loop, const std::string& path) {
  const size_t slash = path.rfind('/');
  std::string directory =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  CO_ASSIGN_OR_RETURN(
      File opened,
      co_await File::Open(loop, std::move(directory), O_RDONLY | O_DIRECTORY));
  co_return co_await opened.Sync();
}

}  // namespace

Task<absl::StatusOr<std::unique_ptr<Store>>> Store::Open(Loop& loop,
                                                         Scope& scope,
                                                         std::string path) {
  CO_ASSIGN_OR_RETURN(File log,
                      co_await File::Open(loop, path, O_RDWR | O_CREAT, 0600));
  CO_ASSIGN_OR_RETURN(const std::string bytes, co_await ReadFile(loop, path));
  CO_ASSIGN_OR_RETURN(LogContents contents, ReadLog(bytes));
  std::unique_ptr<Store> store(new Store(std::move(log)));
  for (Change& change : contents.changes) store->Apply(std::move(change));
  store->log_bytes_ = contents.valid_bytes;
  if (contents.valid_bytes < bytes.size()) {
    CO_RETURN_IF_ERROR(co_await store->log_.Truncate(contents.valid_bytes));
  }
  // The changes that were read may have been written and not synced by a
  // process that was killed; from now on they are answered as stored.
  CO_RETURN_IF_ERROR(co_await store->log_.Sync());
  CO_RETURN_IF_ERROR(co_await SyncDirectoryOf(loop, path));
  scope.Spawn(store->CommitBatches());
  co_return store;
}

std::optional<std::string> Store::Get(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Store::Keys(std::string_view prefix,
                                     size_t count_max) const {
  std::vector<std::string> keys;
  for (auto it = values_.lower_bound(prefix);
       it != values_.end() && keys.size() < count_max &&
       it->first.starts_with(prefix);
       ++it) {
    keys.push_back(it->first);
  }
  return keys;
}

Task<absl::Status> Store::Put(std::string key, std::string value) {
  if (value.size() > kValueBytesMax) {
    co_return absl::InvalidArgumentError(absl::StrCat(
        "the value has ", value.size(), " bytes, more than ", kValueBytesMax));
  }
  co_return co_await Write({std::move(key), std::move(value)});
}

Task<absl::Status> Store::Remove(std::string key) {
  co_return co_await Write({std::move(key), std::nullopt});
}

Task<absl::Status> Store::Write(Change change) {
  if (change.key.empty() || change.key.size() > kKeyBytesMax) {
    co_return absl::InvalidArgumentError(absl::StrCat(
        "a key has 1 to ", kKeyBytesMax, " bytes, not ", change.key.size()));
  }
  const size_t bytes =
      change.key.size() + (change.value.has_value() ? change.value->size() : 0);
  CO_ASSIGN_OR_RETURN(Semaphore::Units units, co_await pending_bytes_.Acquire(
                                                  static_cast<int64_t>(bytes)));
  CO_RETURN_IF_ERROR(failure_);
  const std::shared_ptr<Batch> batch = batch_;
  AppendChange(batch->payload, change);
  batch->changes.push_back(std::move(change));
  // The batch's, not this writer's: a writer that is cancelled leaves its
  // change behind.
  batch->pending_bytes.push_back(std::move(units));
  batch_filled_.Set();
  CO_RETURN_IF_ERROR(co_await batch->committed.Wait());
  co_return batch->status;
}

Task<absl::Status> Store::CommitBatches() {
  for (;;) {
    const absl::Status filled = co_await batch_filled_.Wait();
    batch_filled_.Reset();
    const std::shared_ptr<Batch> batch =
        std::exchange(batch_, std::make_shared<Batch>());
    if (filled.ok()) {
      // Shielded: a batch that is half written when the store is cancelled is
      // written to its end.
      batch->status = co_await Shield(Commit(*batch));
    } else {
      failure_ = filled;  // The store is cancelled.
      batch->status = filled;
    }
    if (batch->status.ok()) {
      counters_.writes += batch->changes.size();
      for (Change& change : batch->changes) Apply(std::move(change));
    }
    batch->pending_bytes.clear();
    batch->committed.Set();
    CO_RETURN_IF_ERROR(filled);
  }
}

Task<absl::Status> Store::Commit(const Batch& batch) {
  CO_RETURN_IF_ERROR(failure_);
  const std::string frame = FrameHeader(batch.payload) + batch.payload;
  if (absl::Status written = co_await log_.WriteAll(frame, log_bytes_);
      !written.ok()) {
    // A full disk: what was written of the frame must not stand before the
    // next one.
    failure_ = co_await log_.Truncate(log_bytes_);
    co_return written;
  }
  if (absl::Status synced = co_await log_.SyncData(); !synced.ok()) {
    failure_ = synced;
    co_return synced;
  }
  ++counters_.syncs;
  log_bytes_ += frame.size();
  co_return absl::OkStatus();
}

void Store::Apply(Change change) {
  if (change.value.has_value()) {
    values_.insert_or_assign(std::move(change.key), *std::move(change.value));
  } else {
    values_.erase(change.key);
  }
}

}  // namespace braid::quickstart
