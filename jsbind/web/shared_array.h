#ifndef BRAID_JSBIND_WEB_SHARED_ARRAY_H_
#define BRAID_JSBIND_WEB_SHARED_ARRAY_H_

#include <v8-array-buffer.h>
#include <v8-local-handle.h>

#include <memory>
#include <span>
#include <utility>

#include "jsbind/js.h"

namespace braid {

// A typed array over numbers in C++ memory, for results that would otherwise be
// an object for each call: C++ writes, JS reads.
//
//   auto counts = std::make_shared<std::array<uint32_t, 2>>();
//   module.Value("counts", [counts](Js& js) {
//     return SharedArray<v8::Uint32Array>(js, std::span(*counts), counts);
//   });
//
// `owner` keeps the memory for as long as JS has the array.
template <typename Array, typename Number, typename Owner>
v8::Local<Array> SharedArray(Js& js, std::span<Number> numbers,
                             std::shared_ptr<Owner> owner) {
  auto keep = std::make_unique<std::shared_ptr<Owner>>(std::move(owner));
  std::unique_ptr<v8::BackingStore> store = v8::ArrayBuffer::NewBackingStore(
      numbers.data(), numbers.size_bytes(),
      [](void*, size_t, void* data) {
        delete static_cast<std::shared_ptr<Owner>*>(data);
      },
      keep.release());
  return Array::New(v8::ArrayBuffer::New(js.isolate(), std::move(store)), 0,
                    numbers.size());
}

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_SHARED_ARRAY_H_
