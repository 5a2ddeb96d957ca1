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

// A call to the slow path then costs the fast one no saved registers.
#if defined(__clang__) && defined(__x86_64__)
#define BRAID_PRESERVE_MOST [[clang::preserve_most]]
#else
#define BRAID_PRESERVE_MOST
#endif

namespace braid {

// Where coroutine frames live: per-thread free lists in classes of 64 bytes.
//
// A service starts and ends coroutines all the time, and their frames come in
// few sizes. Recycling a frame costs a push or a pop on a thread-local list,
// about half of what malloc costs, and once a thread is warm an await
// allocates nothing. Coroutines of the library use it through PromiseBase;
// nobody else needs to.
//
// Thread: every thread has its own lists, without locks. A frame may be freed
// by another thread than the one that allocated it; it then joins the lists of
// the thread that frees it.
// Bounds: frames above kMaxPooledBytes go to the heap at once, and a class
// keeps at most kMaxCachedBytesPerClass. A list that has reached it is cut to
// half of it, so only a program whose need of one class goes up and down by
// more than half of that meets the heap again once it is warm.
// Errors: running out of memory ends the process.
class FramePool {
 public:
  static constexpr size_t kClassBytes = 64;
  static constexpr size_t kMaxPooledBytes = 2048;
  static constexpr size_t kMaxCachedBytesPerClass = 2 << 20;

  struct Stats {
    uint64_t heap_allocations;  // Frames that came from the heap so far.
    uint64_t cached_bytes;      // Bytes that wait on the free lists now.
  };

  // Memory for a frame of `bytes` (at least 1), aligned for any scalar type.
  static void* Allocate(size_t bytes);

  // Takes back what Allocate(bytes) gave; `bytes` must be the same number.
  static void Free(void* frame, size_t bytes) noexcept;

  // The calling thread's counters. A warm loop shows no rise of
  // heap_allocations: tests and benchmarks check that. Walks the free lists.
  static Stats ThreadStats();

  // Gives the calling thread's cached frames back to the heap. They go by
  // themselves when the thread ends.
  static void TrimThread();

 private:
  struct FreeFrame {
    FreeFrame* next;
  };
  // An allocation does not count, so the length of a list is not known, but
  // never above the number of frees since it was last counted. `room` counts
  // those down: while it lasts the list is within its bound.
  struct SizeClass {
    FreeFrame* head;
    uint32_t room;
  };
  static constexpr size_t kClasses = kMaxPooledBytes / kClassBytes;

  // Trivially constructible and destructible, so that an access is one
  // load relative to the thread pointer, without a guard. The thread's end is
  // watched by a second object that only the slow paths touch.
  struct ThreadState {
    SizeClass classes[kClasses];
    uint64_t heap_allocations;
    bool ended;  // What is freed from now on goes straight to the heap.
  };

  static size_t ClassOf(size_t bytes) { return (bytes - 1) / kClassBytes; }
  static uint32_t MaxFrames(size_t index) {
    return static_cast<uint32_t>(kMaxCachedBytesPerClass /
                                 ((index + 1) * kClassBytes));
  }
  static void Push(SizeClass& size_class, void* frame) {
    auto* free_frame = static_cast<FreeFrame*>(frame);
    free_frame->next = size_class.head;
    size_class.head = free_frame;
  }
  BRAID_PRESERVE_MOST static void* AllocateSlow(size_t bytes) noexcept;
  static void FreeSlow(void* frame, size_t bytes) noexcept;

  static constinit inline thread_local ThreadState state_{};

  friend struct FramePoolThreadGuard;
};

inline void* FramePool::Allocate(size_t bytes) {
#ifndef BRAID_FRAME_POOL_PASSTHROUGH
  if (bytes <= kMaxPooledBytes) [[likely]] {
    SizeClass& size_class = state_.classes[ClassOf(bytes)];
    if (FreeFrame* frame = size_class.head) [[likely]] {
      size_class.head = frame->next;
      return frame;
    }
  }
#endif
  return AllocateSlow(bytes);
}

inline void FramePool::Free(void* frame,
                            [[maybe_unused]] size_t bytes) noexcept {
#ifndef BRAID_FRAME_POOL_PASSTHROUGH
  if (bytes <= kMaxPooledBytes) [[likely]] {
    SizeClass& size_class = state_.classes[ClassOf(bytes)];
    if (size_class.room > 0) [[likely]] {
      --size_class.room;
      Push(size_class, frame);
      return;
    }
  }
#endif
  FreeSlow(frame, bytes);
}

}  // namespace braid

#endif  // BRAID_ASYNC_FRAME_POOL_H_
