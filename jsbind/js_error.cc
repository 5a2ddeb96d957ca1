#include "jsbind/js_error.h"

#include <v8-message.h>
#include <v8-object.h>

#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "io/dns_status.h"
#include "io/errno_status.h"
#include "jsbind/errno_text.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

constexpr std::string_view kErrorPayload = "braid/js-error";
// JS errors carry negative errnos of at most this size.
constexpr int kErrnoMax = 4095;

void SetProperty(Js& js, v8::Local<v8::Object> object, std::string_view name,
                 v8::Local<v8::Value> value) {
  // Only fails when an exception is pending, and a fresh Error has no setters.
  object->CreateDataProperty(js.context(), js.Name(name), value).Check();
}

// Reads a data property without letting an exception out.
v8::Local<v8::Value> GetProperty(Js& js, v8::Local<v8::Object> object,
                                 std::string_view name) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Value> value;
  if (!object->Get(js.context(), js.Name(name)).ToLocal(&value))
    return js.Undefined();
  return value;
}

std::string GetString(Js& js, v8::Local<v8::Object> object,
                      std::string_view name) {
  v8::Local<v8::Value> value = GetProperty(js, object, name);
  return value->IsString() ? ToUtf8(js.isolate(), value.As<v8::String>())
                           : std::string();
}

v8::Local<v8::Value> ErrnoError(Js& js, int error, const absl::Status& status) {
  const std::string syscall = SyscallOf(status);
  const std::string subject = SubjectOf(status);
  std::string message = absl::StrCat(ErrnoName(error), ": ", ErrnoText(error));
  if (!syscall.empty()) absl::StrAppend(&message, ", ", syscall);
  if (!subject.empty()) absl::StrAppend(&message, " '", subject, "'");
  v8::Local<v8::Object> made =
      v8::Exception::Error(js.String(message)).As<v8::Object>();
  SetProperty(js, made, "errno", v8::Integer::New(js.isolate(), -error));
  SetProperty(js, made, "code", js.Name(ErrnoName(error)));
  if (!syscall.empty()) SetProperty(js, made, "syscall", js.String(syscall));
  if (!subject.empty()) SetProperty(js, made, "path", js.String(subject));
  return made;
}

// A failure of the DNS, as Node has it: the message begins with the code, and
// looking a host up fails with the codes of getaddrinfo(3).
v8::Local<v8::Value> DnsError(Js& js, std::string code,
                              const absl::Status& status) {
  const std::string syscall = SyscallOf(status);
  const std::string hostname = SubjectOf(status);
  // libuv's numbers of the two.
  constexpr int kNoName = -3008;
  constexpr int kAgain = -3001;
  const bool is_lookup = syscall == "getaddrinfo";
  if (is_lookup)
    code = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)
               ? "EAI_AGAIN"
               : "ENOTFOUND";
  v8::Local<v8::Value> error =
      ErrorWithCode(js, absl::StrCat(syscall, " ", code, " ", hostname), code);
  v8::Local<v8::Object> made = error.As<v8::Object>();
  if (is_lookup) {
    SetProperty(
        js, made, "errno",
        v8::Integer::New(js.isolate(), code == "EAI_AGAIN" ? kAgain : kNoName));
  }
  SetProperty(js, made, "syscall", js.String(syscall));
  SetProperty(js, made, "hostname", js.String(hostname));
  return error;
}

// A DOMException where the built-in JS has that class, else an Error that looks
// like it.
v8::Local<v8::Value> DomException(Js& js, std::string_view message,
                                  std::string_view name,
                                  std::string_view fallback_code) {
  Runtime& runtime = js.runtime();
  if (!runtime.turn_state().hook(Hook::kMakeDomException).IsEmpty()) {
    v8::Local<v8::Value> arguments[] = {js.String(message), js.Name(name)};
    v8::Local<v8::Value> made;
    if (runtime.CallHook(js, Hook::kMakeDomException, 2, arguments)
            .ToLocal(&made))
      return made;
  }
  v8::Local<v8::Value> error = ErrorWithCode(js, message, fallback_code);
  SetProperty(js, error.As<v8::Object>(), "name", js.Name(name));
  return error;
}

std::string MessageOr(const absl::Status& status, std::string_view fallback) {
  return status.message().empty() ? std::string(fallback)
                                  : std::string(status.message());
}

// "TypeError: x is not a function", without running code of the program more
// than a getter would.
std::string DescribeError(Js& js, v8::Local<v8::Value> error) {
  if (!error->IsNativeError() && !error->IsObject())
    return DescribeValue(js, error);
  v8::Local<v8::Object> object = error.As<v8::Object>();
  std::string name = GetString(js, object, "name");
  std::string message = GetString(js, object, "message");
  if (name.empty() && message.empty()) return DescribeValue(js, error);
  if (name.empty()) return message;
  return message.empty() ? name : absl::StrCat(name, ": ", message);
}

}  // namespace

v8::Local<v8::Value> ErrorWithCode(Js& js, std::string_view message,
                                   std::string_view code) {
  v8::Local<v8::Value> error = v8::Exception::Error(js.String(message));
  SetProperty(js, error.As<v8::Object>(), "code", js.Name(code));
  return error;
}

v8::Local<v8::Value> TypeErrorWithCode(Js& js, std::string_view message,
                                       std::string_view code) {
  v8::Local<v8::Value> error = v8::Exception::TypeError(js.String(message));
  SetProperty(js, error.As<v8::Object>(), "code", js.Name(code));
  return error;
}

