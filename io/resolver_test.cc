#include "io/resolver.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/combinators.h"
#include "async/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/dns_testing.h"
#include "io/errno_status.h"
#include "io/sim_world.h"
#include "io/testing.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using Addresses = std::vector<SocketAddress>;

std::vector<std::string> Texts(const absl::StatusOr<Addresses>& addresses) {
  if (!addresses.ok()) return {addresses.status().ToString()};
  std::vector<std::string> texts;
  for (const SocketAddress& address : *addresses)
    texts.push_back(address.text());
  return texts;
}

class ResolverTest : public ::testing::Test {
 protected:
  // Knows the test's server alone, and no file of the machine's.
  ResolverOptions Options() {
    return {.servers = {server_.address()},
            .hosts_path = hosts_path_,
            .resolv_conf_path = "/nonexistent/resolv.conf"};
  }
  Resolver Make(ResolverOptions options) {
    absl::StatusOr<Resolver> resolver =
        Resolver::Make(loop_, std::move(options));
    CHECK_OK(resolver);
    return *std::move(resolver);
  }
  Resolver Make() { return Make(Options()); }

  void WriteHosts(std::string_view text) {
    hosts_path_ = TestPath("hosts");
    std::ofstream(hosts_path_) << text;
  }

  absl::StatusOr<Addresses> Lookup(Resolver& resolver, const std::string& host,
                                   LookupOptions options = {}) {
    return loop_.Run(resolver.Lookup(host, 80, options));
  }
  absl::StatusOr<std::vector<DnsRecord>> Query(Resolver& resolver,
                                               const std::string& name,
                                               DnsType type) {
    return loop_.Run(resolver.Query(name, type));
  }

  DnsTestServer server_;
  Loop loop_{SystemWorld()};
  std::string hosts_path_ = "/nonexistent/hosts";
};

TEST_F(ResolverTest, ASimulatedMachineHasNumericAddressesAlone) {
  Loop loop(SimulatedWorld(SimOptions()));
  absl::StatusOr<Resolver> resolver = Resolver::Make(loop);
  ASSERT_TRUE(resolver.ok());
  EXPECT_THAT(Texts(loop.Run(resolver->Lookup("::1", 80))),
              ElementsAre("[::1]:80"));
  EXPECT_TRUE(
      absl::IsUnimplemented(loop.Run(resolver->Lookup("a.test", 80)).status()));
}

TEST_F(ResolverTest, NumericAddressesAskNobody) {
  Resolver resolver = Make();
  EXPECT_THAT(Texts(Lookup(resolver, "192.0.2.7")),
              ElementsAre("192.0.2.7:80"));
  EXPECT_THAT(Texts(Lookup(resolver, "2001:db8::1")),
              ElementsAre("[2001:db8::1]:80"));
  const absl::Status other =
      Lookup(resolver, "192.0.2.7", {.family = AddressFamily::kIpv6}).status();
  EXPECT_EQ(DnsCodeOf(other), "ENOTFOUND");
  EXPECT_EQ(server_.udp_questions(), 0);
}

TEST_F(ResolverTest, AddressesOfBothFamiliesInTheOrderThatIsAskedFor) {
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.3"));
  server_.Add("a.test", DnsType::kAaaa, DnsAddressData("2001:db8::2"));
  Resolver resolver = Make();
  EXPECT_THAT(
      Texts(Lookup(resolver, "a.test")),
      UnorderedElementsAre("127.0.0.2:80", "127.0.0.3:80", "[2001:db8::2]:80"));
  const absl::StatusOr<Addresses> ipv4_first =
      Lookup(resolver, "a.test", {.order = AddressOrder::kIpv4First});
  ASSERT_EQ(Texts(ipv4_first).size(), 3u);
  EXPECT_EQ(Texts(ipv4_first)[2], "[2001:db8::2]:80");
  const absl::StatusOr<Addresses> ipv6_first =
      Lookup(resolver, "a.test", {.order = AddressOrder::kIpv6First});
  ASSERT_EQ(Texts(ipv6_first).size(), 3u);
  EXPECT_EQ(Texts(ipv6_first)[0], "[2001:db8::2]:80");
  EXPECT_THAT(
      Texts(Lookup(resolver, "a.test", {.family = AddressFamily::kIpv6})),
      ElementsAre("[2001:db8::2]:80"));
  EXPECT_THAT(
      Texts(Lookup(resolver, "A.Test", {.family = AddressFamily::kIpv4})),
      UnorderedElementsAre("127.0.0.2:80", "127.0.0.3:80"));
}

