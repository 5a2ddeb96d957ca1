#include "async/channel.h"

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status_matchers.h"
#include "async/sleep.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const auto kCancelled = StatusIs(absl::StatusCode::kCancelled);
const auto kRejected =
    StatusIs(absl::StatusCode::kFailedPrecondition, "channel closed");
const auto kEnd = StatusIs(absl::StatusCode::kOutOfRange, "channel closed");

class ChannelTest : public ::testing::Test {
 protected:
  // Spawn one operation each and note its result.
  void Send(int value, Scope* scope = nullptr) {
    (scope != nullptr ? *scope : test_.scope())
        .Spawn([this, value]() -> Task<void> {
          absl::Status status = co_await channel_.Send(value);
          sent_.push_back(std::move(status));
        });
    test_.RunUntilIdle();
  }
  void Receive(Scope* scope = nullptr) {
    (scope != nullptr ? *scope : test_.scope()).Spawn([this]() -> Task<void> {
      absl::StatusOr<int> value = co_await channel_.Receive();
      received_.push_back(std::move(value));
    });
    test_.RunUntilIdle();
  }

  Channel<int> channel_{2};
  std::vector<absl::Status> sent_;
  std::vector<absl::StatusOr<int>> received_;
  TestExecutor test_;
};

TEST_F(ChannelTest, ValuesArriveInTheirOrder) {
  for (int i = 1; i <= 5; ++i) Send(i);
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk()));  // Its capacity.
  EXPECT_EQ(channel_.size(), 2u);
  for (int i = 1; i <= 5; ++i) Receive();
  EXPECT_EQ(sent_.size(), 5u);
  EXPECT_THAT(received_,
              ElementsAre(IsOkAndHolds(1), IsOkAndHolds(2), IsOkAndHolds(3),
                          IsOkAndHolds(4), IsOkAndHolds(5)));
  EXPECT_EQ(channel_.size(), 0u);
}

TEST_F(ChannelTest, ReceiversAreServedInTheirOrder) {
  for (int i = 0; i < 3; ++i) Receive();
  EXPECT_THAT(received_, IsEmpty());
  for (int i = 1; i <= 3; ++i) Send(i);
  EXPECT_THAT(received_,
              ElementsAre(IsOkAndHolds(1), IsOkAndHolds(2), IsOkAndHolds(3)));
}

TEST_F(ChannelTest, AValueThatWasHandedOverIsOutOfReachForLateReceivers) {
  Receive();
  int value = 1;
  EXPECT_TRUE(channel_.TrySend(value));
  EXPECT_EQ(channel_.size(), 0u);
  EXPECT_EQ(channel_.TryReceive(), std::nullopt);
  test_.RunUntilIdle();
  EXPECT_THAT(received_, ElementsAre(IsOkAndHolds(1)));
}

TEST_F(ChannelTest, TrySendAndTryReceiveDoNotWait) {
  std::vector<int> values = {1, 2, 3};
  EXPECT_TRUE(channel_.TrySend(values[0]));
  EXPECT_TRUE(channel_.TrySend(values[1]));
  EXPECT_FALSE(channel_.TrySend(values[2]));
  EXPECT_EQ(channel_.TryReceive(), 1);
  EXPECT_EQ(channel_.TryReceive(), 2);
  EXPECT_EQ(channel_.TryReceive(), std::nullopt);
  channel_.Close();
  EXPECT_FALSE(channel_.TrySend(values[2]));
}

TEST_F(ChannelTest, TryReceiveLetsAWaitingSenderIn) {
  for (int i = 1; i <= 3; ++i) Send(i);
  EXPECT_EQ(channel_.TryReceive(), 1);
  EXPECT_EQ(channel_.size(), 2u);
  test_.RunUntilIdle();
  EXPECT_EQ(sent_.size(), 3u);
}

TEST_F(ChannelTest, ClosedItGivesOutWhatIsQueuedAndThenEnds) {
  Send(1);
  Send(2);
  channel_.Close();
  channel_.Close();
  EXPECT_TRUE(channel_.closed());
  Send(3);
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk(), kRejected));
  for (int i = 0; i < 3; ++i) Receive();
  EXPECT_THAT(received_, ElementsAre(IsOkAndHolds(1), IsOkAndHolds(2), kEnd));
}

TEST_F(ChannelTest, ClosingEndsTheReceiversThatWait) {
  Receive();
  Receive();
  channel_.Close();
  EXPECT_THAT(received_, IsEmpty());
  test_.RunUntilIdle();
  EXPECT_THAT(received_, ElementsAre(kEnd, kEnd));
}

TEST_F(ChannelTest, ClosingEndsTheSendersThatWaitWithoutTheirValues) {
  for (int i = 1; i <= 4; ++i) Send(i);
  channel_.Close();
  test_.RunUntilIdle();
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk(), kRejected, kRejected));
  for (int i = 0; i < 3; ++i) Receive();
  EXPECT_THAT(received_, ElementsAre(IsOkAndHolds(1), IsOkAndHolds(2), kEnd));
}

TEST_F(ChannelTest, AReceiverThatWasGivenAValueKeepsItWhenClosed) {
  Receive();
  int value = 7;
  EXPECT_TRUE(channel_.TrySend(value));
  channel_.Close();
  test_.RunUntilIdle();
  EXPECT_THAT(received_, ElementsAre(IsOkAndHolds(7)));
}

TEST_F(ChannelTest, CancelledBeforeTheyBeginNeitherSendsNorReceives) {
  Scope scope(test_.executor().root_scope());
  scope.Cancel();
  Send(1, &scope);
  EXPECT_EQ(channel_.size(), 0u);
  Send(2);
  Receive(&scope);
  EXPECT_THAT(sent_, ElementsAre(kCancelled, IsOk()));
  EXPECT_THAT(received_, ElementsAre(kCancelled));
  EXPECT_EQ(channel_.size(), 1u);
}

