#include "async/frame_pool.h"

#include <new>

namespace braid {

// Lives as long as the thread; its destructor empties the free lists. Only
// the slow paths name it, so the fast ones never pay for its guard.
struct FramePoolThreadGuard {
  ~FramePoolThreadGuard() {
    FramePool::TrimThread();
    FramePool::state_.ended = true;
  }
  void Arm() {}
};

namespace {
thread_local FramePoolThreadGuard thread_guard;
}  // namespace

BRAID_PRESERVE_MOST void* FramePool::AllocateSlow(size_t bytes) noexcept {
  ++state_.heap_allocations;
  // Whole classes, so that any frame of the class can reuse the block.
  const size_t block_bytes =
      bytes <= kMaxPooledBytes ? (ClassOf(bytes) + 1) * kClassBytes : bytes;
  return ::operator new(block_bytes);
}

void FramePool::FreeSlow(void* frame, [[maybe_unused]] size_t bytes) noexcept {
#ifndef BRAID_FRAME_POOL_PASSTHROUGH
  if (bytes <= kMaxPooledBytes && !state_.ended) {
    thread_guard.Arm();
    const size_t index = ClassOf(bytes);
    SizeClass& size_class = state_.classes[index];
    // The list's real length: what was freed may have been used again.
    uint32_t length = 0;
    for (FreeFrame* at = size_class.head; at != nullptr; at = at->next) {
      ++length;
    }
    // A list near its bound is cut to half of it, so that the next count is
    // at least half a list of frees away, and counting costs each a constant.
    const uint32_t half = MaxFrames(index) / 2;
    for (; length > half; --length) {
      FreeFrame* surplus = size_class.head;
      size_class.head = surplus->next;
      ::operator delete(surplus);
    }
    size_class.room = MaxFrames(index) - length - 1;
    Push(size_class, frame);
    return;
  }
#endif
  ::operator delete(frame);
}

FramePool::Stats FramePool::ThreadStats() {
  Stats stats{state_.heap_allocations, 0};
  for (size_t i = 0; i < kClasses; ++i) {
    for (FreeFrame* at = state_.classes[i].head; at != nullptr; at = at->next) {
      stats.cached_bytes += (i + 1) * kClassBytes;
    }
  }
  return stats;
}

void FramePool::TrimThread() {
  for (SizeClass& size_class : state_.classes) {
    while (FreeFrame* frame = size_class.head) {
      size_class.head = frame->next;
      ::operator delete(frame);
    }
    // The next free takes the slow path: it counts, or it sees the end.
    size_class.room = 0;
  }
}

}  // namespace braid
