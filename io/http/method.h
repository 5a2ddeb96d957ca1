#ifndef BRAID_IO_HTTP_METHOD_H_
#define BRAID_IO_HTTP_METHOD_H_

#include <cstdint>

namespace braid {

// The methods that programs switch on. Others that IANA has registered
// (PROPFIND, REPORT, ...) reach the handler as kOther;
// HttpRequest::method_name() has every method's name. CONNECT and unknown
// methods never get there: 501.
enum class HttpMethod : uint8_t {
  kGet,
  kHead,
  kPost,
  kPut,
  kDelete,
  kPatch,
  kOptions,
  kTrace,
  kOther,
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_METHOD_H_
