#ifndef BRAID_JSBIND_CLASS_DEF_H_
#define BRAID_JSBIND_CLASS_DEF_H_

#include <v8-template.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "jsbind/bound_function.h"
#include "jsbind/class_registry.h"
#include "jsbind/constructor_thunk.h"
#include "jsbind/runtime.h"

namespace braid {

// The parts of a class's definition that do not depend on its type.
class ClassDefBase {
 public:
  ClassDefBase(Runtime& runtime, ClassKey key, std::string name)
      : runtime_(runtime), key_(key), name_(std::move(name)) {}
  ClassDefBase(const ClassDefBase&) = delete;
  ClassDefBase& operator=(const ClassDefBase&) = delete;

  // Makes the class known to the runtime. The definition must live as long.
  ClassInfo& Declare();

 protected:
  enum class Place : unsigned char {
    kPrototype,
    kGetter,
    kSetter,
    kConstructor
  };
  struct Member {
    std::string name;
    BoundFunction function;
    Place place;
    ClassInfo* info = nullptr;  // From Declare() on.
  };
  template <typename Thunk>
  void Add(std::string_view name, Place place, std::shared_ptr<void> callable) {
    members_.push_back(std::make_unique<Member>(
        Member{std::string(name),
               {name_ + "." + std::string(name), Thunk::kLength, &Thunk::Call,
                std::move(callable), Thunk::kIsAsync},
               place}));
  }

  Runtime& runtime_;
  const ClassKey key_;
  const std::string name_;
  BoundFunction constructor_;
  std::vector<std::unique_ptr<Member>> members_;

 private:
  static void MakeAsyncMember(v8::Local<v8::Name> name,
                              const v8::PropertyCallbackInfo<v8::Value>& info);
  v8::Local<v8::FunctionTemplate> Build(Js& js, const ClassInfo& info);
};

// The declaration of a C++ class to JS. Its members read like the JS class that
// they make:
//
//   module.Class<Store>("Store", [](ClassDef<Store>& store) {
//     store.Constructor<std::string>()         // new Store("name")
//         .StaticMethod<&Store::Open>("open")  // await Store.open(path)
//         .AsyncMethod<&Store::Get>("get")     // await store.get(key)
//         .Method<&Store::Has>("has")
//         .Property<&Store::limit, &Store::set_limit>("limit")
//         .Getter<&Store::size>("size");
//   });
//
// A method is a member function, or a free function or lambda whose first
// parameter is T&. Without a Constructor, `new Store()` throws. Instances come
// from constructors, from results (T by value, unique_ptr, shared_ptr, T* or T&
// for objects that C++ owns), and from ModuleDef::Object.
//
// Lifetime: JS's garbage collector ends an instance that JS owns, on the loop's
// thread, some time after the last reference; at the latest when the runtime
// ends. A pending async method keeps its receiver alive. T's destructor must
// not touch JS. JsFunctions and JsValues that T holds keep their JS side alive
// for as long as T lives: do not let them refer back to T's own JS object.
template <typename T>
class ClassDef final : public ClassDefBase {
 public:
  ClassDef(Runtime& runtime, std::string name)
      : ClassDefBase(runtime, &kClassKey<T>, std::move(name)) {}

  // new Name(arguments...) makes T(arguments...).
  template <typename... Arguments>
  ClassDef& Constructor() {
    return Constructor([](Arguments... arguments) {
      return std::make_shared<T>(std::move(arguments)...);
    });
  }
  // new Name(arguments...) calls `make`, which gives a shared_ptr, a unique_ptr
  // or a StatusOr of one.
  template <typename F>
  ClassDef& Constructor(F make) {
    using Thunk = internal::ConstructorThunk<T, F>;
    constructor_ = {"new " + name_, Thunk::kLength, &Thunk::Call,
                    std::make_shared<F>(std::move(make))};
    return *this;
  }

  template <auto kFunction>
  ClassDef& Method(std::string_view name) {
    return AddMethod<internal::StaticCallable<kFunction>, false>(name, nullptr);
  }
  template <typename F>
  ClassDef& Method(std::string_view name, F function) {
    return AddMethod<internal::StoredCallable<F>, false>(
        name, std::make_shared<F>(std::move(function)));
  }
  template <auto kFunction>
  ClassDef& AsyncMethod(std::string_view name) {
    return AddMethod<internal::StaticCallable<kFunction>, true>(name, nullptr);
  }
  template <typename F>
  ClassDef& AsyncMethod(std::string_view name, F function) {
    return AddMethod<internal::StoredCallable<F>, true>(
        name, std::make_shared<F>(std::move(function)));
  }

  // Functions on the class itself, synchronous or Task<T>.
  template <auto kFunction>
  ClassDef& StaticMethod(std::string_view name) {
    Add<internal::Thunk<internal::StaticCallable<kFunction>, void>>(
        name, Place::kConstructor, nullptr);
    return *this;
  }
  template <typename F>
  ClassDef& StaticMethod(std::string_view name, F function) {
    Add<internal::Thunk<internal::StoredCallable<F>, void>>(
        name, Place::kConstructor, std::make_shared<F>(std::move(function)));
    return *this;
  }

  // Accessors on the prototype.
  template <auto kGetter>
  ClassDef& Getter(std::string_view name) {
    Add<internal::Thunk<internal::StaticCallable<kGetter>, T>>(
        name, Place::kGetter, nullptr);
    return *this;
  }
  template <typename F>
  ClassDef& Getter(std::string_view name, F function) {
    Add<internal::Thunk<internal::StoredCallable<F>, T>>(
        name, Place::kGetter, std::make_shared<F>(std::move(function)));
    return *this;
  }
  template <auto kGetter, auto kSetter>
  ClassDef& Property(std::string_view name) {
    Getter<kGetter>(name);
    Add<internal::Thunk<internal::StaticCallable<kSetter>, T>>(
        name, Place::kSetter, nullptr);
    return *this;
  }

 private:
  template <typename Callable, bool kAsync>
  ClassDef& AddMethod(std::string_view name, std::shared_ptr<void> callable) {
    using Thunk = internal::Thunk<Callable, T>;
    static_assert(Thunk::kIsAsync == kAsync,
                  "Method is for synchronous functions, AsyncMethod for those "
                  "that return Task<T>");
    Add<Thunk>(name, Place::kPrototype, std::move(callable));
    return *this;
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CLASS_DEF_H_
