#ifndef BRAID_IO_HTTP_SERVER_TEST_BASE_H_
#define BRAID_IO_HTTP_SERVER_TEST_BASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/clock.h"
#include "async/scope.h"
#include "gtest/gtest.h"
#include "io/http/server.h"
#include "io/loop.h"

namespace braid {

// A response as a client sees it, its body unchunked.
struct TestResponse {
  int status = 0;
  std::string head;  // With the empty line.
  std::string body;
  // Whether `head` has this line.
  bool Has(std::string_view line) const;
};

// A server on a loop that the test turns by hand, over the kernel's ring and
// real loopback sockets, in virtual time: nothing happens but in Pump() and
// PumpUntil(), and time passes only when the test says so. It is the kernel's
// because its peers are programs that speak to sockets, and so are these;
// server_sim_test.cc has the same server on a simulated one.
class HttpServerTest : public ::testing::Test {
 public:
  // Turns the loop until `done`. Gives up after a minute of real time without
  // it: false.
  bool PumpUntil(const std::function<bool()>& done);
  // Turns the loop often enough for what can happen without the test: loopback
  // delivers at once. (What the kernel gives to a thread, shutdown and file
  // operations, takes longer: PumpUntil().)
  void Pump(int turns = 50);
  // Lets time pass, and the timers that are due fire.
  void Advance(absl::Duration delay);
  // Lets time pass in small steps until `done`; gives how much has passed.
  absl::Duration AdvanceUntil(const std::function<bool()>& done);

 protected:
  HttpServerTest();
  ~HttpServerTest() override;

  void Start(HttpHandler handler, HttpServerOptions options = {});
  // Has the server serve one more port, and gives that.
  uint16_t ServeAnother();
  // Begins to drain; drained_ is its result.
  void StartDrain(absl::Duration grace);
  void CancelDrain() { drain_scope_->Cancel(); }
  // Cancels Serve() and waits for its end. No operation is in flight and no
  // buffer lent from then on.
  void Stop();
  // Destroys all tasks where they wait, and then the server.
  void Destroy();
  bool serving() const { return serving_ > 0; }

  ManualClock* clock_;
  Loop loop_;
  std::unique_ptr<HttpServer> server_;
  std::optional<Scope> scope_;
  std::optional<Scope> drain_scope_;
  uint16_t port_ = 0;
  // Of the listener, and by that of all connections; 0: the kernel's choice.
  int send_buffer_bytes_ = 0;
  absl::Status served_;  // Serve()'s result.
  std::optional<absl::Status> drained_;
  int serving_ = 0;
  uint64_t idle_operations_ = 0;  // In flight before the server was started.
};

// A peer made of a plain socket.
class TestClient {
 public:
  struct Options {
    // Whether it gives the server time to accept it.
    bool turn = true;
    int receive_buffer_bytes = 0;  // 0: the kernel's choice.
  };
  TestClient(HttpServerTest& test, uint16_t port)
      : TestClient(test, port, Options()) {}
  TestClient(HttpServerTest& test, uint16_t port, const Options& options);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  // Sends as much as the kernel takes at once; expects that to be everything.
  void Send(std::string_view text);
  // Sends as much as the kernel takes; gives how much that was.
  size_t TrySend(std::string_view text);
  // Nothing more will be sent; responses can still come.
  void ShutdownWrite();
  void Close();
  // Closes so that the server sees a reset.
  void Reset();

  // The next response. With `head_only` one to a HEAD request.
  TestResponse Read(bool head_only = false);
  // Everything up to the end of the connection.
  std::string ReadToEnd();
  // Whatever has come so far.
  std::string ReadAvailable();
  // Drops what has come, without turning the loop; gives how many bytes.
  size_t Drop();
  // Waits until `text` is in what has come; gives all of that.
  std::string ReadUntil(std::string_view text);
  // Whether the server has closed; after that, whether by a reset.
  bool WaitForEnd();
  bool ended() const { return ended_; }
  bool was_reset() const { return was_reset_; }

 private:
  // Receives once what is there. False when nothing is.
  bool Receive();
  std::string Take(size_t count);
  bool Has(size_t count);

  HttpServerTest& test_;
  int fd_;
  std::string received_;
  bool ended_ = false;
  bool was_reset_ = false;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_SERVER_TEST_BASE_H_
