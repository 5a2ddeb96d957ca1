#include "io/http/http_url.h"

#include <ada.h>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace braid {

absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text,
                                     std::string_view base) {
  ada::result<ada::url_aggregator> parsed_base;
  if (!base.empty()) parsed_base = ada::parse<ada::url_aggregator>(base);
  const auto parsed = ada::parse<ada::url_aggregator>(
      text, base.empty() || !parsed_base ? nullptr : &*parsed_base);
  if (!parsed)
    return absl::InvalidArgumentError(absl::StrCat("no URL: \"", text, "\""));
  if (parsed->get_protocol() == "https:") {
    return absl::UnimplementedError(
        absl::StrCat("TLS is not spoken yet: ", parsed->get_href()));
  }
  if (parsed->get_protocol() != "http:") {
    return absl::InvalidArgumentError(
        absl::StrCat("no http URL: ", parsed->get_href()));
  }
  if (parsed->has_credentials()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a URL with credentials (set the header Authorization "
                     "instead): http://...@",
                     parsed->get_host()));
  }
  HttpUrl url;
  url.href = parsed->get_href();
  url.authority = parsed->get_host();
  url.host = parsed->get_hostname();
  if (url.host.starts_with('['))
    url.host = url.host.substr(1, url.host.size() - 2);
  url.target = absl::StrCat(parsed->get_pathname(), parsed->get_search());
  if (parsed->has_hash())
    url.fragment = parsed->get_href().substr(parsed->get_href().find('#'));
  if (int port; absl::SimpleAtoi(parsed->get_port(), &port))
    url.port = static_cast<uint16_t>(port);
  return url;
}

}  // namespace braid
