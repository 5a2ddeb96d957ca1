#include "io/http/server.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/event.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "io/http/server_test_base.h"

namespace braid {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<absl::Status> Hello(HttpRequest&, HttpResponse& response) {
  co_return response.Reply(200, "text/plain", "Hello, World!");
}

// Answers with method and target, and with the headers and the body if any.
Task<absl::Status> Echo(HttpRequest& request, HttpResponse& response) {
  std::string text = absl::StrCat(request.method_name(), " ", request.target());
  CO_ASSIGN_OR_RETURN(const std::string body,
                      co_await request.body().ReadAll());
  if (!body.empty()) absl::StrAppend(&text, " ", body);
  co_return response.Reply(200, "text/plain", text);
}

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  Start(Hello);
  TestClient client(*this, port_);
  for (int i = 0; i < 3; ++i) {
    client.Send(kGet);
    const TestResponse response = client.Read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "Hello, World!");
    EXPECT_EQ(response.head,
              "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:01 GMT\r\n"
              "content-type: text/plain\r\ncontent-length: 13\r\n\r\n");
  }
  EXPECT_EQ(server_->stats().accepted, 1u);
  EXPECT_EQ(server_->stats().requests, 3u);
}

TEST_F(HttpServerTest, RequestThatComesByteByByte) {
  Start(Echo);
  TestClient client(*this, port_);
  for (char c : std::string_view(
           "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")) {
    client.Send(std::string_view(&c, 1));
    Pump(5);
  }
  EXPECT_EQ(client.Read().body, "POST /x abc");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOneWrite) {
  Start(Echo);
  TestClient client(*this, port_);
  std::string requests;
  for (int i = 0; i < 16; ++i) {
    absl::StrAppend(&requests, "GET /", i, " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  client.Send(requests);
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(client.Read().body, absl::StrCat("GET /", i));
  EXPECT_EQ(server_->stats().writes, 1u);
}

TEST_F(HttpServerTest, PipelinedBodies) {
  Start(Echo);
  TestClient client(*this, port_);
  client.Send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read().body, "POST /1 abc");
  EXPECT_EQ(client.Read().body, "POST /2 def");
  EXPECT_EQ(client.Read().body, "GET /3");
  EXPECT_EQ(server_->stats().writes, 1u);
}

TEST_F(HttpServerTest, GatheredResponsesAreBounded) {
  HttpServerOptions options;
  options.max_gathered_bytes = 1000;
  Start(
      [](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
        response.set_body(std::string(400, 'x'));
        co_return absl::OkStatus();
      },
      options);
  TestClient client(*this, port_);
  std::string requests;
  for (int i = 0; i < 12; ++i) requests += kGet;
  client.Send(requests);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(client.Read().body.size(), 400u);
  EXPECT_EQ(server_->stats().writes, 4u);  // Three of 478 bytes are above 1000.
}

TEST_F(HttpServerTest, HeadGetsTheHeadersOfGetAndNoBody) {
  Start(Hello);
  TestClient client(*this, port_);
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const TestResponse response = client.Read(/*head_only=*/true);
  EXPECT_TRUE(response.Has("content-length: 13"));
  client.Send(kGet);
  EXPECT_EQ(client.Read().body, "Hello, World!");
}

TEST_F(HttpServerTest, StatusWithoutBody) {
  int status = 204;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    co_return response.Reply(status, "text/plain", "not sent");
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  TestResponse response = client.Read();
  EXPECT_EQ(response.status, 204);
  EXPECT_THAT(response.head, Not(HasSubstr("content-length")));
  status = 304;
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 304);
  EXPECT_EQ(client.ReadAvailable(), "");
}

