#include "async/task_tree.h"

#include <regex>
#include <string>
#include <vector>

#include "async/combinators.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace tree_test {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class TaskTreeTest : public ::testing::Test {
 protected:
  CancelScope& root() { return test_.executor().root_scope(); }
  // The tree with its places made short: "task_tree_test.cc" for all.
  std::string Tree() {
    return std::regex_replace(FormatTaskTree(root()),
                              std::regex(R"( \([^ ]*/([a-z_.]+):\d+\))"),
                              " ($1)");
  }

  Event event_;
  TestExecutor test_;
};

Task<absl::Status> Load(Event& event) { co_return co_await event.Wait(); }
Task<absl::Status> Serve(Event& event) { co_return co_await Load(event); }
Task<absl::Status> Group(Event& event) {
  Scope scope(co_await CurrentTask());
  scope.Spawn(Serve(event));
  scope.Spawn(Timeout(absl::Seconds(5), Load(event)));
  co_return co_await scope.Join();
}

TEST_F(TaskTreeTest, ShowsEveryScopeAwaitAndStack) {
  test_.Spawn(Group(event_));
  test_.RunUntilIdle();
  test_.Spawn(Load(event_));
  EXPECT_EQ(Tree(), R"(root
  Scope of 2 tasks, 1 not started
    Scope of 2 tasks
      Scope::Join
        at braid::tree_test::Group (task_tree_test.cc)
      Event::Wait
        at braid::tree_test::Load (task_tree_test.cc)
        at braid::tree_test::Serve (task_tree_test.cc)
      CancelScope
        Event::Wait
          at braid::tree_test::Load (task_tree_test.cc)
          at braid::Timeout (combinators.h)
)");
  EXPECT_EQ(CountSuspended(root()), 3u);
  event_.Set();
  test_.RunUntilIdle();
  EXPECT_EQ(CountSuspended(root()), 0u);
  EXPECT_EQ(Tree(), "root\n  Scope of 0 tasks\n");
}

TEST_F(TaskTreeTest, SaysWhatIsCancelledOrShielded) {
  test_.Spawn([&]() -> Task<void> { (void)co_await Shield(Load(event_)); });
  test_.RunUntilIdle();
  test_.scope().Cancel();
  EXPECT_THAT(Tree(), AllOf(HasSubstr("\n  Scope of 1 task, cancelled\n"),
                            HasSubstr("\n    CancelScope, shielded\n")));
}

TEST_F(TaskTreeTest, AnAwaitWhoseCancellationIsUnderWayStillShows) {
  test_.Spawn(Load(event_));
  test_.RunUntilIdle();
  test_.scope().Cancel();
  EXPECT_EQ(CountSuspended(root()), 1u);
}

TEST_F(TaskTreeTest, CanBeTakenOfASubtree) {
  Scope beside(root());
  beside.Spawn(Load(event_));
  test_.Spawn(Group(event_));
  test_.RunUntilIdle();
  EXPECT_EQ(CountSuspended(beside.cancel_scope()), 1u);
  EXPECT_EQ(CountSuspended(test_.scope().cancel_scope()), 3u);
  EXPECT_THAT(FormatTaskTree(beside.cancel_scope()),
              testing::StartsWith("Scope of 1 task\n  Event::Wait\n"));
}

TEST_F(TaskTreeTest, IsBoundedInItsLines) {
  for (int i = 0; i < 20'000; ++i) test_.Spawn(Load(event_));
  test_.RunUntilIdle();
  const std::string tree = FormatTaskTree(root());
  EXPECT_LE(std::count(tree.begin(), tree.end(), '\n'),
            static_cast<int64_t>(kMaxTaskTreeLines) + 300);
  EXPECT_THAT(tree, EndsWith(" more suspended awaits\n"));
  EXPECT_EQ(CountSuspended(root()), 20'000u);
}

TEST_F(TaskTreeTest, ADeepTreeNeedsNoStackAndNoSquareOfText) {
  std::vector<std::unique_ptr<CancelScope>> chain;
  CancelScope* parent = &root();
  for (int i = 0; i < 100'000; ++i) {
    chain.push_back(
        std::make_unique<CancelScope>(*parent, CancelPropagation::kInherit));
    parent = chain.back().get();
  }
  EXPECT_EQ(CountSuspended(root()), 0u);
  EXPECT_LT(FormatTaskTree(root()).size(), 1'000'000u);
  while (!chain.empty()) chain.pop_back();
}

TEST_F(TaskTreeTest, ARunawayRecursionIsCutShort) {
  struct Deep {
    static Task<absl::Status> Down(int depth, Event& event) {
      if (depth == 0) co_return co_await event.Wait();
      co_return co_await Down(depth - 1, event);
    }
  };
  test_.Spawn(Deep::Down(1'000, event_));
  test_.RunUntilIdle();
  EXPECT_THAT(FormatTaskTree(root()), EndsWith("      ...\n"));
  event_.Set();
  test_.RunUntilIdle();
}

}  // namespace tree_test
}  // namespace braid