void ThrowError(Js& js, v8::Local<v8::Value> error) {
  // No handler of JS is to see it, nor anything after it to run.
  if (js.runtime().exiting()) [[unlikely]]
    return js.runtime().Interrupt(js);
  js.isolate()->ThrowException(error);
}

v8::Local<v8::Value> ErrorFromStatus(Js& js, const absl::Status& status) {
  if (v8::Local<v8::Value> original = JsErrorOf(js, status);
      !original.IsEmpty())
    return original;
  if (absl::IsCancelled(status)) {
    return DomException(js, "The operation was aborted", "AbortError",
                        "ABORT_ERR");
  }
  if (int error = ErrnoOf(status); error != 0)
    return ErrnoError(js, error, status);
  if (std::string code = DnsCodeOf(status); !code.empty())
    return DnsError(js, std::move(code), status);
  const std::string code = absl::StatusCodeToString(status.code());
  const std::string message = MessageOr(status, code);
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return DomException(js, message, "TimeoutError", code);
    case absl::StatusCode::kInvalidArgument:
      return TypeErrorWithCode(js, message, code);
    case absl::StatusCode::kOutOfRange: {
      v8::Local<v8::Value> error =
          v8::Exception::RangeError(js.String(message));
      SetProperty(js, error.As<v8::Object>(), "code", js.Name(code));
      return error;
    }
    default:
      return ErrorWithCode(js, message, code);
  }
}

absl::Status StatusFromError(Js& js, v8::Local<v8::Value> error) {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  absl::Status status;
  if (error->IsObject()) {
    v8::Local<v8::Object> object = error.As<v8::Object>();
    const std::string name = GetString(js, object, "name");
    v8::Local<v8::Value> number = GetProperty(js, object, "errno");
    if (number->IsInt32() && number.As<v8::Int32>()->Value() < 0 &&
        number.As<v8::Int32>()->Value() >= -kErrnoMax) {
      status = ErrnoStatus(-number.As<v8::Int32>()->Value(),
                           GetString(js, object, "syscall"),
                           GetString(js, object, "path"));
    } else if (name == "AbortError") {
      code = absl::StatusCode::kCancelled;
    } else if (name == "TimeoutError") {
      code = absl::StatusCode::kDeadlineExceeded;
    } else if (name == "TypeError") {
      code = absl::StatusCode::kInvalidArgument;
    } else if (name == "RangeError") {
      code = absl::StatusCode::kOutOfRange;
    }
  }
  if (status.ok()) status = absl::Status(code, DescribeError(js, error));
  js.runtime().errors().Attach(error, status);
  return status;
}

v8::Local<v8::Value> JsErrorOf(Js& js, const absl::Status& status) {
  return js.runtime().errors().Find(status);
}

absl::Status StatusFromCaught(Js& js, const v8::TryCatch& try_catch) {
  if (try_catch.HasTerminated()) {
    // Caught here, but the JS below is to end too.
    if (js.runtime().exiting()) js.isolate()->TerminateExecution();
    return absl::CancelledError("the script was ended");
  }
  if (!try_catch.HasCaught())
    return absl::InternalError("a call into JS failed without an error");
  return StatusFromError(js, try_catch.Exception());
}

// What the payload's external bytes are; freed with the last copy of the cord.
struct JsErrors::Reference {
  std::shared_ptr<Table> table;
  uint64_t id;
};

JsErrors::JsErrors(v8::Isolate* isolate) : table_(std::make_shared<Table>()) {
  table_->isolate = isolate;
  table_->thread = std::this_thread::get_id();
}

JsErrors::~JsErrors() {
  std::lock_guard lock(table_->mutex);
  table_->errors.clear();
  table_->isolate = nullptr;
}

void JsErrors::Attach(v8::Local<v8::Value> error, absl::Status& status) {
  std::unique_ptr<Reference> reference;
  {
    std::lock_guard lock(table_->mutex);
    const uint64_t id = table_->next_id++;
    table_->errors.emplace(id, v8::Global<v8::Value>(table_->isolate, error));
    reference = std::make_unique<Reference>(Reference{table_, id});
  }
  const std::string_view bytes(reinterpret_cast<const char*>(reference.get()),
                               sizeof(Reference));
  status.SetPayload(kErrorPayload, absl::MakeCordFromExternal(
                                       bytes, [owned = std::move(reference)] {
                                         Release(*owned);
                                       }));
}

void JsErrors::Release(const Reference& reference) {
  Table& table = *reference.table;
  std::lock_guard lock(table.mutex);
  if (table.isolate == nullptr) return;
  if (std::this_thread::get_id() == table.thread) {
    table.errors.erase(reference.id);
  } else {
    table.released.push_back(reference.id);
  }
}

v8::Local<v8::Value> JsErrors::Find(const absl::Status& status) {
  const std::optional<absl::Cord> payload = status.GetPayload(kErrorPayload);
  if (!payload.has_value()) return {};
  const std::optional<absl::string_view> bytes = payload->TryFlat();
  if (!bytes.has_value() || bytes->size() != sizeof(Reference)) return {};
  const auto& reference = *reinterpret_cast<const Reference*>(bytes->data());
  if (reference.table != table_) return {};  // Another runtime's value.
  std::lock_guard lock(table_->mutex);
  const auto found = table_->errors.find(reference.id);
  if (found == table_->errors.end()) return {};
  return found->second.Get(table_->isolate);
}

void JsErrors::Sweep() {
  std::lock_guard lock(table_->mutex);
  for (uint64_t id : table_->released) table_->errors.erase(id);
  table_->released.clear();
}

}  // namespace braid