TEST_F(ResolverTest, AnAliasAmongTheAnswersIsNoAddress) {
  server_.Add("www.test", DnsType::kCname, DnsNameData("host.test"));
  server_.Add("www.test", DnsType::kA, DnsAddressData("127.0.0.9"));
  Resolver resolver = Make();
  const auto records = Query(resolver, "www.test", DnsType::kA);
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(std::get<SocketAddress>((*records)[0].data).host(), "127.0.0.9");
}

TEST_F(ResolverTest, WhatTheHostsFileSaysComesFirst) {
  WriteHosts("127.0.0.5 a.test alias.test\n::5 six.test\n");
  server_.Add("a.test", DnsType::kA, DnsAddressData("192.0.2.1"));
  Resolver resolver = Make();
  EXPECT_THAT(Texts(Lookup(resolver, "a.test")), ElementsAre("127.0.0.5:80"));
  EXPECT_THAT(Texts(Lookup(resolver, "alias.test")),
              ElementsAre("127.0.0.5:80"));
  EXPECT_THAT(Texts(Lookup(resolver, "six.test")), ElementsAre("[::5]:80"));
  EXPECT_EQ(server_.udp_questions(), 0);
}

TEST_F(ResolverTest, LocalhostIsLoopbackWithoutAsking) {
  server_.Add("localhost", DnsType::kA, DnsAddressData("192.0.2.66"));
  server_.Add("db.localhost", DnsType::kA, DnsAddressData("192.0.2.66"));
  Resolver resolver = Make();
  for (const char* name : {"localhost", "db.localhost", "LOCALHOST"}) {
    EXPECT_THAT(Texts(Lookup(resolver, name)),
                UnorderedElementsAre("127.0.0.1:80", "[::1]:80"))
        << name;
    EXPECT_THAT(Texts(Lookup(resolver, name, {.family = AddressFamily::kIpv4})),
                ElementsAre("127.0.0.1:80"));
  }
  EXPECT_EQ(server_.udp_questions(), 0);
}

TEST_F(ResolverTest, NamesOfOnionDoNotLeak) {
  Resolver resolver = Make();
  EXPECT_EQ(DnsCodeOf(Lookup(resolver, "secret.onion").status()), "ENOTFOUND");
  EXPECT_EQ(server_.udp_questions(), 0);
}

TEST_F(ResolverTest, ErrorsKeepTheirCodeFunctionAndName) {
  server_.Fail("broken.test", 2);
  server_.Fail("refused.test", 5);
  server_.Add("mail.test", DnsType::kMx,
              DnsNumber16(10) + DnsNameData("mx.test"));
  Resolver resolver = Make();
  const absl::Status missing = Lookup(resolver, "no.test").status();
  EXPECT_EQ(DnsCodeOf(missing), "ENOTFOUND");
  EXPECT_EQ(SyscallOf(missing), "getaddrinfo");
  EXPECT_EQ(SubjectOf(missing), "no.test");
  EXPECT_THAT(missing.message(),
              HasSubstr("getaddrinfo no.test: Domain name not found"));
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(ErrnoOf(missing), 0);

  const absl::Status broken = Lookup(resolver, "broken.test").status();
  EXPECT_EQ(DnsCodeOf(broken), "ESERVFAIL");
  EXPECT_TRUE(absl::IsUnavailable(broken));
  EXPECT_EQ(DnsCodeOf(Query(resolver, "refused.test", DnsType::kA).status()),
            "EREFUSED");
  const absl::Status no_data =
      Query(resolver, "mail.test", DnsType::kTxt).status();
  EXPECT_EQ(DnsCodeOf(no_data), "ENODATA");
  EXPECT_EQ(SyscallOf(no_data), "queryTxt");
  EXPECT_EQ(DnsCodeOf(absl::OkStatus()), "");
}

