#ifndef BRAID_JSBIND_WEB_REQUEST_URLS_H_
#define BRAID_JSBIND_WEB_REQUEST_URLS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace braid {

// Makes the URLs that requests are for, serialised as the URL standard has it:
// "/a/../b" becomes "/b", a default port is left out, and what no URL holds is
// percent-encoded. Most stay as they are; they are looked through, not parsed.
class RequestUrls {
 public:
  // `target` and `authority` as HttpRequestHead gives them. An authority that
  // is empty, or that no URL can have, counts as "localhost" with `port`.
  std::string Make(std::string_view target, std::string_view authority,
                   uint16_t port);

 private:
  // The last one that stands in a URL as it is. A server is called by few
  // names.
  std::string plain_authority_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_REQUEST_URLS_H_
