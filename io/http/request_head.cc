#include "io/http/request_head.h"

namespace braid {
namespace {

constexpr std::string_view kAuthorityMark = "://";

// The position behind the authority of an absolute target, or 0 for a target
// that has none.
size_t AuthorityEnd(std::string_view target) {
  if (target.empty() || target.front() == '/' || target.front() == '*')
    return 0;
  const size_t mark = target.find(kAuthorityMark);
  if (mark == std::string_view::npos) return 0;
  const size_t end = target.find_first_of("/?", mark + kAuthorityMark.size());
  return end == std::string_view::npos ? target.size() : end;
}

}  // namespace

std::string_view HttpRequestHead::path() const {
  std::string_view rest = target();
  if (const size_t authority_end = AuthorityEnd(rest); authority_end > 0) {
    rest.remove_prefix(authority_end);
    if (rest.empty() || rest.front() == '?') return "/";
  }
  return rest.substr(0, rest.find('?'));
}

std::string_view HttpRequestHead::query() const {
  const std::string_view whole = target();
  const size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view()
                                        : whole.substr(mark + 1);
}

std::string_view HttpRequestHead::authority() const {
  const std::string_view whole = target();
  if (const size_t end = AuthorityEnd(whole); end > 0) {
    const size_t begin = whole.find(kAuthorityMark) + kAuthorityMark.size();
    return whole.substr(begin, end - begin);
  }
  return headers_.Get(HttpField::kHost).value_or(std::string_view());
}

void HttpRequestHead::Clear() {
  headers_.Clear();
  target_offset_ = target_size_ = 0;
  method_size_ = 0;
  method_ = HttpMethod::kOther;
  content_length_ = 0;
  chunked_ = expects_continue_ = keep_alive_ = false;
}

}  // namespace braid
