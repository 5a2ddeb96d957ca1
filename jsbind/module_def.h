#ifndef BRAID_JSBIND_MODULE_DEF_H_
#define BRAID_JSBIND_MODULE_DEF_H_

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "jsbind/bound_function.h"
#include "jsbind/class_def.h"
#include "jsbind/converters.h"
#include "jsbind/result.h"
#include "jsbind/shared_array.h"

namespace braid {

// The declaration of a module in C++: what `import ... from "native:store"`
// gives a script.
//
//   runtime->Module("native:store")
//       .Function<&Hash>("hash")             // export function hash(...)
//       .AsyncFunction<&Compact>("compact")  // returns a promise
//       .Function("now", [&clock] { return clock.Now(); })
//       .Constant("maxKeyBytes", 1024)
//       .Class<Store>("Store", [](ClassDef<Store>& store) {
//         store.AsyncMethod<&Store::Get>("get").Getter<&Store::size>("size");
//       })
//       .Object("store", the_store);
//
// Parameters and results are converted by their C++ types (convert.h); a wrong
// argument is a TypeError that names the function, the position and what it
// must be. A parameter Runtime&, Loop& or Js& is handed in and takes no
// argument. A StatusOr or Status that is an error is thrown, or rejects.
//
// Async functions return Task<T>: they start inside the call and run until they
// first suspend; the promise is settled in the turn in which the task ends.
// Their arguments live as long as the task. Every async function takes one
// argument more than it declares: `{signal}` with an AbortSignal (where its
// last parameter is a struct, that object may carry it); its abort cancels the
// task.
//
// The default export is an object with all the others.
// Lifetime: owned by the runtime. Function objects live as long as that.
class ModuleDef {
 public:
  // For the runtime; use Runtime::Module().
  ModuleDef(Runtime& runtime, std::string specifier)
      : runtime_(runtime), specifier_(std::move(specifier)) {}
  ModuleDef(const ModuleDef&) = delete;
  ModuleDef& operator=(const ModuleDef&) = delete;

  // Synchronous functions. C++ may block JS here: keep it short.
  template <auto kFunction>
  ModuleDef& Function(std::string_view name) {
    return AddFunction<internal::StaticCallable<kFunction>, false>(name,
                                                                   nullptr);
  }
  template <typename F>
    requires(!std::is_convertible_v<F, std::string_view>)
  ModuleDef& Function(std::string_view name, F function) {
    return AddFunction<internal::StoredCallable<F>, false>(
        name, std::make_shared<F>(std::move(function)));
  }

  // Functions that return Task<T>.
  template <auto kFunction>
  ModuleDef& AsyncFunction(std::string_view name) {
    return AddFunction<internal::StaticCallable<kFunction>, true>(name,
                                                                  nullptr);
  }
  template <typename F>
  ModuleDef& AsyncFunction(std::string_view name, F function) {
    return AddFunction<internal::StoredCallable<F>, true>(
        name, std::make_shared<F>(std::move(function)));
  }

  // The same for built-in JS that has callbacks instead of promises. The call
  // gives or throws what it ended with, or it has suspended and gives nothing:
  // then settleSuspendedWith() of async_calls.js says where the result goes.
  template <auto kFunction>
  ModuleDef& SuspendingFunction(std::string_view name) {
    return AddFunction<internal::StaticCallable<kFunction>, true>(
        name, nullptr, /*wrapped=*/false);
  }

  template <typename T>
  ModuleDef& Constant(std::string_view name, T value) {
    return Value(name, [value = std::move(value)](Js& js) {
      return ResultToJs(js, T(value));
    });
  }
  ModuleDef& Constant(std::string_view name, const char* value) {
    return Constant(name, std::string(value));
  }

  // Numbers that C++ goes on reading and writing (shared_array.h).
  ModuleDef& Shared(std::string_view name, SharedArrayBase& array) {
    shared_.push_back({std::string(name), array});
    return Value(name, [&array](Js& js) { return array.Make(js); });
  }

  // Whatever `make` gives, when the module is first imported.
  ModuleDef& Value(std::string_view name,
                   absl::AnyInvocable<v8::Local<v8::Value>(Js&)> make) {
    exports_.push_back({std::string(name), std::move(make)});
    return *this;
  }

  // A class; `define` lists its members (class_def.h).
  template <typename T, typename Define>
  ModuleDef& Class(std::string_view name, Define define) {
    auto definition =
        std::make_shared<ClassDef<T>>(runtime_, std::string(name));
    define(*definition);
    ClassInfo& info = definition->Declare();
    return Value(name, [definition, &info](Js& js) -> v8::Local<v8::Value> {
      v8::Local<v8::Function> constructor;
      if (!info.Template(js)->GetFunction(js.context()).ToLocal(&constructor))
        return {};
      return constructor;
    });
  }

  // An object that C++ owns, as an instance of its class (declared before, in
  // any module). It must outlive the runtime.
  template <typename T>
  ModuleDef& Object(std::string_view name, T& object) {
    return Value(name, [&object](Js& js) { return WrapBorrowed(js, object); });
  }

  // For the module loader. ---------------------------------------------------

  struct Export {
    std::string name;
    absl::AnyInvocable<v8::Local<v8::Value>(Js&)> make;
  };
  const std::string& specifier() const { return specifier_; }
  std::vector<Export>& exports() { return exports_; }
  struct SharedExport {
    std::string name;
    SharedArrayBase& array;
  };
  const std::vector<SharedExport>& shared() const { return shared_; }

 private:
  template <typename Callable, bool kAsync>
  ModuleDef& AddFunction(std::string_view name, std::shared_ptr<void> callable,
                         bool wrapped = true) {
    using Thunk = internal::Thunk<Callable, void>;
    static_assert(Thunk::kIsAsync == kAsync,
                  "Function is for synchronous functions, AsyncFunction for "
                  "those that return "
                  "Task<T>");
    return AddBound(name, {std::string(name), Thunk::kLength, &Thunk::Call,
                           std::move(callable), kAsync && wrapped});
  }
  ModuleDef& AddBound(std::string_view name, BoundFunction function);

  Runtime& runtime_;
  const std::string specifier_;
  std::vector<std::unique_ptr<const BoundFunction>> functions_;
  std::vector<Export> exports_;
  std::vector<SharedExport> shared_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_DEF_H_
