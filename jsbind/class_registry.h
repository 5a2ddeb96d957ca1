#ifndef BRAID_JSBIND_CLASS_REGISTRY_H_
#define BRAID_JSBIND_CLASS_REGISTRY_H_

#include <v8-object.h>
#include <v8-persistent-handle.h>
#include <v8-sandbox.h>
#include <v8-template.h>
#include <v8-traced-handle.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "async/intrusive_list.h"
#include "jsbind/borrowed.h"
#include "jsbind/convert.h"
#include "jsbind/cppgc.h"

namespace braid {

// Identifies a C++ class at run time, without RTTI: the address.
template <typename T>
inline constexpr char kClassKey = 0;
using ClassKey = const char*;

class ClassRegistry;

// What a runtime knows of a class that C++ declared with ModuleDef::Class.
struct ClassInfo {
  ClassKey key;
  std::string name;
  // Makes the class's JS side, at first use.
  absl::AnyInvocable<v8::Local<v8::FunctionTemplate>(Js&)> build;
  v8::Global<v8::FunctionTemplate> constructor;

  v8::Local<v8::FunctionTemplate> Template(Js& js);
};

// The C++ half of a JS object that is an instance of a bound class. The garbage
// collector owns it and destroys it, and with it the instance unless C++ still
// holds a shared_ptr to that.
// Thread: the loop's, also for the destructor.
class Wrapper final : public cppgc::GarbageCollected<Wrapper>,
                      public ListNode<struct WrapperTag> {
 public:
  Wrapper(ClassRegistry& registry, const ClassInfo& info, void* object,
          std::shared_ptr<void> owner);
  ~Wrapper();
  void Trace(cppgc::Visitor* visitor) const { visitor->Trace(js_object_); }

  const ClassInfo& info() const { return *info_; }
  // Null once the runtime is ending.
  void* object() const { return object_; }
  const std::shared_ptr<void>& owner() const { return owner_; }

  static constexpr v8::CppHeapPointerTag kTag =
      v8::CppHeapPointerTag::kDefaultTag;

 private:
  friend class ClassRegistry;

  ClassRegistry& registry_;
  const ClassInfo* const info_;
  void* object_;
  std::shared_ptr<void> owner_;
  // So that the same C++ object is the same JS object.
  v8::TracedReference<v8::Object> js_object_;
};

// The bound classes of a runtime and their live instances.
class ClassRegistry {
 public:
  explicit ClassRegistry(v8::Isolate* isolate) : isolate_(isolate) {}
  // Destroys all instances, in an unspecified order, before V8 ends.
  ~ClassRegistry();

  ClassInfo& Declare(ClassKey key, std::string name);
  // Null if it was not declared.
  ClassInfo* Find(ClassKey key);

  // Makes `js_object`, which was made by the class's template, an instance.
  Wrapper& Attach(v8::Local<v8::Object> js_object, const ClassInfo& info,
                  void* object, std::shared_ptr<void> owner);
  // The JS object for a C++ object: the one that it has, or a new one.
  // Empty with a JS exception pending if it cannot be made.
  v8::Local<v8::Value> Wrap(Js& js, ClassKey key, void* object,
                            std::shared_ptr<void> owner);

  // The wrapper of an instance of the class; null if `value` is something else.
  Wrapper* Unwrap(v8::Local<v8::Value> value, ClassKey key) {
    if (!value->IsObject()) return nullptr;
    v8::Local<v8::Object> object = value.As<v8::Object>();
    if (!object->IsApiWrapper()) return nullptr;
    Wrapper* wrapper =
        v8::Object::Unwrap<Wrapper::kTag, Wrapper>(isolate_, object);
    return wrapper != nullptr && wrapper->info().key == key ? wrapper : nullptr;
  }

  // "Store" for error messages.
  std::string NameOf(ClassKey key);

 private:
  friend class Wrapper;

