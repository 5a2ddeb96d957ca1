#include "async/status_macros.h"

#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status_matchers.h"
#include "async/task.h"
#include "async/testing.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;

absl::StatusOr<int> Give(int value) {
  if (value < 0) return absl::OutOfRangeError("negative");
  return value;
}
absl::StatusOr<std::tuple<int, std::string>> GiveTwo(int value) {
  if (value < 0) return absl::OutOfRangeError("negative");
  return std::tuple(value, std::to_string(value));
}
absl::StatusOr<std::unique_ptr<int>> GiveOwned(int value) {
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  ASSIGN_OR_RETURN(const int first, Give(a));
  int second = 0;
  ASSIGN_OR_RETURN(second, Give(b));
  ASSIGN_OR_RETURN((auto [number, text]), GiveTwo(second));
  ASSIGN_OR_RETURN(std::unique_ptr<int> owned, GiveOwned(number));
  return first + *owned + static_cast<int>(text.size());
}

TEST(StatusMacrosTest, AssignOrReturnDeclaresAssignsAndTakesTuplesApart) {
  EXPECT_THAT(Sum(1, 22), IsOkAndHolds(25));
  EXPECT_THAT(Sum(-1, 2), StatusIs(absl::StatusCode::kOutOfRange, "negative"));
  EXPECT_THAT(Sum(1, -2), StatusIs(absl::StatusCode::kOutOfRange, "negative"));
}

absl::Status CheckOnce(int value, int& evaluated) {
  RETURN_IF_ERROR((++evaluated, Give(value).status()));
  ++evaluated;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, TheExpressionIsEvaluatedOnce) {
  int evaluated = 0;
  EXPECT_THAT(CheckOnce(1, evaluated), IsOk());
  EXPECT_EQ(evaluated, 2);
  EXPECT_THAT(CheckOnce(-1, evaluated),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(evaluated, 3);
}

Task<absl::StatusOr<int>> GiveLater(int value) { co_return Give(value); }
Task<absl::Status> CheckLater(int value) { co_return Give(value).status(); }

Task<absl::StatusOr<int>> SumLater(int a, int b) {
  if (a == 0) CO_RETURN_IF_ERROR(co_await CheckLater(-1));
  CO_RETURN_IF_ERROR(co_await CheckLater(a));
  CO_ASSIGN_OR_RETURN(const int second, co_await GiveLater(b));
  co_return a + second;
}

TEST(StatusMacrosTest, InACoroutineTheExpressionMayAwait) {
  TestExecutor test;
  EXPECT_THAT(test.Run(SumLater(1, 2)), IsOkAndHolds(3));
  EXPECT_THAT(test.Run(SumLater(0, 2)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(test.Run(SumLater(-1, 2)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(test.Run(SumLater(1, -2)),
              StatusIs(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace braid
