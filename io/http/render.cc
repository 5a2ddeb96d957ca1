#include "io/http/render.h"

#include <charconv>
#include <cstring>

#include "absl/log/check.h"
#include "io/http/chars.h"
#include "io/http/status_text.h"

namespace braid {
namespace {

constexpr std::string_view kOkLine = "HTTP/1.1 200 OK\r\n";
constexpr size_t kStatusLineBytesMax = 64;
// Date, framing, Connection, the empty line.
constexpr size_t kOwnLinesBytesMax = 160;
constexpr size_t kNumberBytesMax = 20;

char* Write(char* out, std::string_view text) {
  // The data of an empty view may be null, which memcpy does not take.
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* WriteNumber(char* out, uint64_t number, int base = 10) {
  return std::to_chars(out, out + kNumberBytesMax, number, base).ptr;
}

char* WriteStatusLine(char* out, int status) {
  if (status == 200) [[likely]]
    return Write(out, kOkLine);
  const std::string_view reason = ReasonPhrase(status);
  DCHECK_LE(reason.size() + 16, kStatusLineBytesMax);
  out = Write(out, "HTTP/1.1 ");
  out = WriteNumber(out, static_cast<uint64_t>(status));
  out = Write(out, " ");
  out = Write(out, reason);
  return Write(out, kLineBreak);
}

}  // namespace

void RenderHead(OutputBuffer& out, const ResponseHead& head,
                const HttpHeaders& headers) {
  DCHECK(!headers.Has(HttpField::kConnection) &&
         !headers.Has(HttpField::kTransferEncoding));
  char* end = out.Reserve(kStatusLineBytesMax + kOwnLinesBytesMax +
                          headers.wire_bytes());
  end = WriteStatusLine(end, head.status);
  if (!headers.Has(HttpField::kDate)) {
    end = Write(end, "date: ");
    end = Write(end, head.date);
    end = Write(end, kLineBreak);
  }
  end = headers.WriteTo(end);
  if (head.framing == HttpFraming::kLength &&
      !headers.Has(HttpField::kContentLength)) {
    end = Write(end, "content-length: ");
    end = WriteNumber(end, head.length);
    end = Write(end, kLineBreak);
  } else if (head.framing == HttpFraming::kChunked) {
    end = Write(end, "transfer-encoding: chunked\r\n");
  }
  if (head.persistence == HttpPersistence::kClose) {
    end = Write(end, "connection: close\r\n");
  } else if (head.persistence == HttpPersistence::kKeepAlive) {
    end = Write(end, "connection: keep-alive\r\n");
  }
  out.Commit(Write(end, kLineBreak));
}

void RenderChunkSize(OutputBuffer& out, uint64_t size) {
  char* end =
      WriteNumber(out.Reserve(kNumberBytesMax + kLineBreak.size()), size, 16);
  out.Commit(Write(end, kLineBreak));
}

}  // namespace braid
