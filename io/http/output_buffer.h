#ifndef BRAID_IO_HTTP_OUTPUT_BUFFER_H_
#define BRAID_IO_HTTP_OUTPUT_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "absl/log/check.h"

namespace braid {

// Bytes that wait to be sent. Unlike a std::string it gives out room to be
// written into directly, without filling it first.
//
//   char* end = buffer.Reserve(name.size() + 2);
//   end = ...;  // Writes at most that many bytes.
//   buffer.Commit(end);
class OutputBuffer {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

  // Room for `count` more bytes, at the end of what is there. Valid until the
  // next call.
  char* Reserve(size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      Grow(count);
    return bytes_.get() + size_;
  }
  // Everything before `end`, which lies in the room that Reserve() gave, is
  // written.
  void Commit(const char* end) {
    const auto size = static_cast<size_t>(end - bytes_.get());
    DCHECK(size >= size_ && size <= capacity_);
    size_ = size;
  }
  void Append(std::string_view text) {
    char* const end = Reserve(text.size());
    // The data of an empty view may be null, which memcpy does not take.
    if (!text.empty()) std::memcpy(end, text.data(), text.size());
    Commit(end + text.size());
  }

  // Forgets the bytes and keeps the memory.
  void Clear() { size_ = 0; }
  void ReleaseMemory() {
    size_ = capacity_ = 0;
    bytes_.reset();
  }

 private:
  static constexpr size_t kFirstBytes = 2048;

  void Grow(size_t count) {
    const size_t capacity =
        std::max({kFirstBytes, 2 * capacity_, size_ + count});
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_OUTPUT_BUFFER_H_
