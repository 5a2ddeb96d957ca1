#ifndef BRAID_IO_HTTP_PARSER_TESTING_H_
#define BRAID_IO_HTTP_PARSER_TESTING_H_

#include <string>
#include <string_view>
#include <vector>

#include "io/http/options.h"

namespace braid {

// Helpers for tests of HttpParser.

// Parses `pieces` and writes down everything that happened, body pieces joined
// together. "400 ..." stands for a refusal.
std::string Transcript(const std::vector<std::string_view>& pieces,
                       const HttpServerOptions& options = {});

// The transcript of `text`, after seeing that it stays the same however the
// text is cut in two, and when it comes byte by byte.
std::string Parse(std::string_view text, const HttpServerOptions& options = {});

// The transcript of a GET with these header lines, each with its line break.
std::string ParseHeaders(std::string_view lines);

// The transcript of a chunked body, without that of its head.
std::string ParseChunked(std::string_view body,
                         const HttpServerOptions& options = {});

}  // namespace braid

#endif  // BRAID_IO_HTTP_PARSER_TESTING_H_
