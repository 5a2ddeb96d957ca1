#ifndef BRAID_ASYNC_TIMER_QUEUE_H_
#define BRAID_ASYNC_TIMER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/log/check.h"
#include "async/clock.h"
#include "async/intrusive_list.h"

namespace braid {

// One timer. Embedded in whoever waits; leaves the queue by itself when it is
// destroyed. Tasks use SleepFor and Timeout, which are made of it.
class TimerNode : public ListNode<struct TimerNodeTag> {
 public:
  // Runs once when the deadline has come. It may add, remove and destroy
  // timers, its own node included; it must not resume a coroutine.
  using OnFire = void (*)(TimerNode&);

  explicit TimerNode(OnFire on_fire) : on_fire_(on_fire) {}
  ~TimerNode();

  bool pending() const { return linked(); }
  // What it was added with last.
  MonotonicNanos deadline() const { return deadline_; }

 private:
  friend class TimerQueue;

  OnFire on_fire_;
  MonotonicNanos deadline_ = 0;
  class TimerQueue* queue_ = nullptr;
};

// The timers of one executor: a hierarchical timing wheel.
//
// Most timers are time-outs that are removed before they fire, so adding and
// removing must cost the same few nanoseconds with a thousand timers pending
// as with a million: both are O(1), and nothing is allocated. A timer moves
// to a finer level at most kLevels - 1 times before it fires.
//
//   struct Watchdog : TimerNode { … };
//   executor.timers().Add(watchdog, DeadlineAfter(clock.Now(), delay));
//
// Exact: a timer fires at the first Fire(now) with now >= its deadline, never
// before. Order: by ticks of kTickNanos (about a microsecond); timers of the
// same tick that are due together fire in the order in which they were added.
// So equal deadlines are first come, first served.
// Lifetime: outlives its timers, which its destructor checks.
// Thread: the executor's.
//
// Shape: level L has 64 slots of 64^L ticks. A timer lies in the level of the
// highest group of six bits in which its tick differs from current_tick_, so
// at every level only slots from the current one on are occupied, and the
// lowest occupied level holds the earliest timer.
class TimerQueue {
 public:
  static constexpr int kTickShift = 10;
  static constexpr int64_t kTickNanos = int64_t{1} << kTickShift;

  explicit TimerQueue(MonotonicNanos now) : current_tick_(TickOf(now)) {}
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // REQUIRES: !timer.pending(). A deadline that has passed fires at the next
  // Fire(); one of kNever does not fire.
  void Add(TimerNode& timer, MonotonicNanos deadline);

  // Does nothing if the timer is not pending.
  void Remove(TimerNode& timer);

  // Fires every timer whose deadline is at or before `now`, which never goes
  // back. Timers added meanwhile wait for the next call, even those that are
  // due. Returns how many fired.
  size_t Fire(MonotonicNanos now);

  // When Fire() next has something to do, or kNever. That is the earliest
  // deadline, or a moment before it at which many timers move to a finer
  // level; never later than the earliest deadline.
  MonotonicNanos NextDeadline();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr int kSlotBits = 6;
  static constexpr int kSlots = 1 << kSlotBits;
  static constexpr int kLevels = 9;  // 54 bits of ticks: all of int64_t.
  // How many timers of a slot NextDeadline() compares. With few timers the
  // deadline is exact and nobody wakes up to move them; with many, moving
  // them is worth a wake-up and walking them for each answer is not.
  static constexpr int kExactScan = 8;

  using Slot = IntrusiveList<TimerNode, TimerNodeTag>;
  struct NextSlot {
    int level;
    int slot;
    uint64_t tick;  // At which the slot begins.
  };

  static uint64_t TickOf(MonotonicNanos time) {
    return time < 0 ? 0 : static_cast<uint64_t>(time) >> kTickShift;
  }
  // REQUIRES: tick >= current_tick_.
  void Place(TimerNode& timer, uint64_t tick);
  // The earliest occupied slot; false when there is none.
  bool FindNextSlot(NextSlot& next);
  // Moves what is due of the slot of a tick that has not ended to due_.
  void TakeDue(Slot& slot, MonotonicNanos now);

  uint64_t current_tick_;
  size_t size_ = 0;
  // A bit for each slot, by level. May hold bits of slots that Remove() left
  // empty.
  std::array<uint64_t, kLevels> occupied_{};
  std::array<std::array<Slot, kSlots>, kLevels> slots_;
  Slot due_;  // What Fire() is about to call; empty outside it.
};

inline void TimerQueue::Remove(TimerNode& timer) {
  if (!timer.pending()) return;
  DCHECK(timer.queue_ == this);
  timer.Unlink();
  timer.queue_ = nullptr;
  --size_;
}

inline TimerNode::~TimerNode() {
  if (queue_ != nullptr) queue_->Remove(*this);
}

}  // namespace braid

#endif  // BRAID_ASYNC_TIMER_QUEUE_H_
