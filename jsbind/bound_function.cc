#include "jsbind/bound_function.h"

#include <v8-object.h>
#include <v8-promise.h>

namespace braid {

v8::Local<v8::FunctionTemplate> BoundFunction::Template(
    Js& js, v8::Local<v8::Signature> receiver) const {
  v8::Isolate* isolate = js.isolate();
  v8::Local<v8::FunctionTemplate> made = v8::FunctionTemplate::New(
      isolate, callback,
      v8::External::New(isolate, const_cast<BoundFunction*>(this)), receiver,
      length, v8::ConstructorBehavior::kThrow);
  const size_t dot = name.rfind('.');
  made->SetClassName(
      js.Name(dot == std::string::npos ? name : name.substr(dot + 1)));
  return made;
}

std::string internal::ArgumentSubject(const BoundFunction& function,
                                      int index) {
  return absl::StrCat(function.name, "(): argument ", index + 1);
}

v8::Local<v8::Promise> internal::RejectedPromise(Js& js,
                                                 v8::Local<v8::Value> error) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(js.context()).ToLocal(&resolver) ||
      resolver->Reject(js.context(), error).IsNothing()) {
    return {};
  }
  return resolver->GetPromise();
}

v8::MaybeLocal<v8::Value> internal::SignalIn(Js& js,
                                             v8::Local<v8::Value> options) {
  if (!options->IsObject()) return {};
  v8::Local<v8::Object> object = options.As<v8::Object>();
  v8::Local<v8::Value> signal;
  if (!object->Get(js.context(), js.Name("signal")).ToLocal(&signal)) return {};
  if (!signal->IsUndefined()) return signal;
  v8::Local<v8::Value> aborted;
  if (!object->Get(js.context(), js.Name("aborted")).ToLocal(&aborted))
    return {};
  if (aborted->IsBoolean()) return object;
  return {};
}

v8::Local<v8::Value> ErrorFromException(Js& js,
                                        const std::exception_ptr& exception) {
  std::string message = "a C++ exception that is no std::exception";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    message = known.what();
  } catch (...) {
    // The sentence above says it all.
  }
  return ErrorWithCode(js, message, "ERR_CPP_EXCEPTION");
}

}  // namespace braid
