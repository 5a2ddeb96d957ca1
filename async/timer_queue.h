#ifndef BRAID_ASYNC_TIMER_QUEUE_H_
#define BRAID_ASYNC_TIMER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "async/clock.h"
#include "async/intrusive_list.h"

namespace braid {

// One timer. Embedded in whoever waits; unlinks itself from the queue when it
// is destroyed.
class TimerNode : public ListNode<struct TimerNodeTag> {
 public:
  // Runs once when the deadline has passed. It may add and remove timers, its
  // own node included; it must not resume a coroutine.
  using OnFire = void (*)(TimerNode&);

  explicit TimerNode(OnFire on_fire) : on_fire_(on_fire) {}
  ~TimerNode();

  bool pending() const { return linked(); }
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
// Resolution: kTickNanos (about a microsecond); deadlines are rounded up, so
// a timer never fires early. Timers of the same tick fire in the order in
// which they were added.
// Thread: the executor's.
//
// Shape: level L has 64 slots of 64^L ticks. A timer lies in the level of the
// highest group of six bits in which its tick differs from current_tick_, so
// at every level only slots ahead of the current one are occupied, and the
// lowest occupied level holds the earliest timer.
class TimerQueue {
 public:
  static constexpr int kTickShift = 10;
  static constexpr int64_t kTickNanos = int64_t{1} << kTickShift;

  explicit TimerQueue(MonotonicNanos now) : current_tick_(FloorTick(now)) {}
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // REQUIRES: !timer.pending(). A deadline that has passed fires at the next
  // Fire() whose time is later than the queue's.
  void Add(TimerNode& timer, MonotonicNanos deadline);

  // Does nothing if the timer is not pending.
  void Remove(TimerNode& timer);

  // Fires every timer whose deadline is at or before `now`, in the order of
  // their deadlines. Timers added meanwhile wait for the next call. Returns
  // how many fired.
  size_t Fire(MonotonicNanos now);

  // When Fire() next has something to do, or kNever. That is a timer's
  // deadline, or a moment before it at which the timer moves to a finer level.
  MonotonicNanos NextDeadline();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr int kSlotBits = 6;
  static constexpr int kSlots = 1 << kSlotBits;
  static constexpr int kLevels = 9;  // 54 bits of ticks: 584 years.

  using Slot = IntrusiveList<TimerNode, TimerNodeTag>;
  struct Level {
    uint64_t occupied = 0;  // May hold bits of slots emptied by Remove().
    std::array<Slot, kSlots> slots;
  };
  struct NextSlot {
    int level;
    int slot;
    uint64_t tick;  // At which the slot begins.
  };

  static uint64_t FloorTick(MonotonicNanos time) {
    return static_cast<uint64_t>(time) >> kTickShift;
  }
  static uint64_t CeilTick(MonotonicNanos time) {
    return (static_cast<uint64_t>(time) + kTickNanos - 1) >> kTickShift;
  }
  void Place(TimerNode& timer, uint64_t tick);
  // The earliest occupied slot; false when there is none.
  bool FindNextSlot(NextSlot& next);

  uint64_t current_tick_;
  size_t size_ = 0;
  std::array<Level, kLevels> levels_;
  Slot due_;  // What Fire() is about to call; empty outside it.
};

}  // namespace braid

#endif  // BRAID_ASYNC_TIMER_QUEUE_H_