TEST_F(ResolverTest, WhatCanBeNoNameIsRefusedBeforeAnybodyIsAsked) {
  server_.Add("a.test", DnsType::kA, DnsAddressData("192.0.2.1"));
  Resolver resolver = Make();
  const std::string cut("a.test\0.good.test", 17);
  const std::string label(64, 'x');
  for (const std::string& name :
       {std::string(), cut, label + ".test", std::string("a..test")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Lookup(resolver, name).status()))
        << name;
    EXPECT_TRUE(
        absl::IsInvalidArgument(Query(resolver, name, DnsType::kA).status()))
        << name;
  }
  EXPECT_EQ(server_.udp_questions(), 0);
}

TEST_F(ResolverTest, AServerThatDoesNotAnswerIsATimeout) {
  server_.Ignore("slow.test");
  ResolverOptions options = Options();
  options.timeout = absl::ZeroDuration();  // As short as c-ares allows.
  options.tries = 1;
  Resolver resolver = Make(options);
  const absl::Status status =
      Query(resolver, "slow.test", DnsType::kA).status();
  EXPECT_EQ(DnsCodeOf(status), "ETIMEOUT");
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_EQ(server_.udp_questions(), 1);
}

TEST_F(ResolverTest, AServerIsAskedAsOftenAsTheOptionsSay) {
  server_.Fail("broken.test", 2);
  ResolverOptions options = Options();
  options.tries = 4;
  Resolver resolver = Make(options);
  EXPECT_EQ(DnsCodeOf(Query(resolver, "broken.test", DnsType::kA).status()),
            "ESERVFAIL");
  EXPECT_EQ(server_.udp_questions(), 4);
}

TEST_F(ResolverTest, WithoutAFreeDescriptorTheQuestionFailsAndTheNextIsAsked) {
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  Resolver resolver = Make();
  ASSERT_EQ(DnsCodeOf(Query(resolver, "no.test", DnsType::kA).status()),
            "ENOTFOUND");
  {
    const DescriptorLimit few(128);
    const FullDescriptorTable full;
    Resolver other = Make();
    const absl::Status status = Query(other, "a.test", DnsType::kA).status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  }
  EXPECT_TRUE(Query(resolver, "a.test", DnsType::kA).ok());
}

TEST_F(ResolverTest, AServerThatIsNotThereIsRefused) {
  SocketAddress nobody;
  {
    DnsTestServer gone;
    nobody = gone.address();
  }
  ResolverOptions options = Options();
  options.servers = {nobody};
  Resolver resolver = Make(options);
  EXPECT_EQ(DnsCodeOf(Lookup(resolver, "a.test").status()), "ECONNREFUSED");
  // The next server is asked when the first is not there.
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  options.servers = {nobody, server_.address()};
  Resolver other = Make(options);
  EXPECT_THAT(Texts(Lookup(other, "a.test", {.family = AddressFamily::kIpv4})),
              ElementsAre("127.0.0.2:80"));
}

TEST_F(ResolverTest, CutOffAnswersAreAskedForAgainOverTcp) {
  server_.Truncate("big.test");
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back(absl::StrCat("10.0.", i / 256, ".", i % 256));
    server_.Add("big.test", DnsType::kA, DnsAddressData(expected.back()));
  }
  Resolver resolver = Make();
  const auto records = Query(resolver, "big.test", DnsType::kA);
  ASSERT_TRUE(records.ok()) << records.status();
  std::vector<std::string> hosts;
  for (const DnsRecord& record : *records)
    hosts.push_back(std::get<SocketAddress>(record.data).host());
  EXPECT_EQ(hosts, expected);
  EXPECT_EQ(server_.udp_questions(), 1);
  EXPECT_EQ(server_.tcp_questions(), 1);
}

