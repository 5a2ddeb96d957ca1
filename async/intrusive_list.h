#ifndef BRAID_ASYNC_INTRUSIVE_LIST_H_
#define BRAID_ASYNC_INTRUSIVE_LIST_H_

#include "absl/log/check.h"

namespace braid {

// A link to derive from. `Tag` tells the lists apart when an object is in
// several at once. A node must be unlinked before it is destroyed; neither
// nodes nor lists can be copied or moved, since their neighbours point at them.
template <typename Tag>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { DCHECK(!linked()) << "a linked list node was destroyed"; }

  // Whether a list holds the node.
  bool linked() const { return next_ != nullptr; }

  // Takes the node out of whichever list holds it. REQUIRES: linked().
  void Unlink() {
    DCHECK(linked());
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  template <typename T, typename ListTag>
  friend class IntrusiveList;

  ListNode* next_ = nullptr;
  ListNode* prev_ = nullptr;
};

// A doubly linked list of objects that embed their own links: nothing is
// allocated, every operation is O(1), and an element can leave from anywhere
// without knowing which list it is in.
//
//   struct Job : ListNode<struct JobTag> { … };
//   IntrusiveList<Job, JobTag> jobs;
//   jobs.PushBack(job);
//
// Ownership: the list never owns its elements; it must be empty when it is
// destroyed (checked in debug). Thread: one.
template <typename T, typename Tag>
class IntrusiveList {
 public:
  IntrusiveList() { head_.next_ = head_.prev_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    DCHECK(empty()) << "a list was destroyed with elements in it";
    head_.next_ = head_.prev_ = nullptr;
  }

  bool empty() const { return head_.next_ == &head_; }

  // The first and the last element. REQUIRES: !empty().
  T& front() {
    DCHECK(!empty());
    return *static_cast<T*>(head_.next_);
  }
  T& back() {
    DCHECK(!empty());
    return *static_cast<T*>(head_.prev_);
  }

  // REQUIRES: `element` is in no list of this tag.
  void PushBack(T& element) {
    ListNode<Tag>& node = element;
    DCHECK(!node.linked());
    node.prev_ = head_.prev_;
    node.next_ = &head_;
    head_.prev_->next_ = &node;
    head_.prev_ = &node;
  }

  // Takes the first element out and returns it. REQUIRES: !empty().
  T& PopFront() {
    T& element = front();
    static_cast<ListNode<Tag>&>(element).Unlink();
    return element;
  }

  // Moves every element of `other` to the end of this list, in order.
  void Splice(IntrusiveList& other) {
    DCHECK(this != &other);
    if (other.empty()) return;
    other.head_.next_->prev_ = head_.prev_;
    other.head_.prev_->next_ = &head_;
    head_.prev_->next_ = other.head_.next_;
    head_.prev_ = other.head_.prev_;
    other.head_.next_ = other.head_.prev_ = &other.head_;
  }

  // For walks: the first element, and the one behind `element`; null at the
  // end. An element that is unlinked during a walk takes its place with it, so
  // ask for the next one before.
  T* First() { return empty() ? nullptr : &front(); }
  T* Next(T& element) {
    ListNode<Tag>* next = static_cast<ListNode<Tag>&>(element).next_;
    return next == &head_ ? nullptr : static_cast<T*>(next);
  }

 private:
  ListNode<Tag> head_;
};

}  // namespace braid

#endif  // BRAID_ASYNC_INTRUSIVE_LIST_H_
