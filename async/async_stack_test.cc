#include "async/async_stack.h"

#include <functional>
#include <string>
#include <vector>

#include "async/combinators.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace stack_test {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What each location of a stack says, without the line.
std::vector<std::string> Names(const AsyncStack& stack) {
  std::vector<std::string> names;
  for (const std::source_location& where : stack) {
    names.push_back(internal::FunctionName(where.function_name()));
  }
  return names;
}

Task<AsyncStack> Leaf() { co_return CaptureAsyncStack(co_await CurrentTask()); }

Task<AsyncStack> Middle() {
  (void)co_await Yield();
  co_return co_await Leaf();
}

Task<AsyncStack> Top() { co_return co_await Middle(); }

TEST(AsyncStackTest, HasEveryAwaiterFromTheInnermostOn) {
  TestExecutor test;
  const AsyncStack stack = test.Run(Top());
  EXPECT_THAT(
      Names(stack),
      ElementsAre("braid::stack_test::Leaf", "braid::stack_test::Middle",
                  "braid::stack_test::Top", HasSubstr("(lambda)")));
  EXPECT_THAT(stack[0].file_name(), EndsWith("async_stack_test.cc"));
  // Where it awaits now, not where it did before.
  EXPECT_EQ(stack[1].line(), stack[0].line() + 4);
}

TEST(AsyncStackTest, GoesOnBehindASpawnedTaskWithWhoOpenedItsScope) {
  TestExecutor test;
  AsyncStack stack;
  struct Opener {
    static Task<absl::Status> Open(AsyncStack& to) {
      Scope scope(co_await CurrentTask());
      scope.Spawn([&]() -> Task<void> { to = co_await Leaf(); });
      co_return co_await scope.Join();
    }
  };
  EXPECT_TRUE(test.Run(Opener::Open(stack)).ok());
  EXPECT_THAT(Names(stack),
              ElementsAre("braid::stack_test::Leaf", EndsWith("Open::(lambda)"),
                          EndsWith("Opener::Open"), HasSubstr("(lambda)")));
}

Task<absl::Status> Refuse() { co_return absl::NotFoundError("no"); }

Task<absl::StatusOr<int>> PassOn() {
  (void)co_await Yield();
  CO_RETURN_IF_ERROR(co_await Refuse());
  co_return 1;
}

// What FailureStack gives behind the failure of `task`.
template <typename T>
Task<std::vector<std::string>> NamesOfFailure(Task<T> task) {
  const T result = co_await std::move(task);
  EXPECT_FALSE(result.ok());
  co_return Names(co_await FailureStack());
}

TEST(FailureStackTest, IsTheWayOfTheFailureFromItsCoReturnOn) {
  TestExecutor test;
  EXPECT_THAT(
      test.Run(NamesOfFailure(PassOn())),
      ElementsAre("braid::stack_test::Refuse", "braid::stack_test::PassOn"));
  const AsyncStack stack = test.Run([]() -> Task<AsyncStack> {
    (void)co_await PassOn();
    co_return co_await FailureStack();
  }());
  // The lines of the co_returns.
  EXPECT_EQ(stack[1].line(), stack[0].line() + 4);
}

TEST(FailureStackTest, LeadsThroughScopesAndTimeouts) {
  TestExecutor test;
  auto scoped = []() -> Task<absl::Status> {
    co_return co_await WithScope([](Scope& scope) -> Task<absl::Status> {
      scope.Spawn([]() -> Task<absl::Status> {
        co_return (co_await PassOn()).status();
      });
      co_return co_await SleepFor(absl::Hours(1));
    });
  };
  const std::vector<std::string> names = test.Run(NamesOfFailure(scoped()));
  ASSERT_THAT(names, SizeIs(5));
  EXPECT_EQ(names[0], "braid::stack_test::Refuse");
  EXPECT_EQ(names[1], "braid::stack_test::PassOn");
  EXPECT_THAT(names[2], EndsWith("(lambda)"));
  EXPECT_THAT(names[3], StartsWith("braid::WithScope"));

  auto sleep = []() -> Task<absl::Status> {
    co_return co_await SleepFor(absl::Hours(1));
  };
  EXPECT_THAT(test.Run(NamesOfFailure(Timeout(absl::Seconds(1), sleep()))),
              ElementsAre(EndsWith("(lambda)"), StartsWith("braid::Timeout")));
}

