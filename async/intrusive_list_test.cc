#include "async/intrusive_list.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Item : ListNode<struct FirstTag>, ListNode<struct SecondTag> {
  explicit Item(int number) : value(number) {}
  int value;
};
using FirstList = IntrusiveList<Item, FirstTag>;
using SecondList = IntrusiveList<Item, SecondTag>;

template <typename List>
std::vector<int> Values(List& list) {
  std::vector<int> values;
  for (Item* item = list.First(); item != nullptr; item = list.Next(*item)) {
    values.push_back(item->value);
  }
  return values;
}

template <typename List>
void Clear(List& list) {
  while (!list.empty()) list.PopFront();
}

TEST(IntrusiveListTest, KeepsTheOrderInWhichElementsCame) {
  Item one(1), two(2), three(3);
  FirstList list;
  EXPECT_TRUE(list.empty());
  EXPECT_THAT(Values(list), IsEmpty());
  list.PushBack(one);
  list.PushBack(two);
  list.PushBack(three);
  EXPECT_THAT(Values(list), ElementsAre(1, 2, 3));
  EXPECT_EQ(&list.front(), &one);
  EXPECT_EQ(&list.back(), &three);
  EXPECT_EQ(&list.PopFront(), &one);
  EXPECT_EQ(&list.PopFront(), &two);
  EXPECT_EQ(&list.PopFront(), &three);
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveListTest, AnElementLeavesFromAnywhereAndCanComeBack) {
  Item one(1), two(2), three(3);
  FirstList list;
  for (Item* item : {&one, &two, &three}) list.PushBack(*item);
  static_cast<ListNode<FirstTag>&>(two).Unlink();
  EXPECT_FALSE(static_cast<ListNode<FirstTag>&>(two).linked());
  EXPECT_THAT(Values(list), ElementsAre(1, 3));
  static_cast<ListNode<FirstTag>&>(one).Unlink();
  EXPECT_THAT(Values(list), ElementsAre(3));
  static_cast<ListNode<FirstTag>&>(three).Unlink();
  EXPECT_TRUE(list.empty());
  list.PushBack(two);
  list.PushBack(one);
  EXPECT_THAT(Values(list), ElementsAre(2, 1));
  Clear(list);
}

TEST(IntrusiveListTest, TagsKeepListsApart) {
  Item one(1), two(2);
  FirstList first;
  SecondList second;
  first.PushBack(one);
  first.PushBack(two);
  second.PushBack(two);
  second.PushBack(one);
  static_cast<ListNode<FirstTag>&>(one).Unlink();
  EXPECT_THAT(Values(first), ElementsAre(2));
  EXPECT_THAT(Values(second), ElementsAre(2, 1));
  Clear(first);
  Clear(second);
}

TEST(IntrusiveListTest, SpliceAppendsAllInOrderAndLeavesTheOtherEmpty) {
  Item one(1), two(2), three(3), four(4);
  FirstList list, other, nothing;
  list.PushBack(one);
  list.PushBack(two);
  other.PushBack(three);
  other.PushBack(four);
  list.Splice(nothing);
  list.Splice(other);
  EXPECT_TRUE(other.empty());
  EXPECT_THAT(Values(list), ElementsAre(1, 2, 3, 4));
  nothing.Splice(list);
  EXPECT_TRUE(list.empty());
  EXPECT_THAT(Values(nothing), ElementsAre(1, 2, 3, 4));
  // What came with a splice is linked like any other.
  static_cast<ListNode<FirstTag>&>(four).Unlink();
  static_cast<ListNode<FirstTag>&>(three).Unlink();
  list.PushBack(three);
  EXPECT_THAT(Values(nothing), ElementsAre(1, 2));
  Clear(list);
  Clear(nothing);
}

#ifndef NDEBUG
TEST(IntrusiveListDeathTest, MisuseIsFoundInDebug) {
  EXPECT_DEATH(
      {
        FirstList list;
        Item item(1);
        list.PushBack(item);
      },
      "a linked list node was destroyed");
  EXPECT_DEATH(
      {
        Item item(1);
        FirstList list;
        list.PushBack(item);
      },
      "a list was destroyed with elements in it");
  EXPECT_DEATH(
      {
        Item item(1);
        FirstList list;
        FirstList other;
        list.PushBack(item);
        other.PushBack(item);
      },
      "linked");
}
#endif

}  // namespace
}  // namespace braid
