#include "jsbind/promise_slots.h"

#include "absl/log/check.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

// A function's data: slot and generation in the 53 bits of a number.
constexpr double kGenerationUnit = 1 << 24;
constexpr int kSlotsMax = 1 << 24;

}  // namespace

PromiseSlots::~PromiseSlots() {
  CHECK_EQ(waiting(), 0u) << "a Runtime ended while C++ waits for JS promises";
}

bool PromiseSlots::MakeFunctions(Js& js, int index) {
  Slot& slot = slots_[static_cast<size_t>(index)];
  v8::Local<v8::Value> data =
      v8::Number::New(js.isolate(), slot.generation * kGenerationUnit + index);
  v8::Local<v8::Function> on_fulfilled;
  v8::Local<v8::Function> on_rejected;
  if (!v8::Function::New(js.context(), &OnFulfilled, data, 1,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&on_fulfilled) ||
      !v8::Function::New(js.context(), &OnRejected, data, 1,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&on_rejected)) {
    return false;
  }
  slot.on_fulfilled.Reset(js.isolate(), on_fulfilled);
  slot.on_rejected.Reset(js.isolate(), on_rejected);
  return true;
}

int PromiseSlots::TakeFree() {
  if (free_.empty()) {
    CHECK_LT(slots_.size(), static_cast<size_t>(kSlotsMax))
        << "too many promises are awaited";
    slots_.emplace_back();
    return static_cast<int>(slots_.size()) - 1;
  }
  const int index = free_.back();
  free_.pop_back();
  return index;
}

int PromiseSlots::Wait(Js& js, v8::Local<v8::Promise> promise,
                       PromiseWaiter& waiter) {
  if (ended_) return -1;
  const int index = TakeFree();
  const auto slot = [&]() -> Slot& {
    return slots_[static_cast<size_t>(index)];
  };
  // then() may run code of the program, which may wait for other promises or
  // end the program: the slot is taken, but nobody waits in it yet, and it may
  // move.
  if ((slot().on_fulfilled.IsEmpty() && !MakeFunctions(js, index)) ||
      promise
          ->Then(js.context(), slot().on_fulfilled.Get(js.isolate()),
                 slot().on_rejected.Get(js.isolate()))
          .IsEmpty() ||
      ended_) {
    Abandon(index);
    return -1;
  }
  slot().waiter = &waiter;
  return index;
}

void PromiseSlots::Abandon(int index) {
  Slot& slot = slots_[static_cast<size_t>(index)];
  slot.waiter = nullptr;
  ++slot.generation;
  slot.on_fulfilled.Reset();
  slot.on_rejected.Reset();
  free_.push_back(index);
}

void PromiseSlots::Move(int index, PromiseWaiter& waiter) {
  slots_[static_cast<size_t>(index)].waiter = &waiter;
}

void PromiseSlots::End() {
  ended_ = true;
  for (size_t i = 0; i < slots_.size(); ++i) {
    PromiseWaiter* const waiter = slots_[i].waiter;
    if (waiter == nullptr) continue;
    Abandon(static_cast<int>(i));
    waiter->OnProgramEnded();
  }
}

void PromiseSlots::OnFulfilled(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  OnSettled(info, true);
}
void PromiseSlots::OnRejected(const v8::FunctionCallbackInfo<v8::Value>& info) {
  OnSettled(info, false);
}

void PromiseSlots::OnSettled(const v8::FunctionCallbackInfo<v8::Value>& info,
                             bool fulfilled) {
  Js js(info.GetIsolate());
  PromiseSlots& self = js.runtime().promise_slots();
  const auto data =
      static_cast<uint64_t>(info.Data().As<v8::Number>()->Value());
  const int index =
      static_cast<int>(data % static_cast<uint64_t>(kGenerationUnit));
  const auto generation =
      static_cast<uint32_t>(data / static_cast<uint64_t>(kGenerationUnit));
  Slot& slot = self.slots_[static_cast<size_t>(index)];
  // Abandoned.
  if (slot.generation != generation || slot.waiter == nullptr) return;
  PromiseWaiter& waiter = *slot.waiter;
  slot.waiter = nullptr;
  self.free_.push_back(index);
  waiter.OnSettled(js, fulfilled, info[0]);
}

}  // namespace braid
