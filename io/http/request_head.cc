#include "io/http/request_head.h"

#include "io/http/target.h"

namespace braid {
std::string_view HttpRequestHead::path() const {
  std::string_view rest = target();
  if (const auto absolute = SplitAbsoluteTarget(rest)) {
    rest = absolute->rest;
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
  if (const auto absolute = SplitAbsoluteTarget(target()))
    return absolute->authority;
  return headers_.Get(HttpField::kHost).value_or(std::string_view());
}

void HttpRequestHead::Clear() {
  ClearMessage();
  target_offset_ = target_size_ = 0;
  method_size_ = 0;
  method_ = HttpMethod::kOther;
  expects_continue_ = false;
}

}  // namespace braid