TEST_F(ResolverTest, AForgedAnswerIsNotTaken) {
  server_.Forge("a.test", "192.0.2.66");
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  Resolver resolver = Make();
  EXPECT_THAT(
      Texts(Lookup(resolver, "a.test", {.family = AddressFamily::kIpv4})),
      ElementsAre("127.0.0.2:80"));
}

TEST_F(ResolverTest, RecordsOfEachType) {
  server_.Add("t.test", DnsType::kNs, DnsNameData("ns.test"));
  server_.Add("t.test", DnsType::kPtr, DnsNameData("ptr.test"));
  server_.Add("t.test", DnsType::kMx, DnsNumber16(10) + DnsNameData("mx.test"),
              7);
  server_.Add("t.test", DnsType::kTxt,
              DnsStringData("one") + DnsStringData(std::string("t\0o", 3)));
  server_.Add("t.test", DnsType::kSrv,
              DnsNumber16(1) + DnsNumber16(2) + DnsNumber16(389) +
                  DnsNameData("ldap.test"));
  server_.Add("t.test", DnsType::kSoa,
              DnsNameData("ns.test") + DnsNameData("root.test") +
                  DnsNumber32(1) + DnsNumber32(2) + DnsNumber32(3) +
                  DnsNumber32(4) + DnsNumber32(5));
  server_.Add("t.test", DnsType::kNaptr,
              DnsNumber16(100) + DnsNumber16(50) + DnsStringData("s") +
                  DnsStringData("SIP") + DnsStringData("") +
                  DnsNameData("sip.test"));
  server_.Add("t.test", DnsType::kCaa,
              std::string(1, '\x80') + DnsStringData("issue") + "ca.test");
  server_.Add("t.test", DnsType::kAaaa, DnsAddressData("2001:db8::7"));
  server_.Add("alias.test", DnsType::kCname, DnsNameData("t.test"));
  Resolver resolver = Make();
  const auto only = [&](DnsType type, const char* name = "t.test") {
    const auto records = Query(resolver, name, type);
    CHECK_OK(records);
    CHECK_EQ(records->size(), 1u);
    CHECK(records->front().type == type);
    return records->front();
  };
  EXPECT_EQ(std::get<std::string>(only(DnsType::kNs).data), "ns.test");
  EXPECT_EQ(std::get<std::string>(only(DnsType::kPtr).data), "ptr.test");
  EXPECT_EQ(std::get<std::string>(only(DnsType::kCname, "alias.test").data),
            "t.test");
  const auto mx = std::get<DnsMx>(only(DnsType::kMx).data);
  EXPECT_EQ(mx.preference, 10);
  EXPECT_EQ(mx.exchange, "mx.test");
  EXPECT_EQ(only(DnsType::kMx).ttl_seconds, 7u);
  EXPECT_THAT(std::get<DnsTxt>(only(DnsType::kTxt).data),
              ElementsAre("one", std::string("t\0o", 3)));
  const auto srv = std::get<DnsSrv>(only(DnsType::kSrv).data);
  EXPECT_EQ(srv.priority, 1);
  EXPECT_EQ(srv.weight, 2);
  EXPECT_EQ(srv.port, 389);
  EXPECT_EQ(srv.target, "ldap.test");
  const auto soa = std::get<DnsSoa>(only(DnsType::kSoa).data);
  EXPECT_EQ(soa.primary, "ns.test");
  EXPECT_EQ(soa.responsible, "root.test");
  EXPECT_EQ(soa.serial, 1u);
  EXPECT_EQ(soa.refresh, 2u);
  EXPECT_EQ(soa.retry, 3u);
  EXPECT_EQ(soa.expire, 4u);
  EXPECT_EQ(soa.minimum, 5u);
  const auto naptr = std::get<DnsNaptr>(only(DnsType::kNaptr).data);
  EXPECT_EQ(naptr.order, 100);
  EXPECT_EQ(naptr.preference, 50);
  EXPECT_EQ(naptr.flags, "s");
  EXPECT_EQ(naptr.services, "SIP");
  EXPECT_EQ(naptr.regexp, "");
  EXPECT_EQ(naptr.replacement, "sip.test");
  const auto caa = std::get<DnsCaa>(only(DnsType::kCaa).data);
  EXPECT_EQ(caa.critical, 0x80);
  EXPECT_EQ(caa.tag, "issue");
  EXPECT_EQ(caa.value, "ca.test");
  EXPECT_EQ(std::get<SocketAddress>(only(DnsType::kAaaa).data).host(),
            "2001:db8::7");
  const auto all = Query(resolver, "t.test", DnsType::kAny);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->size(), 9u);
}

