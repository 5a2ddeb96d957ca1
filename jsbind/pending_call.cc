#include "jsbind/pending_call.h"

#include <array>
#include <source_location>
#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/async_stack.h"
#include "jsbind/js_error.h"
#include "jsbind/runtime.h"
#include "jsbind/shielded_wait.h"

namespace braid {
namespace {

// How many promises one call into JS settles.
constexpr size_t kSettledTogether = 64;

}  // namespace

v8::MaybeLocal<v8::Promise> SettledPromise(Js& js,
                                           const Settlement& settlement) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (settlement.value.IsEmpty() ||
      !v8::Promise::Resolver::New(js.context()).ToLocal(&resolver)) {
    return {};
  }
  const v8::Maybe<bool> settled =
      settlement.rejected ? resolver->Reject(js.context(), settlement.value)
                          : resolver->Resolve(js.context(), settlement.value);
  if (settled.IsNothing()) return {};
  return resolver->GetPromise();
}

bool CallSignal::Subscribe(Js& js, v8::Local<v8::Value> signal) {
  PendingCalls& calls = runtime_.calls();
  v8::Local<v8::Value> arguments[] = {
      signal, v8::Integer::NewFromUnsigned(js.isolate(), calls.next_token_)};
  const v8::Global<v8::Function>& subscribe =
      runtime_.turn_state().hook(Hook::kSubscribeAbort);
  if (subscribe.IsEmpty() || !signal->IsObject()) {
    js.Expected("an AbortSignal", signal);
    return false;
  }
  // Throws a TypeError of its own if it is no AbortSignal.
  v8::Local<v8::Value> aborted;
  if (!subscribe.Get(js.isolate())
           ->Call(js.context(), js.Undefined(), 2, arguments)
           .ToLocal(&aborted)) {
    return false;
  }
  signal_.Reset(js.isolate(), signal.As<v8::Object>());
  if (aborted->IsTrue()) {
    scope_.Cancel();
    return true;
  }
  token_ = calls.next_token_++;
  calls.signals_.emplace(token_, this);
  return true;
}

CallSignal::~CallSignal() {
  if (token_ != 0) runtime_.calls().signals_.erase(token_);
}

void CallSignal::Unsubscribe(Js& js) {
  if (token_ == 0 || scope_.cancelled()) return;
  v8::Local<v8::Value> arguments[] = {
      signal_.Get(js.isolate()),
      v8::Integer::NewFromUnsigned(js.isolate(), token_)};
  (void)runtime_.CallHook(js, Hook::kUnsubscribeAbort, 2, arguments);
}

v8::Local<v8::Value> CallSignal::Reason(Js& js) const {
  if (!scope_.cancelled()) return {};
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Value> reason;
  if (!signal_.Get(js.isolate())
           ->Get(js.context(), js.Name("reason"))
           .ToLocal(&reason))
    return {};
  return reason->IsUndefined() ? v8::Local<v8::Value>() : reason;
}

void PendingCall::NoteError(Js& js, const absl::Status& status) {
  cancelled_ = absl::IsCancelled(status);
  from_js_ = !JsErrorOf(js, status).IsEmpty();
}

PendingCalls::PendingCalls(Runtime& runtime)
    : runtime_(runtime),
      scope_(runtime.loop().executor().root_scope(),
             CancelPropagation::kInherit) {}

PendingCalls::~PendingCalls() {
  CHECK(empty()) << "a Runtime ended while " << size_
                 << " calls from JS into C++ were pending: await Close() first";
}

void PendingCalls::AddSuspended(PendingCall& call) {
  if (free_slots_.empty()) free_slots_.push_back(slots_++);
  call.slot_ = free_slots_.back();
  free_slots_.pop_back();
  runtime_.turn_state().counts[TurnState::kSuspendedCall] = call.slot_ + 1;
  calls_.PushBack(call);
  ++size_;
}

v8::MaybeLocal<v8::Promise> PendingCalls::PromiseOfSuspended(Js& js) {
  v8::Local<v8::Value> promise;
  if (!runtime_.CallHook(js, Hook::kPromiseOfSuspended, 0, nullptr)
           .ToLocal(&promise)) {
    return {};
  }
  return promise.As<v8::Promise>();
}

void PendingCalls::AddFrames(Js& js, const PendingCall& call,
                             const Settlement& settlement) {
  if (call.failure_stack_->empty() || !settlement.rejected ||
      settlement.value.IsEmpty() || !settlement.value->IsObject()) {
    return;
  }
  std::string text;
  for (const std::source_location& where : *call.failure_stack_)
    absl::StrAppend(&text, "\n    ", FormatLocation(where));
  v8::Local<v8::Value> arguments[] = {
      settlement.value, js.String(text),
      v8::Boolean::New(js.isolate(), call.from_js_)};
  (void)js.runtime().CallHook(js, Hook::kAddFrames, 3, arguments);
}

