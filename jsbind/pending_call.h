#ifndef BRAID_JSBIND_PENDING_CALL_H_
#define BRAID_JSBIND_PENDING_CALL_H_

#include <v8-exception.h>
#include <v8-object.h>
#include <v8-persistent-handle.h>
#include <v8-promise.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "async/cancel_scope.h"
#include "async/event.h"
#include "async/failure_trace.h"
#include "async/intrusive_list.h"
#include "async/task.h"
#include "jsbind/js.h"

namespace braid {

class Runtime;
class PendingCall;

// What a promise is settled with. Without a value: a JS exception is pending.
struct Settlement {
  v8::Local<v8::Value> value;
  bool rejected = false;
};

// A promise that is settled already. Empty when V8 is being terminated.
v8::MaybeLocal<v8::Promise> SettledPromise(Js& js,
                                           const Settlement& settlement);

// The AbortSignal that a call was given: its abort cancels this scope, in which
// the call's coroutine then runs.
class CallSignal {
 public:
  CallSignal(Runtime& runtime, CancelScope& parent)
      : runtime_(runtime), scope_(parent, CancelPropagation::kInherit) {}
  ~CallSignal();
  CallSignal(const CallSignal&) = delete;
  CallSignal& operator=(const CallSignal&) = delete;

  // Subscribes to `signal`. False with a JS exception pending if it is none.
  bool Subscribe(Js& js, v8::Local<v8::Value> signal);

  // Once the call has ended.
  void Unsubscribe(Js& js);

  CancelScope& scope() { return scope_; }
  // What the signal was aborted with; empty if it was not.
  v8::Local<v8::Value> Reason(Js& js) const;

 private:
  Runtime& runtime_;
  CancelScope scope_;
  v8::Global<v8::Object> signal_;
  uint32_t token_ = 0;
};

// One call from JS into a C++ coroutine. It lies in that coroutine's frame
// (see bridge_call.h).
class PendingCall : public ListNode<struct PendingCallTag> {
 public:
  explicit PendingCall(Runtime& runtime) : runtime_(runtime) {}

  Runtime& runtime() const { return runtime_; }

 protected:
  ~PendingCall() = default;

  // Turns the result into JS. Called once, in JS's turn, after the end. An
  // empty value means that a JS exception is pending.
  virtual Settlement TakeResult(Js& js) = 0;
  // Frees the coroutine's frame and with it this object.
  virtual void Destroy() = 0;
  // TakeResult's word that the call has failed.
  void NoteError(Js& js, const absl::Status& status);
  // The C++ frames of the error that the call ends with.
  void set_failure_stack(AsyncStack stack) {
    failure_stack_ = std::make_unique<AsyncStack>(std::move(stack));
  }

 private:
  friend class PendingCalls;

  Runtime& runtime_;
  int slot_ = -1;  // Of its promise, once it has suspended.
  PendingCall* next_ended_ = nullptr;
  std::unique_ptr<CallSignal> signal_;
  std::unique_ptr<AsyncStack> failure_stack_;  // Null for most.
  bool cancelled_ = false;                     // Ended by cancellation.
  bool from_js_ = false;  // Failed with an error that JS made.
};

// The calls from JS into C++ whose promises are not settled yet, and the
// cancellation scope in which they run: the runtime's nursery. A call belongs
// to it from the moment at which it suspends until its promise was settled.
//
// Calls that end are collected, and once in a turn all of them settle their
// promises together, in the order in which they ended, before the microtasks
// run. Behind a call that failed they run first, since its error is given its
// stack by one (error_stacks.js). Thread: the loop's.
class PendingCalls {
 public:
  explicit PendingCalls(Runtime& runtime);
  // REQUIRES: empty().
  ~PendingCalls();

  CancelScope& scope() { return scope_; }

  // Keeps a call that suspended, and tells JS, which must make its promise next.
  void AddSuspended(PendingCall& call);
  // The promise of the call that was added last, for C++ that no wrapper in JS
  // has called. Empty when V8 is being terminated.
  v8::MaybeLocal<v8::Promise> PromiseOfSuspended(Js& js);
  // What a call gives that ended without suspending; frees the call.
  Settlement EndAtOnce(Js& js, PendingCall& call);

  // The call's coroutine has ended. From the executor, without JS.
  void OnEnded(PendingCall& call) {
    *ended_tail_ = &call;
    ended_tail_ = &call.next_ended_;
  }
  bool has_ended() const { return ended_head_ != nullptr; }

  // Settles the promises of all that have ended; the caller drains microtasks.
  void SettleEnded(Js& js);
  // The same without JS, when no script runs any more.
  void DestroyEnded();

  // Waits until none is left. Not ended by cancellation, which reaches the
  // calls and so lets it end.
  Task<void> Ended();

  // How many have not been settled.
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // AbortSignals: a signal with this token was aborted.
  void Abort(uint32_t token);
  // Gives `call` the signal that the argument after its last holds, if any.
  bool SetSignal(Js& js, PendingCall& call, v8::Local<v8::Value> signal);
  // The scope that the call's coroutine runs in.
  CancelScope& ScopeOf(PendingCall& call) {
    return call.signal_ != nullptr ? call.signal_->scope() : scope_;
  }

 private:
  friend class CallSignal;

  // Brings an error the C++ frames that the call has for it.
  static void AddFrames(Js& js, const PendingCall& call,
                        const Settlement& settlement);
  // Whether an error is the call's own, and takes the stack of who awaits it.
  static bool TakesStack(const PendingCall& call, const Settlement& settlement);
  // Takes the result, with a caught exception made a rejection.
  Settlement ResultOf(Js& js, PendingCall& call, v8::TryCatch& try_catch);
  PendingCall* TakeEnded();
  // Takes it off the list and frees it.
  void Remove(PendingCall& call);

  Runtime& runtime_;
  CancelScope scope_;
  IntrusiveList<PendingCall, PendingCallTag> calls_;
  size_t size_ = 0;
  PendingCall* ended_head_ = nullptr;
  PendingCall** ended_tail_ = &ended_head_;
  std::vector<int> free_slots_;
  int slots_ = 0;  // How many there are, free or taken.
  absl::flat_hash_map<uint32_t, CallSignal*> signals_;
  uint32_t next_token_ = 1;
  Event empty_;  // Set while there is no call.
};

}  // namespace braid

#endif  // BRAID_JSBIND_PENDING_CALL_H_
