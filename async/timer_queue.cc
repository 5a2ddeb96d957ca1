#include "async/timer_queue.h"

#include <algorithm>
#include <bit>

#include "absl/log/check.h"

namespace braid {

TimerQueue::~TimerQueue() {
  CHECK_EQ(size_, 0u) << "timers outlived their queue";
}

void TimerQueue::Add(TimerNode& timer, MonotonicNanos deadline) {
  DCHECK(!timer.pending());
  timer.deadline_ = deadline;
  timer.queue_ = this;
  ++size_;
  Place(timer, std::max(TickOf(deadline), current_tick_));
}

void TimerQueue::Place(TimerNode& timer, uint64_t tick) {
  DCHECK_GE(tick, current_tick_);
  const uint64_t difference = tick ^ current_tick_;
  const int level = (63 - std::countl_zero(difference | 1)) / kSlotBits;
  DCHECK_LT(level, kLevels);
  const int slot = static_cast<int>((tick >> (level * kSlotBits)) % kSlots);
  occupied_[level] |= uint64_t{1} << slot;
  slots_[level][slot].PushBack(timer);
}

bool TimerQueue::FindNextSlot(NextSlot& next) {
  if (size_ == 0) return false;
  for (int level = 0; level < kLevels; ++level) {
    uint64_t& occupied = occupied_[level];
    while (occupied != 0) {
      const int slot = std::countr_zero(occupied);
      if (slots_[level][slot].empty()) {
        occupied &= occupied - 1;  // Its timers were removed.
        continue;
      }
      const int shift = level * kSlotBits;
      const uint64_t above = current_tick_ >> (shift + kSlotBits);
      next = {level, slot,
              ((above << kSlotBits) | static_cast<uint64_t>(slot)) << shift};
      return true;
    }
  }
  return false;
}

void TimerQueue::TakeDue(Slot& slot, MonotonicNanos now) {
  Slot later;
  while (!slot.empty()) {
    TimerNode& timer = slot.PopFront();
    (timer.deadline_ <= now ? due_ : later).PushBack(timer);
  }
  slot.Splice(later);
}

size_t TimerQueue::Fire(MonotonicNanos now) {
  const uint64_t now_tick = std::max(TickOf(now), current_tick_);
  NextSlot next;
  while (FindNextSlot(next) && next.tick <= now_tick) {
    Slot& slot = slots_[next.level][next.slot];
    current_tick_ = next.tick;
    if (next.level == 0 && next.tick == now_tick) {
      TakeDue(slot, now);
      break;
    }
    occupied_[next.level] &= ~(uint64_t{1} << next.slot);
    if (next.level == 0) {
      due_.Splice(slot);
      continue;
    }
    Slot moving;
    moving.Splice(slot);
    while (!moving.empty()) {
      TimerNode& timer = moving.PopFront();
      Place(timer, TickOf(timer.deadline_));
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
  Slot& slot = slots_[next.level][next.slot];
  MonotonicNanos earliest = kNever;
  int compared = 0;
  for (TimerNode* timer = slot.First(); timer != nullptr;
       timer = slot.Next(*timer)) {
    if (++compared > kExactScan) {
      return static_cast<MonotonicNanos>(next.tick << kTickShift);
    }
    earliest = std::min(earliest, timer->deadline_);
  }
  return earliest;
}

}  // namespace braid