  v8::Isolate* const isolate_;
  absl::flat_hash_map<ClassKey, std::unique_ptr<ClassInfo>> classes_;
  // The JS objects of C++ objects, while they exist.
  absl::flat_hash_map<std::pair<ClassKey, void*>,
                      cppgc::WeakPersistent<Wrapper>>
      by_object_;
  IntrusiveList<Wrapper, WrapperTag> wrappers_;
};

// An instance of a bound class as an argument or receiver: keeps it alive.
template <typename T>
class Instance {
 public:
  explicit Instance(Wrapper& wrapper) : wrapper_(&wrapper) {}

  static std::optional<Instance> FromJs(Js& js, v8::Local<v8::Value> value);

  T& operator*() const { return *static_cast<T*>(wrapper_->object()); }
  T* operator->() const { return static_cast<T*>(wrapper_->object()); }
  // Shares the ownership, for instances that C++ keeps for longer.
  std::shared_ptr<T> shared() const {
    return std::shared_ptr<T>(wrapper_->owner(),
                              static_cast<T*>(wrapper_->object()));
  }

 private:
  cppgc::Persistent<Wrapper> wrapper_;
};

namespace internal {
// Parts that need the complete Runtime.
ClassRegistry& RegistryOf(Js& js);
}  // namespace internal

template <typename T>
std::optional<Instance<T>> Instance<T>::FromJs(Js& js,
                                               v8::Local<v8::Value> value) {
  ClassRegistry& registry = internal::RegistryOf(js);
  Wrapper* wrapper = registry.Unwrap(value, &kClassKey<T>);
  if (wrapper == nullptr) {
    return js.Expected("an instance of " + registry.NameOf(&kClassKey<T>),
                       value);
  }
  return Instance(*wrapper);
}

// The JS object of a C++ object that C++ owns: the same one every time while
// any script holds it. `object` must outlive the runtime.
template <typename T>
v8::Local<v8::Value> WrapBorrowed(Js& js, T& object) {
  return internal::RegistryOf(js).Wrap(js, &kClassKey<T>, &object, nullptr);
}

template <typename T>
  requires(std::is_class_v<T> && !HasConvert<T>)
struct Convert<std::shared_ptr<T>> {
  static std::optional<std::shared_ptr<T>> FromJs(Js& js,
                                                  v8::Local<v8::Value> value) {
    std::optional<Instance<T>> instance = Instance<T>::FromJs(js, value);
    if (!instance.has_value()) return std::nullopt;
    return instance->shared();
  }
  static v8::Local<v8::Value> ToJs(Js& js, std::shared_ptr<T> value) {
    if (value == nullptr) return v8::Null(js.isolate());
    T* object = value.get();
    return internal::RegistryOf(js).Wrap(js, &kClassKey<T>, object,
                                         std::move(value));
  }
};

template <typename T>
  requires(std::is_class_v<T> && !HasConvert<T>)
struct Convert<std::unique_ptr<T>> {
  static v8::Local<v8::Value> ToJs(Js& js, std::unique_ptr<T> value) {
    return Convert<std::shared_ptr<T>>::ToJs(js, std::move(value));
  }
};

// Null or an instance, borrowed: valid as long as JS does not run on. As a
// parameter of an async function, it is valid until that ends (argument.h). As
// a result, what C++ owns.
template <BoundClass T>
struct Convert<T*> {
  static std::optional<T*> FromJs(Js& js, v8::Local<v8::Value> value) {
    if (value->IsNullOrUndefined()) return nullptr;
    std::optional<Instance<T>> instance = Instance<T>::FromJs(js, value);
    if (!instance.has_value()) return std::nullopt;
    return &**instance;
  }
  static v8::Local<v8::Value> ToJs(Js& js, T* value) {
    if (value == nullptr) return v8::Null(js.isolate());
    return WrapBorrowed(js, *value);
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CLASS_REGISTRY_H_