TEST_F(ResolverTest, NamesOfAnAddress) {
  WriteHosts("127.0.0.5 a.test alias.test\n");
  server_.Add("9.2.0.192.in-addr.arpa", DnsType::kPtr,
              DnsNameData("nine.test"));
  Resolver resolver = Make();
  const auto reverse = [&](const char* address) {
    return loop_.Run(
        resolver.Reverse(SocketAddress::Parse(address, 0).value()));
  };
  const auto names = reverse("192.0.2.9");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre("nine.test"));
  const auto local = reverse("127.0.0.5");
  ASSERT_TRUE(local.ok()) << local.status();
  EXPECT_THAT(*local, ElementsAre("a.test", "alias.test"));
  const absl::Status missing = reverse("2001:db8::1").status();
  EXPECT_EQ(DnsCodeOf(missing), "ENOTFOUND");
  EXPECT_EQ(SubjectOf(missing), "2001:db8::1");
  EXPECT_EQ(DnsCodeOf(loop_.Run(resolver.Reverse(SocketAddress())).status()),
            "EBADFAMILY");
}

TEST_F(ResolverTest, ACancelledWaitEndsAtOnceAndTheResolverGoesOn) {
  server_.Ignore("slow.test");
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  Resolver resolver = Make();
  const absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    const absl::Status late =
        (co_await Timeout(absl::Milliseconds(1),
                          resolver.Lookup("slow.test", 80)))
            .status();
    EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
    EXPECT_EQ(DnsCodeOf(late), "") << "the DNS has not given up";
    CO_ASSIGN_OR_RETURN(Addresses addresses,
                        co_await resolver.Lookup(
                            "a.test", 80, {.family = AddressFamily::kIpv4}));
    EXPECT_EQ(addresses.size(), 1u);
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(ResolverTest, EndsWithQuestionsUnderWayAndLeavesNoDescriptor) {
  server_.Ignore("slow.test");
  server_.Truncate("tcp.test");
  server_.Add("tcp.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  const int before = CountDescriptors();
  {
    Loop loop(SystemWorld());
    for (const char* name : {"slow.test", "tcp.test"}) {
      absl::StatusOr<Resolver> resolver = Resolver::Make(loop, Options());
      ASSERT_TRUE(resolver.ok());
      (void)loop.Run(
          Timeout(absl::Milliseconds(1), resolver->Lookup(name, 80)));
    }
    EXPECT_TRUE(loop.executor().timers().empty());
    TurnUntilNothingInFlight(loop);
  }
  EXPECT_EQ(CountDescriptors(), before);
}

// Cancels at the moment when an answer has come and was not looked at.
class CancelWhenPolled final : public LoopGuest {
 public:
  CancelWhenPolled(Loop& loop, CancelScope& scope)
      : loop_(loop), scope_(scope), before_(loop.stats().completed) {}
  void OnTurn() override {
    if (loop_.stats().completed > before_) scope_.Cancel();
  }
  bool HasImmediateWork() const override { return false; }

 private:
  Loop& loop_;
  CancelScope& scope_;
  const uint64_t before_;
};

TEST_F(ResolverTest, AnAnswerBehindTheCancellationIsDropped) {
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  Resolver resolver = Make();
  const absl::Status status = loop_.Run([&]() -> Task<absl::Status> {
    CancelScope scope((co_await CurrentTask()).cancel_scope(),
                      CancelPropagation::kInherit);
    CancelWhenPolled guest(loop_, scope);
    loop_.AddGuest(guest);
    const auto records =
        co_await resolver.Query("a.test", DnsType::kA).In(scope);
    loop_.RemoveGuest(guest);
    EXPECT_TRUE(absl::IsCancelled(records.status())) << records.status();
    co_return absl::OkStatus();
  }());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(server_.udp_questions(), 1);
  EXPECT_TRUE(Query(resolver, "a.test", DnsType::kA).ok());
}

TEST_F(ResolverTest, ManyAskAtOnceAndSomeOfThemGiveUp) {
  // More at once than sockets' buffers hold would be lost and asked again.
  constexpr int kNames = 100;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = absl::StrCat("n", i, ".test");
    server_.Add(name, DnsType::kA,
                DnsAddressData(absl::StrCat("10.0.", i / 256, ".", i % 256)));
    if (i % 10 == 0) server_.Ignore(name);
  }
  Resolver resolver = Make();
  int answered = 0;
  int gave_up = 0;
  const absl::Status status =
      loop_.Run(WithScope([&](Scope& scope) -> Task<absl::Status> {
        for (int i = 0; i < kNames; ++i) {
          scope.Spawn([&, i]() -> Task<absl::Status> {
            const std::string name = absl::StrCat("n", i, ".test");
            auto query = resolver.Query(name, DnsType::kA);
            const auto records =
                i % 10 == 0
                    ? co_await Timeout(absl::Milliseconds(5), std::move(query))
                    : co_await std::move(query);
            if (records.ok()) {
              ++answered;
              EXPECT_EQ(std::get<SocketAddress>(records->front().data).host(),
                        absl::StrCat("10.0.", i / 256, ".", i % 256));
            } else {
              ++gave_up;
            }
            co_return absl::OkStatus();
          });
        }
        co_return absl::OkStatus();
      }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(answered, kNames - kNames / 10);
  EXPECT_EQ(gave_up, kNames / 10);
}

TEST_F(ResolverTest, AnswersAreUsedAgainOnlyIfAskedTo) {
  server_.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.2"));
  Resolver resolver = Make();
  ResolverOptions options = Options();
  options.cache_ttl_max = absl::Minutes(1);
  Resolver caching = Make(options);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Query(resolver, "a.test", DnsType::kA).ok());
  }
  EXPECT_EQ(server_.udp_questions(), 3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Query(caching, "a.test", DnsType::kA).ok());
  }
  EXPECT_EQ(server_.udp_questions(), 4);
}

TEST_F(ResolverTest, ServersMayBeChanged) {
  DnsTestServer other;
  other.Add("a.test", DnsType::kA, DnsAddressData("127.0.0.3"));
  Resolver resolver = Make();
  EXPECT_EQ(DnsCodeOf(Query(resolver, "a.test", DnsType::kA).status()),
            "ENOTFOUND");
  EXPECT_THAT(Texts(resolver.servers()), ElementsAre(server_.address().text()));
  EXPECT_TRUE(absl::IsInvalidArgument(resolver.SetServers({})));
  EXPECT_TRUE(absl::IsInvalidArgument(
      resolver.SetServers({{*SocketAddress::Unix("/run/dns")}})));
  EXPECT_EQ(resolver.SetServers({{other.address()}}), absl::OkStatus());
  EXPECT_THAT(Texts(resolver.servers()), ElementsAre(other.address().text()));
  EXPECT_TRUE(Query(resolver, "a.test", DnsType::kA).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      Resolver::Make(loop_, {.servers = {SocketAddress()}}).status()));
}

}  // namespace
}  // namespace braid
