#include "async/cancel_scope.h"

#include <deque>
#include <memory>
#include <vector>

#include "async/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CancelScopeTest : public ::testing::Test {
 protected:
  struct Node final : CancelNode {
    Node(int i, std::vector<int>& log)
        : CancelNode(
              [](CancelNode& node) {
                auto& self = static_cast<Node&>(node);
                self.told.push_back(self.number);
              },
              "Node"),
          number(i),
          told(log) {}
    const int number;
    std::vector<int>& told;
  };

  CancelScope& root() { return executor_.root_scope(); }

  ManualClock clock_;
  Executor executor_{clock_};
  std::vector<int> told_;
};

constexpr CancelPropagation kInherit = CancelPropagation::kInherit;
constexpr CancelPropagation kShield = CancelPropagation::kShield;

TEST_F(CancelScopeTest, EverySuspendedAwaitBelowIsToldOnceInPreOrder) {
  CancelScope scope(root(), kInherit);
  CancelScope first(scope, kInherit), second(scope, kInherit);
  CancelScope deep(first, kInherit);
  Node a(1, told_), b(2, told_), c(3, told_), d(4, told_), e(5, told_);
  scope.Add(a);
  scope.Add(b);
  first.Add(c);
  second.Add(e);
  deep.Add(d);
  scope.Cancel();
  EXPECT_THAT(told_, ElementsAre(1, 2, 3, 4, 5));
  scope.Cancel();
  first.Cancel();
  EXPECT_THAT(told_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(scope.cancelled() && first.cancelled() && deep.cancelled());
  EXPECT_FALSE(root().cancelled());
}

TEST_F(CancelScopeTest, WhatIsBesideIsNotReached) {
  CancelScope scope(root(), kInherit), beside(root(), kInherit);
  CancelScope below(scope, kInherit), sibling(scope, kInherit);
  Node a(1, told_), b(2, told_), c(3, told_);
  beside.Add(a);
  below.Add(b);
  sibling.Add(c);
  below.Cancel();
  EXPECT_THAT(told_, ElementsAre(2));
  EXPECT_FALSE(scope.cancelled() || sibling.cancelled() || beside.cancelled());
  scope.Cancel();
  EXPECT_THAT(told_, ElementsAre(2, 3));
}

TEST_F(CancelScopeTest, AnAwaitThatEndedIsNotTold) {
  CancelScope scope(root(), kInherit);
  Node a(1, told_), b(2, told_);
  {
    Node gone(3, told_);
    scope.Add(a);
    scope.Add(gone);
    scope.Add(b);
  }
  a.Unlink();
  scope.Cancel();
  EXPECT_THAT(told_, ElementsAre(2));
}

TEST_F(CancelScopeTest, AChildOfACancelledScopeStartsOutCancelled) {
  CancelScope scope(root(), kInherit);
  scope.Cancel();
  CancelScope child(scope, kInherit);
  EXPECT_TRUE(child.cancelled());
  CancelScope grandchild(child, kInherit);
  EXPECT_TRUE(grandchild.cancelled());
}

TEST_F(CancelScopeTest, AShieldKeepsCancellationFromAllBelowIt) {
  CancelScope scope(root(), kInherit);
  CancelScope shield(scope, kShield);
  CancelScope below(shield, kInherit);
  CancelScope behind(scope, kInherit);
  Node a(1, told_), b(2, told_), c(3, told_);
  shield.Add(a);
  below.Add(b);
  behind.Add(c);
  scope.Cancel();
  EXPECT_THAT(told_, ElementsAre(3));
  EXPECT_FALSE(shield.cancelled() || below.cancelled());
  // Also one that is put up afterwards.
  CancelScope late(scope, kShield);
  EXPECT_FALSE(late.cancelled());
  // A shield can be cancelled itself.
  shield.Cancel();
  EXPECT_THAT(told_, ElementsAre(3, 1, 2));
}

TEST_F(CancelScopeTest, CancellingAScopeTwiceReachesWhatCameBetween) {
  // A shielded subtree that is cancelled later, through its own scope.
  CancelScope scope(root(), kInherit);
  CancelScope shield(scope, kShield);
  scope.Cancel();
  CancelScope late(shield, kInherit);
  Node a(1, told_);
  late.Add(a);
  scope.Cancel();
  EXPECT_THAT(told_, IsEmpty());
  shield.Cancel();
  EXPECT_THAT(told_, ElementsAre(1));
}

TEST_F(CancelScopeTest, ATreeOfAHundredThousandLevelsIsCancelledFlat) {
  constexpr int kDepth = 100'000;
  std::deque<CancelScope> chain;  // Destroyed from the innermost on, below.
  std::deque<Node> nodes;
  CancelScope* parent = &root();
  for (int i = 0; i < kDepth; ++i) {
    parent = &chain.emplace_back(*parent, kInherit);
    parent->Add(nodes.emplace_back(i, told_));
  }
  chain.front().Cancel();
  EXPECT_EQ(told_.size(), static_cast<size_t>(kDepth));
  EXPECT_EQ(told_.back(), kDepth - 1);
  nodes.clear();
  while (!chain.empty()) chain.pop_back();
}

TEST_F(CancelScopeTest, AWalkVisitsEachScopeBeforeThoseBelowIt) {
  CancelScope a(root(), kInherit);
  CancelScope b(a, kInherit), c(a, kInherit);
  CancelScope d(b, kInherit);
  CancelScope beside(root(), kInherit);
  std::vector<CancelScope*> walk;
  for (CancelScope* at = &a; at != nullptr; at = NextInPreOrder(a, *at, true)) {
    walk.push_back(at);
  }
  EXPECT_THAT(walk, ElementsAre(&a, &b, &d, &c));
  EXPECT_EQ(NextInPreOrder(a, b, false), &c);
  EXPECT_EQ(NextInPreOrder(a, a, false), nullptr);
}

using CancelScopeDeathTest = CancelScopeTest;

TEST_F(CancelScopeDeathTest, AScopeOutlivesWhatIsInIt) {
  EXPECT_DEATH(
      {
        auto scope = std::make_unique<CancelScope>(root(), kInherit);
        CancelScope child(*scope, kInherit);
        scope.reset();
      },
      "a cancel scope ended before the scopes below it");
  EXPECT_DEATH(
      {
        Node node(1, told_);
        CancelScope scope(root(), kInherit);
        scope.Add(node);
      },
      "ended while a task was suspended in it, at Node");
}

}  // namespace
}  // namespace braid
