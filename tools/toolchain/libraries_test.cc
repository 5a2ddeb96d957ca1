// Shows that the root's libraries, compiled by others with other flags, work
// together with code of this toolchain; under asan and tsan too.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <liburing.h>
#include <llhttp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ada.h"
#include "simdutf.h"

namespace braid {
namespace {

TEST(LibrariesTest, AbseilHashTablesGrowRehashAndErase) {
  // The layout of these tables depends on macros that sanitizers set; code in
  // Abseil's archives must agree with what the headers make here.
  absl::flat_hash_map<std::string, int> map;
  for (int i = 0; i < 10000; ++i) map[absl::StrCat("key", i)] = i;
  for (int i = 0; i < 10000; i += 2) map.erase(absl::StrCat("key", i));
  EXPECT_EQ(map.size(), 5000u);
  EXPECT_EQ(map.at("key4321"), 4321);
  absl::flat_hash_map<std::string, int> copy = map;
  map.clear();
  EXPECT_THAT(copy, testing::Contains(testing::Pair("key1", 1)));
}

TEST(LibrariesTest, AbseilStatusesStringsAndTimes) {
  const absl::StatusOr<int> failed = absl::NotFoundError("no such key");
  EXPECT_EQ(failed.status().ToString(), "NOT_FOUND: no such key");
  EXPECT_EQ(absl::StrFormat("%05.1f|%s", 2.25, "x"), "002.2|x");
  EXPECT_EQ(absl::FormatDuration(absl::Milliseconds(1500)), "1.5s");
  absl::Cord cord(std::string(100000, 'a'));
  cord.Append(std::string(100000, 'b'));
  EXPECT_EQ(cord.Subcord(99999, 2), "ab");
  absl::InlinedVector<std::string, 2> vector = {"a", "b", "c"};
  EXPECT_EQ(vector.back(), "c");
}

TEST(LibrariesDeathTest, AbseilChecksEndTheProgram) {
  EXPECT_DEATH(CHECK_EQ(1 + 1, 3) << "arithmetic", "1 \\+ 1 == 3 .*arithmetic");
}

TEST(LibrariesTest, DchecksAreOnWhereNdebugIsOff) {
#ifdef NDEBUG
  DCHECK(false) << "must not be evaluated";
#else
  EXPECT_DEATH(DCHECK(false), "false");
#endif
}

TEST(LibrariesTest, RingAcceptsAConnectionOnLoopback) {
  io_uring ring;
  ASSERT_EQ(io_uring_queue_init(8, &ring, 0), 0);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size),
            0);

  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  io_uring_prep_accept(io_uring_get_sqe(&ring), listener, nullptr, nullptr,
                       SOCK_CLOEXEC);
  io_uring_prep_connect(io_uring_get_sqe(&ring), client,
                        reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ASSERT_EQ(io_uring_submit_and_wait(&ring, 2), 2);
  for (int i = 0; i < 2; ++i) {
    io_uring_cqe* cqe = nullptr;
    ASSERT_EQ(io_uring_wait_cqe(&ring, &cqe), 0);
    EXPECT_GE(cqe->res, 0);
    if (cqe->res > 0) close(cqe->res);
    io_uring_cqe_seen(&ring, cqe);
  }
  close(client);
  close(listener);
  io_uring_queue_exit(&ring);
}

TEST(LibrariesTest, LlhttpParsesARequest) {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings);
  const std::string request = "GET /path HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(llhttp_execute(&parser, request.data(), request.size()), HPE_OK);
  EXPECT_EQ(parser.method, HTTP_GET);
}

TEST(LibrariesTest, AdaParsesAUrl) {
  const auto url =
      ada::parse<ada::url_aggregator>("https://example.org:8080/a/../b?c#d");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->get_href(), "https://example.org:8080/b?c#d");
}

TEST(LibrariesTest, SimdutfValidates) {
  EXPECT_TRUE(simdutf::validate_utf8("gr\xc3\xbc\xc3\x9f", 6));
  EXPECT_FALSE(simdutf::validate_utf8("\xff", 1));
}

TEST(LibrariesTest, ZlibComputesACrc) {
  EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>("123456789"), 9),
            0xCBF43926u);
}

}  // namespace
}  // namespace braid
