#ifndef BRAID_IO_HTTP_TARGET_H_
#define BRAID_IO_HTTP_TARGET_H_

#include <optional>
#include <string_view>

namespace braid {

// A request's target in absolute form, taken apart:
// "http", "host:8080" and "/a?b" of "http://host:8080/a?b".
struct AbsoluteTarget {
  std::string_view scheme;
  std::string_view authority;
  std::string_view rest;  // Path and query; may be empty.
};

// Nothing for a target in another form. What the parts are made of is not
// checked.
inline std::optional<AbsoluteTarget> SplitAbsoluteTarget(
    std::string_view target) {
  constexpr std::string_view kAuthorityMark = "://";
  if (target.empty() || target.front() == '/' || target.front() == '*')
    return std::nullopt;
  const size_t mark = target.find(kAuthorityMark);
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(mark + kAuthorityMark.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  return AbsoluteTarget{target.substr(0, mark), authority, rest};
}

}  // namespace braid

#endif  // BRAID_IO_HTTP_TARGET_H_