TEST_F(HttpServerTest, ClosesWhenTheRequestSaysSo) {
  Start(Hello);
  TestClient client(*this, port_);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const TestResponse response = client.Read();
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpServerTest, NothingBehindACloseIsAnswered) {
  Start(Hello);
  TestClient client(*this, port_);
  client.Send(absl::StrCat(
      kGet, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", kGet));
  EXPECT_EQ(client.Read().body, "Hello, World!");
  EXPECT_TRUE(client.Read().Has("connection: close"));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(server_->stats().requests, 2u);
}

TEST_F(HttpServerTest, ClosesWhenTheHandlerSaysSo) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(response.headers().Set("Connection", "foo, Close"));
    CO_RETURN_IF_ERROR(response.headers().Set("Transfer-Encoding", "gzip"));
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  const TestResponse response = client.Read();
  EXPECT_TRUE(response.Has("connection: close"));
  EXPECT_THAT(response.head, Not(HasSubstr("gzip")));
  EXPECT_TRUE(client.WaitForEnd());
}

// A peer that did not ask for the end may be sending its next request.
TEST_F(HttpServerTest, ServerThatClosesByItselfLetsThePeerReadFirst) {
  Start([](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    CO_RETURN_IF_ERROR(response.headers().Set("connection", "close"));
    co_return response.Reply(200, "text/plain", "the last");
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().writes == 1; }));
  Pump();
  client.Send(kGet);
  Pump();
  client.Send(kGet);
  EXPECT_EQ(client.Read().body, "the last");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.was_reset());
  client.Close();
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
  EXPECT_EQ(server_->stats().requests, 1u);
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedToKeepAlive) {
  Start(Hello);
  TestClient keeping(*this, port_);
  keeping.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(keeping.Read().Has("connection: keep-alive"));
  keeping.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(keeping.Read().Has("connection: close"));
  EXPECT_TRUE(keeping.WaitForEnd());
}

TEST_F(HttpServerTest, RefusalComesBehindEarlierResponsesAndIsSeen) {
  Start(Hello);
  TestClient client(*this, port_);
  // More than is parsed follows: closing at once would reset the connection.
  client.Send(absl::StrCat(kGet, kGet, "BAD REQUEST\r\n\r\n",
                           std::string(40'000, 'x')));
  EXPECT_EQ(client.Read().body, "Hello, World!");
  EXPECT_EQ(client.Read().body, "Hello, World!");
  const TestResponse refusal = client.Read();
  EXPECT_EQ(refusal.status, 501);
  EXPECT_EQ(refusal.body, "501 Not Implemented: unknown method\n");
  EXPECT_TRUE(refusal.Has("connection: close"));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(server_->stats().requests, 2u);
  EXPECT_EQ(server_->stats().refused, 1u);
  EXPECT_EQ(server_->stats().writes, 1u);
  client.Close();
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 0; }));
}

TEST_F(HttpServerTest, RefusalOfAHeadRequestHasNoBody) {
  Start(Hello);
  for (std::string_view request :
       {"HEAD / HTTP/1.1\r\n\r\n", "HEAD /\x01 HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.1\r\nX Y: 1\r\n\r\n"}) {
    TestClient client(*this, port_);
    client.Send(request);
    EXPECT_EQ(client.Read(/*head_only=*/true).status, 400);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  // What follows a HEAD request is none.
  TestClient client(*this, port_);
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n\n\n\n\n\n");
  EXPECT_EQ(client.Read(/*head_only=*/true).status, 200);
  EXPECT_EQ(client.Read().body,
            "400 Bad Request: line breaks instead of a request\n");
}

TEST_F(HttpServerTest, ServerStopsLingeringAfterATimeAndASize) {
  Start(Hello);
  TestClient silent(*this, port_);
  silent.Send("BAD\r\n\r\n");
  EXPECT_EQ(silent.Read().status, 501);
  EXPECT_GE(AdvanceUntil([&] { return server_->stats().connections == 0; }),
            absl::Seconds(2));

  TestClient flooding(*this, port_);
  flooding.Send("BAD\r\n\r\n");
  size_t sent = 0;
  EXPECT_TRUE(PumpUntil([&] {
    sent += flooding.TrySend(std::string(4096, 'x'));
    return server_->stats().connections == 0;
  }));
  EXPECT_GE(sent, 128u << 10);
}

TEST_F(HttpServerTest, HandlerThatFailsGives500AndTheConnectionStays) {
  int calls = 0;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    if (++calls == 1) {
      EXPECT_EQ(response.Reply(200, "x/secret", "secret"), absl::OkStatus());
      co_return absl::NotFoundError("secret");
    }
    if (calls == 2) throw std::runtime_error("secret");
    if (calls == 3) throw 7;
    if (calls == 4) {
      response.set_status(99);
      co_return absl::OkStatus();
    }
    if (calls == 5) {
      response.set_body("abc");
      co_return response.headers().Set("content-length", "4");
    }
    if (calls == 6) co_return response.headers().Set("content-length", "x");
    co_return response.Reply(200, "text/plain", "fine");
  });
  TestClient client(*this, port_);
  for (int i = 1; i <= 6; ++i) {
    client.Send(kGet);
    const TestResponse response = client.Read();
    EXPECT_EQ(response.status, 500) << i;
    EXPECT_EQ(response.body, "500 Internal Server Error\n");
    EXPECT_THAT(response.head, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(server_->stats().handler_failures, 6u);
  client.Send(kGet);
  EXPECT_EQ(client.Read().body, "fine");
}

TEST_F(HttpServerTest, ResponseDoesNotInheritFromTheOneBefore) {
  int calls = 0;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    if (++calls > 1) co_return absl::OkStatus();
    CO_RETURN_IF_ERROR(response.headers().Set("x-first", "1"));
    co_return response.Reply(201, "text/plain", "first");
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 201);
  client.Send(kGet);
  const TestResponse second = client.Read();
  EXPECT_EQ(second.head,
            "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:01 "
            "GMT\r\ncontent-length: 0\r\n\r\n");
}