TEST_F(ChannelTest, ACancelledSenderSendsNothing) {
  Scope scope(test_.executor().root_scope());
  Send(1);
  Send(2);
  Send(3, &scope);
  Send(4);
  scope.Cancel();
  for (int i = 0; i < 3; ++i) Receive();
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk(), kCancelled, IsOk()));
  EXPECT_THAT(received_,
              ElementsAre(IsOkAndHolds(1), IsOkAndHolds(2), IsOkAndHolds(4)));
}

TEST_F(ChannelTest, ASenderWhoseValueWasTakenHasSentItThoughCancelled) {
  Scope scope(test_.executor().root_scope());
  Send(1);
  Send(2);
  Send(3, &scope);
  EXPECT_EQ(channel_.TryReceive(), 1);
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk(), IsOk()));
  EXPECT_EQ(channel_.TryReceive(), 2);
  EXPECT_EQ(channel_.TryReceive(), 3);
}

TEST_F(ChannelTest, ACancelledReceiverTakesNothing) {
  Scope scope(test_.executor().root_scope());
  Receive(&scope);
  Receive();
  scope.Cancel();
  Send(1);
  EXPECT_THAT(received_, ElementsAre(kCancelled, IsOkAndHolds(1)));
}

TEST_F(ChannelTest, AReceiverThatWasGivenAValueReturnsItThoughCancelled) {
  Scope scope(test_.executor().root_scope());
  Receive(&scope);
  int value = 5;
  EXPECT_TRUE(channel_.TrySend(value));
  scope.Cancel();
  test_.RunUntilIdle();
  EXPECT_THAT(received_, ElementsAre(IsOkAndHolds(5)));
}

TEST_F(ChannelTest, CancelledAndThenClosedIsCancelled) {
  Scope scope(test_.executor().root_scope());
  for (int i = 1; i <= 3; ++i) Send(i, &scope);
  Channel<int> other(1);
  std::optional<absl::StatusOr<int>> result;
  scope.Spawn([&]() -> Task<void> { result = co_await other.Receive(); });
  test_.RunUntilIdle();
  scope.Cancel();
  channel_.Close();
  other.Close();
  test_.RunUntilIdle();
  EXPECT_THAT(sent_, ElementsAre(IsOk(), IsOk(), kCancelled));
  EXPECT_THAT(result, testing::Optional(kCancelled));
}

TEST_F(ChannelTest, CarriesWhatCanOnlyBeMoved) {
  Channel<std::unique_ptr<std::string>> channel(1);
  std::vector<std::string> texts;
  test_.Spawn([&]() -> Task<void> {
    for (const char* text : {"a", "b", "c"}) {
      EXPECT_THAT(co_await channel.Send(std::make_unique<std::string>(text)),
                  IsOk());
    }
    channel.Close();
  });
  test_.Run([&]() -> Task<void> {
    while (true) {
      auto text = co_await channel.Receive();
      if (absl::IsOutOfRange(text.status())) break;
      texts.push_back(**text);
    }
  }());
  EXPECT_THAT(texts, ElementsAre("a", "b", "c"));
}

TEST_F(ChannelTest, ValuesThatNobodyReceivedGoWithIt) {
  auto value = std::make_shared<int>(1);
  {
    Channel<std::shared_ptr<int>> channel(3);
    for (int i = 0; i < 3; ++i) {
      std::shared_ptr<int> copy = value;
      EXPECT_TRUE(channel.TrySend(copy));
    }
    EXPECT_EQ(value.use_count(), 4);
  }
  EXPECT_EQ(value.use_count(), 1);
}

// Senders and receivers that come, wait and are cancelled at random: what was
// received is what was sent, each value once. Gives how many sends were
// cancelled.
size_t RandomTraffic(uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TestExecutor test;
  Channel<int> channel(1 + seed % 4);
  std::deque<Scope> scopes;
  std::vector<int> sent, received;
  int next = 0;
  for (int step = 0; step < 2'000; ++step) {
    switch (random() % 5) {
      case 0:
      case 1:
        scopes.emplace_back(test.executor().root_scope())
            .Spawn([&, value = ++next]() -> Task<void> {
              if ((co_await channel.Send(value)).ok()) sent.push_back(value);
            });
        break;
      case 2:
      case 3:
        scopes.emplace_back(test.executor().root_scope())
            .Spawn([&]() -> Task<void> {
              absl::StatusOr<int> value = co_await channel.Receive();
              if (value.ok()) received.push_back(*value);
            });
        break;
      case 4:
        if (!scopes.empty()) scopes[random() % scopes.size()].Cancel();
        break;
    }
    test.executor().RunReady(random() % 4);
  }
  test.RunUntilIdle();
  while (std::optional<int> value = channel.TryReceive()) {
    received.push_back(*value);
    test.RunUntilIdle();
  }
  EXPECT_THAT(received, testing::UnorderedElementsAreArray(sent));
  EXPECT_GT(sent.size(), 100u);
  return static_cast<size_t>(next) - sent.size();
}

TEST(ChannelModelTest, LosesAndDoublesNothing) {
  size_t cancelled = 0;
  for (uint32_t seed = 1; seed <= 20; ++seed) cancelled += RandomTraffic(seed);
  EXPECT_GT(cancelled, 0u);
}

TEST(ChannelDeathTest, NeedsACapacity) {
  EXPECT_DEATH(Channel<int>(0), "a Channel needs a capacity");
}

}  // namespace
}  // namespace braid
