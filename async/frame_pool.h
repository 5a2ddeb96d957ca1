#ifndef BRAID_ASYNC_FRAME_POOL_H_
#define BRAID_ASYNC_FRAME_POOL_H_

#include <cstddef>
#include <cstdint>

// Under AddressSanitizer every frame comes from the heap, so that a frame used
// after it was destroyed is found by the sanitizer instead of being recycled.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BRAID_FRAME_POOL_PASSTHROUGH 1
#endif
#endif

namespace braid {

// Where coroutine frames live: per-thread free lists in classes of 64 bytes.
//
// A service starts and ends coroutines all the time, and their frames come in
// few sizes. Recycling a frame costs a push or a pop on a thread-local list,
// about half of what malloc costs, and once a thread is warm an await
// allocates nothing.
//
// Thread: every thread has its own lists, without locks. A frame may be freed
// by another thread than the one that allocated it; it then joins the lists of
// the thread that frees it.
// Bounds: frames above kMaxPooledBytes go to the heap at once, and a class
// keeps at most kMaxCachedBytesPerClass; more than that goes back to the heap.
class FramePool {
 public:
  static constexpr size_t kClassBytes = 64;
  static constexpr size_t kMaxPooledBytes = 2048;
  static constexpr size_t kMaxCachedBytesPerClass = 1 << 20;

  struct Stats {
    uint64_t heap_allocations;  // Frames that came from the heap so far.
    uint64_t cached_bytes;      // Bytes that wait on the free lists now.
  };

  // Memory for a frame of `bytes`; never null (running out of memory ends the
  // process, as operator new without exceptions does).
  static void* Allocate(size_t bytes);

  // Takes back what Allocate(bytes) gave; `bytes` must be the same number.
  static void Free(void* frame, size_t bytes) noexcept;

  // The calling thread's counters. A warm loop shows no rise of
  // heap_allocations: tests and benchmarks check that.
  static Stats ThreadStats();

  // Gives the calling thread's cached frames back to the heap.
  static void TrimThread();

 private:
  struct FreeFrame {
    FreeFrame* next;
  };
  struct SizeClass {
    FreeFrame* head;
    uint32_t count;
  };
  static constexpr size_t kClasses = kMaxPooledBytes / kClassBytes;

  // Trivially constructible and destructible, so that an access is one
  // load relative to the thread pointer, without a guard. The thread's end is
  // watched by a second object that only the slow path touches.
  struct ThreadState {
    SizeClass classes[kClasses];
    uint64_t heap_allocations;
    bool thread_ended;  // Frees go straight to the heap from then on.
  };

  static size_t ClassOf(size_t bytes) { return (bytes - 1) / kClassBytes; }
  static void* AllocateSlow(size_t bytes);
  static void FreeSlow(void* frame) noexcept;

  static constinit inline thread_local ThreadState state_{};

  friend struct FramePoolThreadGuard;
};

inline void* FramePool::Allocate(size_t bytes) {
#ifndef BRAID_FRAME_POOL_PASSTHROUGH
  if (bytes <= kMaxPooledBytes) [[likely]] {
    SizeClass& size_class = state_.classes[ClassOf(bytes)];
    if (FreeFrame* frame = size_class.head) [[likely]] {
      size_class.head = frame->next;
      --size_class.count;
      return frame;
    }
  }
#endif
  return AllocateSlow(bytes);
}

inline void FramePool::Free(void* frame, size_t bytes) noexcept {
#ifndef BRAID_FRAME_POOL_PASSTHROUGH
  if (bytes <= kMaxPooledBytes) [[likely]] {
    const size_t index = ClassOf(bytes);
    SizeClass& size_class = state_.classes[index];
    if (size_class.count < kMaxCachedBytesPerClass / ((index + 1) * kClassBytes) &&
        !state_.thread_ended) [[likely]] {
      auto* free_frame = static_cast<FreeFrame*>(frame);
      free_frame->next = size_class.head;
      size_class.head = free_frame;
      ++size_class.count;
      return;
    }
  }
#endif
  FreeSlow(frame);
}

}  // namespace braid

#endif  // BRAID_ASYNC_FRAME_POOL_H_
