// Ten million functions posted to a loop by several threads: each one runs
// once, in its thread's order, and none waits for a wake-up that never comes.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "async/event.h"
#include "async/task.h"
#include "gtest/gtest.h"
#include "io/loop.h"
#include "io/testing.h"

namespace braid {
namespace {

// Posts from a thread, and what has run of them. The posting thread waits in
// between until all of them have, so that the loop is just about to sleep, or
// sleeps, whenever the next ones come: a lost wake-up would be waited for for
// ever.
class Poster {
 public:
  explicit Poster(Loop& loop) : loop_(loop) {}

  // Posts `count` functions and waits until they have run.
  void PostAndWait(int64_t count) {
    const int64_t end = posted_ + count;
    while (posted_ < end) {
      loop_.Post([this, number = posted_, last = posted_ + 1 == end] {
        in_order_ = in_order_ && number == ran_;
        ++ran_;
        if (!last) return;
        answered_.store(ran_, std::memory_order_release);
        answered_.notify_one();
      });
      ++posted_;
    }
    for (int64_t seen = answered_.load(std::memory_order_acquire); seen != end;
         seen = answered_.load(std::memory_order_acquire)) {
      answered_.wait(seen, std::memory_order_acquire);
    }
  }

  int64_t ran() const { return ran_; }
  bool in_order() const { return in_order_; }

 private:
  Loop& loop_;
  int64_t posted_ = 0;  // The thread's.
  int64_t ran_ = 0;     // The loop's, as is the next one.
  bool in_order_ = true;
  std::atomic<int64_t> answered_ = 0;
};

TEST(PostStormTest, TenMillionPostsAllRunInOrderAndNoWakeUpIsLost) {
  constexpr int64_t kOneByOne = 50'000;  // Of each thread that waits for each.
  constexpr int64_t kInBatches = 4'950'000;  // Of each of the others.
  constexpr unsigned kBatchBits = 15;
  Loop loop(SystemWorld());
  std::array<Poster, 4> posters = {Poster(loop), Poster(loop), Poster(loop),
                                   Poster(loop)};
  int ended = 0;
  Event all_ended;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < posters.size(); ++i) {
    threads.emplace_back([&, i, &poster = posters[i]] {
      if (i < 2) {
        for (int64_t n = 0; n < kOneByOne; ++n) poster.PostAndWait(1);
      } else {
        std::mt19937_64 random(i);
        for (int64_t left = kInBatches; left > 0;) {
          // Of all orders of magnitude.
          const int64_t count =
              std::min(left, int64_t{1} << (random() % kBatchBits));
          poster.PostAndWait(count);
          left -= count;
        }
      }
      loop.Post([&] {
        if (++ended == static_cast<int>(posters.size())) all_ended.Set();
      });
    });
  }
  EXPECT_EQ(loop.Run([&]() -> Task<absl::Status> {
    co_return co_await all_ended.Wait();
  }()),
            absl::OkStatus());
  for (std::thread& thread : threads) thread.join();
  int64_t ran = 0;
  for (const Poster& poster : posters) {
    EXPECT_TRUE(poster.in_order());
    ran += poster.ran();
  }
  EXPECT_EQ(ran, 10'000'000);
  EXPECT_EQ(loop.stats().posts, 10'000'000 + posters.size());
  EXPECT_EQ(loop.posts_waiting(), 0u);
  EXPECT_EQ(loop.in_flight(), 0u);
}

}  // namespace
}  // namespace braid