TEST_F(HttpServerTest, LongBodiesAreSentWithoutBeingGathered) {
  const std::string body(3 << 20, 'b');
  int calls = 0;
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    if (++calls % 2 == 1) {
      response.take_body(body);
      co_return absl::OkStatus();
    }
    co_return co_await response.Send(body);
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet, kGet));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.Read().body == body);
}

TEST_F(HttpServerTest, SendOfAShortBodyIsGathered) {
  const std::string body = "short";
  Start([&](HttpRequest&, HttpResponse& response) -> Task<absl::Status> {
    response.set_status(202);
    CO_RETURN_IF_ERROR(co_await response.Send(body));
    EXPECT_TRUE(response.head_sent());
    EXPECT_EQ((co_await response.Send(body)).code(),
              absl::StatusCode::kInternal);
    EXPECT_EQ((co_await response.Write(body)).code(),
              absl::StatusCode::kInternal);
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send(absl::StrCat(kGet, kGet, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.Read().body, "short");
  EXPECT_EQ(client.Read().body, "short");
  EXPECT_TRUE(client.Read(/*head_only=*/true).Has("content-length: 5"));
  EXPECT_EQ(server_->stats().writes, 1u);
}

TEST_F(HttpServerTest, PeerAddress) {
  std::string address;
  Start([&](HttpRequest& request, HttpResponse&) -> Task<absl::Status> {
    address = request.peer_address().host();
    co_return absl::OkStatus();
  });
  TestClient client(*this, port_);
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(address, "127.0.0.1");
}

TEST_F(HttpServerTest, ThousandConnections) {
  Start(Echo);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 1'000; ++i) {
    clients.push_back(std::make_unique<TestClient>(*this, port_));
    clients.back()->Send(
        absl::StrCat("GET /", i, " HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  for (int i = 999; i >= 0; --i)
    EXPECT_EQ(clients[i]->Read().body, absl::StrCat("GET /", i));
  EXPECT_EQ(server_->stats().connections, 1'000u);
  for (int i = 0; i < 1'000; ++i) {
    clients[i]->Send(
        absl::StrCat("GET /again", i, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    if (i % 3 == 0) clients[i]->Close();
  }
  for (int i = 0; i < 1'000; ++i) {
    if (i % 3 != 0)
      EXPECT_EQ(clients[i]->Read().body, absl::StrCat("GET /again", i));
  }
  EXPECT_TRUE(PumpUntil([&] { return server_->stats().connections == 666; }));
}

}  // namespace
}  // namespace braid