TEST(FailureStackTest, IsEmptyWhereTheLastAwaitGaveNoFailure) {
  TestExecutor test;
  const AsyncStack stack = test.Run([]() -> Task<AsyncStack> {
    (void)co_await Refuse();
    (void)co_await Yield();
    co_return co_await FailureStack();
  }());
  EXPECT_THAT(stack, testing::IsEmpty());
  // A task at the same address that fails by itself starts anew.
  const auto attempts = []() -> Task<std::vector<std::string>> {
    for (int i = 0; i < 3; ++i) (void)co_await PassOn();
    co_return Names(co_await FailureStack());
  };
  EXPECT_THAT(test.Run(attempts()), SizeIs(2));
}

Task<absl::Status> FailDeep(int depth) {
  if (depth > 0) co_return co_await FailDeep(depth - 1);
  co_return absl::NotFoundError("deep");
}

TEST(FailureStackTest, IsBounded) {
  TestExecutor test;
  EXPECT_THAT(test.Run(NamesOfFailure(FailDeep(10'000))),
              SizeIs(kMaxAsyncStack));
}

Task<AsyncStack> Recurse(int depth) {
  if (depth == 0) co_return co_await Leaf();
  co_return co_await Recurse(depth - 1);
}

TEST(AsyncStackTest, IsBounded) {
  TestExecutor test;
  EXPECT_THAT(test.Run(Recurse(10'000)), SizeIs(kMaxAsyncStack));
}

TEST(AsyncStackTest, ReadsLikeAStackTrace) {
  TestExecutor test;
  const AsyncStack stack = test.Run(Leaf());
  EXPECT_THAT(FormatAsyncStack({stack[0]}),
              testing::MatchesRegex("  at braid::stack_test::Leaf \\(.*"
                                    "async_stack_test.cc:[0-9]+\\)\n"));
  EXPECT_EQ(FormatAsyncStack({}), "");
}

TEST(FunctionNameTest, IsTheNameOutOfTheSignature) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"int main()", "main"},
      {"auto main()::(anonymous class)::operator()() const", "main::(lambda)"},
      {"Task<void> (anonymous namespace)::Anon(int)", "Anon"},
      {"Task<std::tuple<int, int>> (anonymous namespace)::S::M("
       "std::function<void (int)>) const",
       "S::M"},
      {"static Task<void> a::S::St()", "a::S::St"},
      {"Task<void> S::operator()(int)", "S::operator()"},
      {"bool S::operator bool()", "S::operator bool"},
      {"S &(anonymous namespace)::S::operator<<(int)", "S::operator<<"},
      {"bool S::operator<(int)", "S::operator<"},
      {"Task<T> Tm(T, const char *) [T = std::pair<int, int>]", "Tm"},
      {"Task<void> TS<int>::m(T) [T = int]", "TS<int>::m"},
      {"Task<absl::StatusOr<std::unique_ptr<int>>> b::x::F(int, "
       "std::pair<int, int>)",
       "b::x::F"},
      {"auto b::WithLambda()::(anonymous class)::operator()(int) const",
       "b::WithLambda::(lambda)"},
      {"auto b::W()::(anonymous class)::operator()()::(anonymous class)::"
       "operator()() const",
       "b::W::(lambda)::(lambda)"},
      {"(anonymous namespace)::S::~S()", "S::~S"},
      // Other forms stay as they are.
      {"void (*b::Ret())(int)", "void (*b::Ret())(int)"},
      {"", ""},
  };
  for (const auto& [signature, name] : cases) {
    EXPECT_EQ(internal::FunctionName(signature), name) << signature;
  }
}

}  // namespace stack_test
}  // namespace braid
