#ifndef BRAID_JSBIND_SHARED_ARRAY_H_
#define BRAID_JSBIND_SHARED_ARRAY_H_

#include <v8-array-buffer.h>
#include <v8-typed-array.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

#include "absl/log/check.h"
#include "jsbind/js.h"

namespace braid {

// The part of a SharedArray that does not depend on its type.
class SharedArrayBase {
 public:
  SharedArrayBase(const SharedArrayBase&) = delete;
  SharedArrayBase& operator=(const SharedArrayBase&) = delete;

  // Makes the array that JS sees.
  virtual v8::Local<v8::TypedArray> Make(Js& js) = 0;
  // From now on this is the array that JS sees: one that Make() made in the
  // process in which a start-up snapshot was made. The numbers are C++'s.
  virtual void Attach(v8::Local<v8::TypedArray> array) = 0;

 protected:
  SharedArrayBase() = default;
  ~SharedArrayBase() = default;
};

// Numbers that C++ and JS both read and write without a call: for what would
// cost a call to tell, or an object for each result.
//
//   auto counts = std::make_shared<SharedArray<uint32_t, 2>>();
//   module.Shared("counts", *counts)   // a Uint32Array
//       .Function("count", [counts] { (*counts)[0]++; });
//
// The memory is V8's once JS has the array, so that a start-up snapshot can
// hold that. REQUIRES: it lives as long as the module that shares it.
// Thread: the loop's.
template <typename T, size_t kSize>
class SharedArray final : public SharedArrayBase {
 public:
  T& operator[](size_t i) { return data_[i]; }
  SharedArray& operator=(const std::array<T, kSize>& numbers) {
    std::memcpy(data_, numbers.data(), sizeof(numbers));
    return *this;
  }
  const T& operator[](size_t i) const { return data_[i]; }

  v8::Local<v8::TypedArray> Make(Js& js) override {
    v8::Local<v8::TypedArray> array = TypedArray::New(
        v8::ArrayBuffer::New(js.isolate(), sizeof(own_)), 0, kSize);
    Attach(array);
    return array;
  }

  void Attach(v8::Local<v8::TypedArray> array) override {
    CHECK_EQ(array->ByteLength(), sizeof(own_));
    std::shared_ptr<v8::BackingStore> store =
        array->Buffer()->GetBackingStore();
    std::memcpy(store->Data(), data_, sizeof(own_));
    store_ = std::move(store);
    data_ = static_cast<T*>(store_->Data());
  }

 private:
  static constexpr bool kIsDouble = std::is_same_v<T, double>;
  static_assert(kIsDouble || std::is_same_v<T, int32_t> ||
                std::is_same_v<T, uint32_t>);
  using TypedArray = std::conditional_t<
      kIsDouble, v8::Float64Array,
      std::conditional_t<std::is_signed_v<T>, v8::Int32Array, v8::Uint32Array>>;

  std::array<T, kSize> own_{};  // Until JS has the array.
  T* data_ = own_.data();
  std::shared_ptr<v8::BackingStore> store_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_SHARED_ARRAY_H_
