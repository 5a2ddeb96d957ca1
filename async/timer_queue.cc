#include "async/timer_queue.h"

#include <algorithm>
#include <bit>

#include "absl/log/check.h"

namespace braid {

TimerNode::~TimerNode() {
  if (queue_ != nullptr) queue_->Remove(*this);
}

TimerQueue::~TimerQueue() { CHECK_EQ(size_, 0u) << "timers outlived their queue"; }

void TimerQueue::Add(TimerNode& timer, MonotonicNanos deadline) {
  DCHECK(!timer.pending());
  timer.deadline_ = deadline;
  timer.queue_ = this;
  ++size_;
  // The current tick has been fired already, so what is overdue goes into the
  // next one.
  const uint64_t tick = CeilTick(std::max<MonotonicNanos>(deadline, 0));
  Place(timer, std::max(tick, current_tick_ + 1));
}

void TimerQueue::Remove(TimerNode& timer) {
  if (!timer.pending()) return;
  timer.Unlink();
  timer.queue_ = nullptr;
  --size_;
}

void TimerQueue::Place(TimerNode& timer, uint64_t tick) {
  const uint64_t difference = tick ^ current_tick_;
  const int level = (63 - std::countl_zero(difference | 1)) / kSlotBits;
  DCHECK_LT(level, kLevels);
  const int slot = (tick >> (level * kSlotBits)) % kSlots;
  levels_[level].occupied |= uint64_t{1} << slot;
  levels_[level].slots[slot].PushBack(timer);
}

bool TimerQueue::FindNextSlot(NextSlot& next) {
  if (size_ == 0) return false;
  for (int level = 0; level < kLevels; ++level) {
    uint64_t& occupied = levels_[level].occupied;
    while (occupied != 0) {
      const int slot = std::countr_zero(occupied);
      if (levels_[level].slots[slot].empty()) {
        occupied &= occupied - 1;  // Its timers were removed.
        continue;
      }
      const int shift = level * kSlotBits;
      const uint64_t above = current_tick_ >> (shift + kSlotBits);
      next = {level, slot, ((above << kSlotBits) | static_cast<uint64_t>(slot)) << shift};
      return true;
    }
  }
  return false;
}

size_t TimerQueue::Fire(MonotonicNanos now) {
  const uint64_t now_tick = FloorTick(now);
  if (now_tick <= current_tick_) return 0;
  NextSlot next;
  while (FindNextSlot(next) && next.tick <= now_tick) {
    Slot& slot = levels_[next.level].slots[next.slot];
    levels_[next.level].occupied &= ~(uint64_t{1} << next.slot);
    current_tick_ = next.tick;
    if (next.level == 0) {
      due_.Splice(slot);
      continue;
    }
    Slot moving;
    moving.Splice(slot);
    while (!moving.empty()) {
      TimerNode& timer = moving.PopFront();
      Place(timer, std::max(CeilTick(timer.deadline_), current_tick_));
    }
  }
  current_tick_ = now_tick;

  size_t fired = 0;
  while (!due_.empty()) {
    TimerNode& timer = due_.PopFront();
    timer.queue_ = nullptr;
    --size_;
    ++fired;
    timer.on_fire_(timer);
  }
  return fired;
}

MonotonicNanos TimerQueue::NextDeadline() {
  NextSlot next;
  if (!FindNextSlot(next)) return kNever;
  return static_cast<MonotonicNanos>(next.tick << kTickShift);
}

}  // namespace braid
