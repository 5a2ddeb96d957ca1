#ifndef BRAID_IO_HTTP_HEADERS_H_
#define BRAID_IO_HTTP_HEADERS_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace braid {

// The fields that server and client themselves look at. They are recognised
// once, when a header is added, so asking for one of them compares no text.
enum class HttpField : uint8_t {
  kOther,  // Any other.
  kConnection,
  kContentLength,
  kDate,
  kExpect,
  kHost,
  kTransferEncoding,
};

// The field that `name` names, whatever its case.
HttpField FieldOf(std::string_view name);

// The headers of a message: an ordered list of names and values.
//
//   CO_RETURN_IF_ERROR(response.headers().Set("cache-control", "no-store"));
//   for (HttpHeaders::Header header : request.headers()) {
//     Log(header.name, header.value);
//   }
//
// Names are compared without regard to case and kept as they were given. A
// name may occur several times (set-cookie); Get() gives the first value,
// GetCombined() all of them.
//
// Representation: one text and a list of offsets into it. So a request's
// headers are its head, copied once; a response's lie in the text as they will
// be sent; and reusing an object for the next message allocates nothing.
//
// Lifetime: the views it gives are valid until it is changed or destroyed.
// Errors: a name that is no token, or a value with a control character (a line
// break would let its author add headers or a whole response), is refused
// with InvalidArgumentError that says what stands where; nothing has changed
// then. Thread: the loop's.
class HttpHeaders {
 public:
  struct Header {
    std::string_view name;
    std::string_view value;
  };

  // Walks through the headers in order, giving a Header by value.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Header;

    Iterator(const HttpHeaders& headers, size_t index)
        : headers_(&headers), index_(index) {}
    Header operator*() const { return (*headers_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.index_ == b.index_;
    }

   private:
    const HttpHeaders* headers_;
    size_t index_;
  };

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Header operator[](size_t index) const {
    const Entry& entry = entries_[index];
    return {Text(entry.name_offset, entry.name_size),
            Text(entry.value_offset, entry.value_size)};
  }
  Iterator begin() const { return Iterator(*this, 0); }
  Iterator end() const { return Iterator(*this, size()); }

  // The first value of `name`.
  std::optional<std::string_view> Get(std::string_view name) const;
  // REQUIRES: field != HttpField::kOther.
  std::optional<std::string_view> Get(HttpField field) const;

  // All values of `name`, joined with ", " (RFC 9110, section 5.3).
  std::optional<std::string> GetCombined(std::string_view name) const;

  bool Has(std::string_view name) const { return Get(name).has_value(); }
  bool Has(HttpField field) const { return (present_ & Bit(field)) != 0; }

  // Adds a header behind the others. Spaces around the value are dropped.
  // Neither argument may point into this object.
  absl::Status Append(std::string_view name, std::string_view value);

  // Replaces all headers of that name by one.
  absl::Status Set(std::string_view name, std::string_view value);

  // Removes all headers of that name; gives how many there were.
  size_t Delete(std::string_view name);

  // Removes everything; memory is kept for the next message.
  void Clear();

  // Appends all headers to `out` as they go over the wire, each with its line
  // break. `out` has room for wire_bytes() more.
  char* WriteTo(char* out) const;
  size_t wire_bytes() const { return wire_bytes_; }

  // What lies behind all views: of a parsed message the whole head.
  const std::string& text() const { return text_; }

  // Bytes of memory that are held.
  size_t capacity_bytes() const {
    return text_.capacity() + entries_.capacity() * sizeof(Entry);
  }
  // Gives them back. REQUIRES: empty().
  void ReleaseMemory();

 private:
  friend class HttpMessageParser;

  struct Entry {
    uint32_t name_offset;
    uint32_t name_size;
    uint32_t value_offset;
    uint32_t value_size;
    HttpField field;
  };

  // The parser's way in: it copies the message's head to text_ and adds the
  // fields by their offsets, without checks. It has checked.
  void AddParsed(size_t name_offset, size_t name_size, size_t value_offset,
                 size_t value_size, HttpField field);
  // The first value of `field` in `text`, while text_ does not hold the head
  // yet. REQUIRES: Has(field).
  std::string_view ParsedValue(HttpField field, std::string_view text) const;

  static uint32_t Bit(HttpField field) {
    return uint32_t{1} << static_cast<unsigned>(field);
  }
  std::string_view Text(uint32_t offset, uint32_t size) const {
    return {text_.data() + offset, size};
  }
  bool Matches(const Entry& entry, HttpField field,
               std::string_view name) const;
  void AppendChecked(std::string_view name, std::string_view value,
                     HttpField field);
  size_t Delete(std::string_view name, HttpField field);
  void Compact();

  std::string text_;
  std::vector<Entry> entries_;
  size_t wire_bytes_ = 0;
  uint32_t present_ = 0;  // A bit for each field that occurs.
  // Whether text_ is exactly what goes over the wire, entry behind entry.
  bool text_is_wire_ = true;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_HEADERS_H_
