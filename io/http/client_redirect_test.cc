// Redirects.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/http/client_test_base.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {
namespace {

std::string Redirect(int status, std::string_view location) {
  return absl::StrCat("HTTP/1.1 ", status, " Moved\r\nlocation: ", location,
                      "\r\ncontent-length: 4\r\n\r\nbody");
}

// Notes the head of each request on one connection and answers in turn.
Peer Noting(std::vector<std::string>& heads, std::vector<std::string> answers) {
  return [&heads, answers = std::move(answers)](
             TcpStream& stream) -> Task<absl::Status> {
    for (const std::string& answer : answers) {
      CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
      heads.emplace_back(lease.text());
      CO_RETURN_IF_ERROR(co_await stream.WriteAll(answer));
    }
    co_return co_await Silence(stream);
  };
}

TEST_F(HttpClientTest, RedirectsAreFollowedOnTheSameConnection) {
  std::vector<std::string> heads;
  Run({Noting(heads, {Redirect(302, "/b?c"), std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{
            .method = "POST", .url = "http://127.0.0.1/a#f", .body = "xyz"};
        CO_RETURN_IF_ERROR(request.headers.Append("content-type", "text/a"));
        CO_RETURN_IF_ERROR(request.headers.Append("authorization", "me"));
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        EXPECT_TRUE(response.redirected());
        EXPECT_EQ(response.url(), "http://127.0.0.1/b?c#f");
        EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
        co_return absl::OkStatus();
      });
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[1],
            "GET /b?c HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: me\r\n"
            "\r\n");
  EXPECT_EQ(accepted_, 1);
}

TEST_F(HttpClientTest, RedirectsBodyThatDripsIsNotWaitedFor) {
  const auto drip = [](TcpStream& stream) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR((co_await ReadHead(stream)).status());
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(
        "HTTP/1.1 302 Found\r\nlocation: /b#\r\n\r\n"));
    for (;;) {
      CO_RETURN_IF_ERROR(co_await stream.WriteAll("x"));
      CO_RETURN_IF_ERROR(co_await SleepFor(absl::Milliseconds(300)));
    }
  };
  Run({drip, Answering({std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        const MonotonicNanos before = loop_.clock().Now();
        CO_ASSIGN_OR_RETURN(
            HttpClientResponse response,
            co_await client.Fetch({.url = "http://127.0.0.1/a#f"}));
        EXPECT_EQ(response.url(), "http://127.0.0.1/b#");
        EXPECT_EQ(Text(co_await response.ReadAll()), "ok");
        EXPECT_LT(absl::Nanoseconds(loop_.clock().Now() - before),
                  absl::Seconds(2));
        co_return absl::OkStatus();
      });
}

TEST_F(HttpClientTest, RedirectKeepsMethodAndBodyWhereItMust) {
  for (int status : {307, 308}) {
    std::vector<std::string> heads;
    Run({Noting(heads, {Redirect(status, "/b"), std::string(kOk)})},
        [&](HttpClient& client) -> Task<absl::Status> {
          HttpClientRequest request{
              .method = "POST", .url = "http://127.0.0.1/a", .body = "xyz"};
          CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                              co_await client.Fetch(std::move(request)));
          co_return (co_await response.ReadAll()).status();
        });
    ASSERT_EQ(heads.size(), 2u);
    EXPECT_EQ(heads[1],
              "POST /b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3\r\n"
              "\r\nxyz");
  }
}

TEST_F(HttpClientTest, SecretsDoNotGoToAnotherOrigin) {
  std::vector<std::string> heads;
  Run({Noting(heads, {Redirect(307, "http://localhost/b")}),
       Noting(heads, {std::string(kOk)})},
      [&](HttpClient& client) -> Task<absl::Status> {
        HttpClientRequest request{.url = "http://127.0.0.1/a"};
        for (const char* name :
             {"Authorization", "Cookie", "Proxy-Authorization", "Host", "X-A"})
          CO_RETURN_IF_ERROR(request.headers.Append(name, "secret"));
        CO_ASSIGN_OR_RETURN(HttpClientResponse response,
                            co_await client.Fetch(std::move(request)));
        co_return (co_await response.ReadAll()).status();
      });
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[1],
            "GET /b HTTP/1.1\r\nhost: localhost\r\nX-A: secret\r\n\r\n");
}

TEST_F(HttpClientTest, RedirectsThatAreNotFollowed) {
  const auto answered = [&](std::string answer, HttpRedirects redirects,
                            bool streamed) {
    std::string result;
    Run({Answering(std::vector<std::string>(30, answer))},
        [&](HttpClient& client) -> Task<absl::Status> {
          HttpClientRequest request{.method = streamed ? "POST" : "GET",
                                    .url = "http://127.0.0.1/",
                                    .redirects = redirects};
          if (streamed) request.source = Pieces(1, 3);
          const absl::StatusOr<HttpClientResponse> response =
              co_await client.Fetch(std::move(request));
          result = response.ok() ? absl::StrCat(response->status())
                                 : std::string(response.status().message());
          co_return absl::OkStatus();
        });
    return result;
  };
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kManual, false),
            "302");
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kError, false),
            "unexpected redirect: 302 from http://127.0.0.1/");
  EXPECT_EQ(answered(Redirect(302, "/b"), HttpRedirects::kFollow, false),
            "redirect count exceeded: more than 20 (max_redirects)");
  EXPECT_EQ(answered(Redirect(302, "ftp://a/"), HttpRedirects::kFollow, false),
            "no http URL: ftp://a/");
  EXPECT_EQ(answered(Redirect(302, "http://["), HttpRedirects::kFollow, false),
            "no URL: \"http://[\"");
  EXPECT_EQ(answered(Redirect(307, "/b"), HttpRedirects::kFollow, true),
            "a redirect (307) of a body that cannot be sent again");
  EXPECT_EQ(answered("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
                     HttpRedirects::kFollow, false),
            "302");
}

}  // namespace
}  // namespace braid
