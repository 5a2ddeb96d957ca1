#include "io/http/render.h"

#include <string>

#include "gtest/gtest.h"
#include "io/http/status_text.h"

namespace braid {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string Render(ResponseHead head, const HttpHeaders& headers = {}) {
  OutputBuffer out;
  head.date = kDate;
  RenderHead(out, head, headers);
  return std::string(out.view());
}

TEST(RenderTest, StatusDateHeadersAndLength) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("content-type", "text/plain"), absl::OkStatus());
  EXPECT_EQ(Render({.length = 13}, headers),
            "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "content-type: text/plain\r\ncontent-length: 13\r\n\r\n");
}

TEST(RenderTest, EveryFraming) {
  EXPECT_EQ(
      Render({.status = 204, .framing = HttpFraming::kNone}),
      "HTTP/1.1 204 No Content\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  EXPECT_EQ(Render({.status = 404, .framing = HttpFraming::kChunked}),
            "HTTP/1.1 404 Not Found\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "transfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(Render({.framing = HttpFraming::kUntilClose,
                    .persistence = HttpPersistence::kClose}),
            "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "connection: close\r\n\r\n");
  EXPECT_EQ(Render({.length = 0, .persistence = HttpPersistence::kKeepAlive}),
            "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "content-length: 0\r\nconnection: keep-alive\r\n\r\n");
}

TEST(RenderTest, WhatTheHandlerSetGoesBefore) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("Date", "today"), absl::OkStatus());
  ASSERT_EQ(headers.Append("Content-Length", "7"), absl::OkStatus());
  EXPECT_EQ(Render({.length = 13}, headers),
            "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 7\r\n\r\n");
}

TEST(RenderTest, AStatusWithoutAName) {
  EXPECT_EQ(Render({.status = 599, .framing = HttpFraming::kNone}),
            "HTTP/1.1 599 \r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(RenderTest, EveryStatusAndTheLargestLengthFit) {
  for (int status = 200; status <= 599; ++status) {
    const std::string head =
        Render({.status = status,
                .length = ~uint64_t{0},
                .persistence = HttpPersistence::kKeepAlive});
    EXPECT_NE(head.find("content-length: 18446744073709551615\r\n"),
              std::string::npos);
  }
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(299), "");
}

TEST(RenderTest, ResponsesGatherInOneBuffer) {
  OutputBuffer out;
  HttpHeaders headers;
  const std::string one = Render({.length = 1});
  std::string all;
  for (int i = 0; i < 100; ++i) {
    RenderHead(out, {.length = 1, .date = kDate}, headers);
    out.Append("x");
    all += one + "x";
  }
  EXPECT_EQ(out.view(), all);
  const size_t capacity = out.capacity();
  out.Clear();
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.capacity(), capacity);
  out.ReleaseMemory();
  EXPECT_EQ(out.capacity(), 0u);
}

TEST(RenderTest, ChunkSizesAreHexadecimal) {
  OutputBuffer out;
  RenderChunkSize(out, 1);
  RenderChunkSize(out, 255);
  RenderChunkSize(out, ~uint64_t{0});
  EXPECT_EQ(out.view(), "1\r\nff\r\nffffffffffffffff\r\n");
}

}  // namespace
}  // namespace braid