bool PendingCalls::TakesStack(const PendingCall& call,
                              const Settlement& settlement) {
  // The reason of a signal is not the call's own, and may be that of many.
  return !settlement.value.IsEmpty() && settlement.value->IsObject() &&
         (call.signal_ == nullptr || !call.cancelled_);
}

Settlement PendingCalls::EndAtOnce(Js& js, PendingCall& call) {
  Settlement settlement;
  if (call.signal_ == nullptr) [[likely]] {
    settlement = call.TakeResult(js);
    // JS is on the stack: an error of its own has all frames.
    if (call.failure_stack_ != nullptr && !call.from_js_) [[unlikely]]
      AddFrames(js, call, settlement);
  } else {
    v8::TryCatch try_catch(js.isolate());
    settlement = ResultOf(js, call, try_catch);
    try_catch.ReThrow();
  }
  call.Destroy();
  return settlement;
}

Settlement PendingCalls::ResultOf(Js& js, PendingCall& call,
                                  v8::TryCatch& try_catch) {
  Settlement settlement = call.TakeResult(js);
  if (settlement.value.IsEmpty() && try_catch.HasCaught() &&
      !try_catch.HasTerminated()) {
    settlement = {try_catch.Exception(), /*rejected=*/true};
    try_catch.Reset();
  }
  if (call.failure_stack_ != nullptr) [[unlikely]]
    AddFrames(js, call, settlement);
  if (call.signal_ != nullptr) {
    call.signal_->Unsubscribe(js);
    // What was cancelled by its signal fails with the signal's reason.
    if (settlement.rejected && call.cancelled_) {
      if (v8::Local<v8::Value> reason = call.signal_->Reason(js);
          !reason.IsEmpty()) {
        settlement.value = reason;
      }
    }
  }
  return settlement;
}

PendingCall* PendingCalls::TakeEnded() {
  PendingCall* head = std::exchange(ended_head_, nullptr);
  ended_tail_ = &ended_head_;
  return head;
}

void PendingCalls::SettleEnded(Js& js) {
  PendingCall* call = TakeEnded();
  while (call != nullptr) {
    const v8::HandleScope handle_scope(js.isolate());
    std::array<v8::Local<v8::Value>, 2 * kSettledTogether> pairs;
    std::array<int, kSettledTogether> slots;
    size_t count = 0;
    int failed_slot = -1;
    Settlement failure;
    bool takes_stack = false;
    {
      v8::TryCatch try_catch(js.isolate());
      while (call != nullptr && count < kSettledTogether && failed_slot < 0) {
        PendingCall* const next = call->next_ended_;
        const Settlement settlement = ResultOf(js, *call, try_catch);
        const int slot = call->slot_;
        if (settlement.rejected) {
          failed_slot = slot;
          failure = settlement;
          takes_stack = TakesStack(*call, settlement);
        } else {
          slots[count] = slot;
          pairs[2 * count] = v8::Integer::New(js.isolate(), slot);
          pairs[2 * count + 1] =
              settlement.value.IsEmpty() ? js.Undefined() : settlement.value;
          ++count;
        }
        Remove(*call);
        call = next;
      }
    }
    if (count > 0) {
      (void)runtime_.CallHook(js, Hook::kFulfilCalls,
                              static_cast<int>(2 * count), pairs.data());
    }
    // Not before, since settling may run code that makes other calls.
    free_slots_.insert(free_slots_.end(), slots.begin(), slots.begin() + count);
    if (failed_slot < 0) continue;
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(js.isolate(), failed_slot),
        failure.value.IsEmpty() ? js.Undefined() : failure.value,
        v8::Boolean::New(js.isolate(), takes_stack)};
    (void)runtime_.CallHook(js, Hook::kRejectCall, 3, arguments);
    free_slots_.push_back(failed_slot);
    // It is rejected by a microtask, and what ended later comes behind it.
    if (takes_stack && call != nullptr) runtime_.Drain(js);
  }
}

void PendingCalls::DestroyEnded() {
  PendingCall* call = TakeEnded();
  while (call != nullptr) {
    PendingCall* const next = call->next_ended_;
    Remove(*call);
    call = next;
  }
}

Task<void> PendingCalls::Ended() {
  while (!empty()) {
    empty_.Reset();
    absl::Status status = co_await ShieldedWait(empty_);
    DCHECK_OK(status);
  }
}

void PendingCalls::Remove(PendingCall& call) {
  call.Unlink();
  if (--size_ == 0) empty_.Set();
  call.Destroy();
}

void PendingCalls::Abort(uint32_t token) {
  const auto found = signals_.find(token);
  if (found != signals_.end()) found->second->scope().Cancel();
}

bool PendingCalls::SetSignal(Js& js, PendingCall& call,
                             v8::Local<v8::Value> signal) {
  auto made = std::make_unique<CallSignal>(runtime_, scope_);
  if (!made->Subscribe(js, signal)) return false;
  call.signal_ = std::move(made);
  return true;
}

}  // namespace braid
