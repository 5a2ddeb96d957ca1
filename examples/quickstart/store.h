#ifndef BRAID_EXAMPLES_QUICKSTART_STORE_H_
#define BRAID_EXAMPLES_QUICKSTART_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/semaphore.h"
#include "async/task.h"
#include "examples/quickstart/log_format.h"
#include "io/file.h"
#include "io/loop.h"

namespace braid::quickstart {

// A key-value store in memory with a write-ahead log on disk. A write is
// acknowledged when it is synced to the device, so kill -9 or a power cut
// loses no acknowledged write.
//
// Many writers share one sync: writes that come while a sync is under way are
// gathered into one batch, which is written and synced as soon as that sync is
// done. So a thousand writers at once cost a handful of syncs. What waits for
// the device is bounded in bytes: further writers wait, in order, for their
// place in a batch.
//
// Two coroutines do the work: the writer's own, which adds its change to the
// current batch and waits, and the committer, which writes batch after batch.
// Thread: the loop's.
class Store {
 public:
  static constexpr size_t kKeyBytesMax = 1 << 10;
  static constexpr size_t kValueBytesMax = 1 << 20;
  // Of changes that are not on the device yet; writers beyond it wait.
  static constexpr size_t kPendingBytesMax = 8 << 20;

  struct Counters {
    uint64_t writes = 0;  // Acknowledged.
    uint64_t syncs = 0;   // That it took; those that failed do not count.
  };

  // Opens the log at `path`, creating it if need be, and reads it. A damaged
  // end, as a crash leaves it, is cut off. The committer runs in `scope`: the
  // store ends with that scope, and must live until it has been joined.
  // Errors: as open(2) and read(2); DataLossError for a log that was damaged
  // otherwise.
  static Task<absl::StatusOr<std::unique_ptr<Store>>> Open(Loop& loop,
                                                           Scope& scope,
                                                           std::string path);

  // The value of a key, as far as writes are acknowledged.
  std::optional<std::string> Get(std::string_view key) const;

  // The keys that begin with `prefix`, in order; at most `count_max`.
  std::vector<std::string> Keys(std::string_view prefix,
                                size_t count_max) const;

  size_t size() const { return values_.size(); }

  // Ends when the write is on the device. Errors: InvalidArgumentError for
  // keys and values over the limits; the error of the write or the sync, after
  // which the change is not made. When a sync fails, so does every later
  // write: nobody knows then what the device holds.
  // Cancellation: CancelledError; the change may be made all the same.
  Task<absl::Status> Put(std::string key, std::string value);

  // As Put(). Removing a key that is not there is fine.
  Task<absl::Status> Remove(std::string key);

  const Counters& counters() const { return counters_; }

 private:
  // Changes that are synced together.
  struct Batch {
    std::string payload;
    std::vector<Change> changes;
    std::vector<Semaphore::Units> pending_bytes;  // Until committed.
    absl::Status status;                          // Once committed.
    Event committed;
  };

  explicit Store(File log) : log_(std::move(log)) {}

  Task<absl::Status> Write(Change change);
  Task<absl::Status> CommitBatches();
  Task<absl::Status> Commit(const Batch& batch);
  void Apply(Change change);

  File log_;
  uint64_t log_bytes_ = 0;
  std::map<std::string, std::string, std::less<>> values_;
  Semaphore pending_bytes_{kPendingBytesMax};
  // The one that fills.
  std::shared_ptr<Batch> batch_ = std::make_shared<Batch>();
  Event batch_filled_;
  absl::Status failure_;  // Of a sync: final.
  Counters counters_;
};

}  // namespace braid::quickstart

#endif  // BRAID_EXAMPLES_QUICKSTART_STORE_H_
