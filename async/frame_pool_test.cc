#include "async/frame_pool.h"

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace braid {
namespace {

#ifdef BRAID_FRAME_POOL_PASSTHROUGH
constexpr bool kRecycles = false;
#else
constexpr bool kRecycles = true;
#endif

// Every test starts with a thread whose lists are empty.
class FramePoolTest : public ::testing::Test {
 protected:
  FramePoolTest() { FramePool::TrimThread(); }
  ~FramePoolTest() override { FramePool::TrimThread(); }

  static uint64_t HeapAllocations() {
    return FramePool::ThreadStats().heap_allocations;
  }
  static uint64_t CachedBytes() {
    return FramePool::ThreadStats().cached_bytes;
  }
};

TEST_F(FramePoolTest, AFreedFrameIsUsedAgainForTheSameClassOnly) {
  if (!kRecycles) GTEST_SKIP() << "frames come from the heap in this build";
  void* const frame = FramePool::Allocate(100);
  FramePool::Free(frame, 100);
  EXPECT_EQ(CachedBytes(), 128u);
  void* const other_class = FramePool::Allocate(129);
  EXPECT_NE(other_class, frame);
  void* const same_class = FramePool::Allocate(65);
  EXPECT_EQ(same_class, frame);
  EXPECT_EQ(CachedBytes(), 0u);
  FramePool::Free(other_class, 129);
  FramePool::Free(same_class, 65);
}

TEST_F(FramePoolTest, EveryByteOfAFrameCanBeUsedWhateverTheSize) {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<void*, size_t>> frames;
    for (size_t bytes = 1; bytes <= FramePool::kMaxPooledBytes + 130; ++bytes) {
      void* const frame = FramePool::Allocate(bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(frame) % alignof(std::max_align_t),
                0u);
      std::memset(frame, static_cast<int>(bytes), bytes);
      frames.emplace_back(frame, bytes);
    }
    for (auto [frame, bytes] : frames) {
      const auto* at = static_cast<unsigned char*>(frame);
      EXPECT_EQ(at[0], static_cast<unsigned char>(bytes));
      EXPECT_EQ(at[bytes - 1], static_cast<unsigned char>(bytes));
      FramePool::Free(frame, bytes);
    }
  }
}

TEST_F(FramePoolTest, AWarmThreadDoesNotMeetTheHeap) {
  if (!kRecycles) GTEST_SKIP() << "frames come from the heap in this build";
  std::vector<void*> frames(1'000);
  for (int round = 0; round < 2; ++round) {
    const uint64_t before = HeapAllocations();
    for (void*& frame : frames) frame = FramePool::Allocate(400);
    EXPECT_EQ(HeapAllocations() - before, round == 0 ? frames.size() : 0);
    for (void* frame : frames) FramePool::Free(frame, 400);
  }
}

TEST_F(FramePoolTest, LargeFramesAreNotKept) {
  constexpr size_t kLarge = FramePool::kMaxPooledBytes + 1;
  const uint64_t before = HeapAllocations();
  for (int i = 0; i < 3; ++i)
    FramePool::Free(FramePool::Allocate(kLarge), kLarge);
  EXPECT_EQ(HeapAllocations() - before, 3u);
  EXPECT_EQ(CachedBytes(), 0u);
  if (!kRecycles) return;
  FramePool::Free(FramePool::Allocate(kLarge - 1), kLarge - 1);
  EXPECT_EQ(CachedBytes(), FramePool::kMaxPooledBytes);
}

TEST_F(FramePoolTest, AClassKeepsNoMoreThanItsBound) {
  for (size_t bytes : {size_t{64}, size_t{1000}, FramePool::kMaxPooledBytes}) {
    const size_t count = 3 * FramePool::kMaxCachedBytesPerClass / bytes;
    std::vector<void*> frames(count);
    for (void*& frame : frames) frame = FramePool::Allocate(bytes);
    uint64_t most = 0;
    for (size_t i = 0; i < count; ++i) {
      FramePool::Free(frames[i], bytes);
      if (i % 97 == 0) most = std::max(most, CachedBytes());
    }
    EXPECT_LE(most, FramePool::kMaxCachedBytesPerClass);
    // And no less than half of it, which is its use.
    if (kRecycles) {
      EXPECT_GE(CachedBytes(), FramePool::kMaxCachedBytesPerClass / 2 - 1024);
    }
    FramePool::TrimThread();
    EXPECT_EQ(CachedBytes(), 0u);
  }
}

TEST_F(FramePoolTest, TheBoundHoldsHoweverFramesComeAndGo) {
  std::mt19937 random(1);
  constexpr size_t kBytes = 2000;
  constexpr size_t kMost = FramePool::kMaxCachedBytesPerClass / 2048;
  std::vector<void*> frames;
  for (int phase = 0; phase < 200; ++phase) {
    // To a random number of live frames, and back or further on.
    const size_t target = random() % (3 * kMost);
    while (frames.size() < target) {
      frames.push_back(FramePool::Allocate(kBytes));
    }
    while (frames.size() > target) {
      FramePool::Free(frames.back(), kBytes);
      frames.pop_back();
    }
    ASSERT_LE(CachedBytes(), FramePool::kMaxCachedBytesPerClass);
  }
  for (void* frame : frames) FramePool::Free(frame, kBytes);
}

TEST_F(FramePoolTest, AFrameMayBeFreedByAnotherThread) {
  void* const frame = FramePool::Allocate(64);
  std::thread([frame] {
    FramePool::Free(frame, 64);
    EXPECT_EQ(CachedBytes(), kRecycles ? 64u : 0u);
    // The thread's end gives it back to the heap: no leak.
  }).join();
  EXPECT_EQ(CachedBytes(), 0u);
}

TEST_F(FramePoolTest, FramesMayOutliveTheThreadsLists) {
  // Made before the pool's own guard, and so destroyed after it.
  struct Late {
    ~Late() {
      if (frame != nullptr) FramePool::Free(frame, 64);
      FramePool::Free(FramePool::Allocate(64), 64);
      EXPECT_EQ(FramePool::ThreadStats().cached_bytes, 0u);
    }
    void* frame = nullptr;
  };
  static thread_local Late late;
  std::thread([] {
    late.frame = FramePool::Allocate(64);
    FramePool::Free(FramePool::Allocate(64), 64);
  }).join();
}

}  // namespace
}  // namespace braid
