#ifndef BRAID_JSBIND_PROMISE_SLOTS_H_
#define BRAID_JSBIND_PROMISE_SLOTS_H_

#include <v8-function-callback.h>
#include <v8-function.h>
#include <v8-persistent-handle.h>
#include <v8-promise.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "jsbind/js.h"

namespace braid {

// Who waits for a JS promise in C++. Told once.
class PromiseWaiter {
 public:
  // In JS's turn, with JS frames on the stack: it converts and notes, and
  // resumes nothing.
  virtual void OnSettled(Js& js, bool fulfilled,
                         v8::Local<v8::Value> value) = 0;
  // Instead, when the program ends first: no JS runs any more, so nobody will
  // settle the promise. Without JS, and resumes nothing either.
  virtual void OnProgramEnded() = 0;

 protected:
  ~PromiseWaiter() = default;
};

// The functions that JS promises call to tell C++ that they are settled. Making
// a function costs more than the rest of an await, so each pair is made once
// and used again for the next promise.
//
// A waiter that gives up takes its slot's functions along: the promise may
// never settle and keeps them, so they cannot be used for another.
// Thread: the loop's.
class PromiseSlots {
 public:
  PromiseSlots() = default;
  ~PromiseSlots();
  PromiseSlots(const PromiseSlots&) = delete;
  PromiseSlots& operator=(const PromiseSlots&) = delete;

  // Calls `waiter` when `promise` is settled. Gives the slot's number, for
  // Abandon and Move. -1 with a JS exception pending if the promise's then()
  // fails, which looks at its constructor and so may run code of the program;
  // -1 without one after End().
  int Wait(Js& js, v8::Local<v8::Promise> promise, PromiseWaiter& waiter);
  // The waiter gives up. REQUIRES: it was not told.
  void Abandon(int slot);
  // The waiter has moved.
  void Move(int slot, PromiseWaiter& waiter);

  // The program has ended: tells all waiters, and takes no more.
  void End();

  size_t waiting() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    PromiseWaiter* waiter = nullptr;
    uint32_t generation = 0;
    v8::Global<v8::Function> on_fulfilled;
    v8::Global<v8::Function> on_rejected;
  };

  static void OnFulfilled(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void OnRejected(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void OnSettled(const v8::FunctionCallbackInfo<v8::Value>& info,
                        bool fulfilled);
  bool MakeFunctions(Js& js, int index);
  int TakeFree();

  std::vector<Slot> slots_;
  std::vector<int> free_;
  bool ended_ = false;
};

}  // namespace braid

#endif  // BRAID_JSBIND_PROMISE_SLOTS_H_
