#include "async/frame_pool.h"

#include <new>

namespace braid {

// Lives as long as the thread; its destructor empties the free lists. Only
// AllocateSlow() names it, so the fast paths never pay for its guard.
struct FramePoolThreadGuard {
  ~FramePoolThreadGuard() {
    FramePool::TrimThread();
    FramePool::state_.thread_ended = true;
  }
  void Arm() {}
};

namespace {
thread_local FramePoolThreadGuard thread_guard;
}  // namespace

void* FramePool::AllocateSlow(size_t bytes) {
  thread_guard.Arm();
  ++state_.heap_allocations;
  // Whole classes, so that any frame of the class can reuse the block.
  const size_t block_bytes =
      bytes <= kMaxPooledBytes ? (ClassOf(bytes) + 1) * kClassBytes : bytes;
  return ::operator new(block_bytes);
}

void FramePool::FreeSlow(void* frame) noexcept { ::operator delete(frame); }

FramePool::Stats FramePool::ThreadStats() {
  Stats stats{state_.heap_allocations, 0};
  for (size_t i = 0; i < kClasses; ++i) {
    stats.cached_bytes += state_.classes[i].count * (i + 1) * kClassBytes;
  }
  return stats;
}

void FramePool::TrimThread() {
  for (SizeClass& size_class : state_.classes) {
    while (FreeFrame* frame = size_class.head) {
      size_class.head = frame->next;
      FreeSlow(frame);
    }
    size_class.count = 0;
  }
}

}  // namespace braid
