#include "jsbind/node/dns_ops.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "io/resolver.h"

namespace braid {
namespace {

int32_t IsIp(const std::string& text) {
  in6_addr address;
  if (text.find('\0') != std::string::npos) return 0;
  if (inet_pton(AF_INET, text.c_str(), &address) == 1) return 4;
  const size_t zone = text.find('%');
  if (zone + 1 == text.size()) return 0;
  return inet_pton(AF_INET6, text.substr(0, zone).c_str(), &address) == 1 ? 6
                                                                          : 0;
}

// The number itself where no service is known by it.
std::string ServiceName(uint32_t port) {
  servent entry{};
  servent* found = nullptr;
  std::array<char, 1024> buffer;
  if (getservbyport_r(htons(static_cast<uint16_t>(port)), "tcp", &entry,
                      buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->s_name;
  }
  return absl::StrCat(port);
}

int32_t FamilyOf(const SocketAddress& address) {
  return address.family() == AF_INET6 ? 6 : 4;
}

using Found = std::tuple<std::string, int32_t>;

Task<absl::StatusOr<std::vector<Found>>> Lookup(Resolver& resolver,
                                                std::string name,
                                                int32_t family, int32_t order,
                                                bool configured_only) {
  LookupOptions options = {.configured_families_only = configured_only};
  if (family == 4) options.family = AddressFamily::kIpv4;
  if (family == 6) options.family = AddressFamily::kIpv6;
  if (order == 4) options.order = AddressOrder::kIpv4First;
  if (order == 6) options.order = AddressOrder::kIpv6First;
  CO_ASSIGN_OR_RETURN(const std::vector<SocketAddress> addresses,
                      co_await resolver.Lookup(std::move(name), 0, options));
  std::vector<Found> found;
  found.reserve(addresses.size());
  for (const SocketAddress& address : addresses)
    found.emplace_back(address.host(), FamilyOf(address));
  co_return found;
}

// A record of any type, taken apart.
struct Record {
  int32_t type = 0;
  double ttl = 0;
  std::vector<std::string> texts;
  std::vector<double> numbers;
};
constexpr auto JsFields(const Record*) {
  return std::tuple(Field("type", &Record::type), Field("ttl", &Record::ttl),
                    Field("texts", &Record::texts),
                    Field("numbers", &Record::numbers));
}

// Fills a Record with each kind of data.
struct RecordFiller {
  Record& record;

  void operator()(SocketAddress& address) { record.texts = {address.host()}; }
  void operator()(std::string& name) { record.texts = {std::move(name)}; }
  void operator()(DnsSoa& soa) {
    record.texts = {std::move(soa.primary), std::move(soa.responsible)};
    record.numbers = {
        static_cast<double>(soa.serial), static_cast<double>(soa.refresh),
        static_cast<double>(soa.retry), static_cast<double>(soa.expire),
        static_cast<double>(soa.minimum)};
  }
  void operator()(DnsMx& mx) {
    record.texts = {std::move(mx.exchange)};
    record.numbers = {static_cast<double>(mx.preference)};
  }
  void operator()(DnsTxt& strings) { record.texts = std::move(strings); }
  void operator()(DnsSrv& srv) {
    record.texts = {std::move(srv.target)};
    record.numbers = {static_cast<double>(srv.priority),
                      static_cast<double>(srv.weight),
                      static_cast<double>(srv.port)};
  }
  void operator()(DnsNaptr& naptr) {
    record.texts = {std::move(naptr.flags), std::move(naptr.services),
                    std::move(naptr.regexp), std::move(naptr.replacement)};
    record.numbers = {static_cast<double>(naptr.order),
                      static_cast<double>(naptr.preference)};
  }
  void operator()(DnsCaa& caa) {
    record.texts = {std::move(caa.tag), std::move(caa.value)};
    record.numbers = {static_cast<double>(caa.critical)};
  }
};

Task<absl::StatusOr<std::vector<Record>>> Query(Resolver& resolver,
                                                std::string name,
                                                int32_t type) {
  CO_ASSIGN_OR_RETURN(
      std::vector<DnsRecord> answers,
      co_await resolver.Query(std::move(name), static_cast<DnsType>(type)));
  std::vector<Record> records;
  records.reserve(answers.size());
  for (DnsRecord& answer : answers) {
    Record& record = records.emplace_back();
    record.type = static_cast<int32_t>(answer.type);
    record.ttl = static_cast<double>(answer.ttl_seconds);
    std::visit(RecordFiller{record}, answer.data);
  }
  co_return records;
}

Task<absl::StatusOr<std::vector<std::string>>> Reverse(Resolver& resolver,
                                                       std::string address) {
  CO_ASSIGN_OR_RETURN(const SocketAddress parsed,
                      SocketAddress::Parse(address, 0));
  co_return co_await resolver.Reverse(parsed);
}

std::vector<std::string> Servers(Resolver& resolver) {
  std::vector<std::string> texts;
  for (const SocketAddress& server : resolver.servers())
    texts.push_back(server.text());
  return texts;
}

absl::Status SetServers(Resolver& resolver,
                        const std::vector<std::string>& texts) {
  std::vector<SocketAddress> servers;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(SocketAddress server, SocketAddress::ParseHostPort(text));
    servers.push_back(std::move(server));
  }
  return resolver.SetServers(servers);
}

absl::StatusOr<std::unique_ptr<Resolver>> MakeResolver(Loop& loop,
                                                       double timeout_ms,
                                                       int32_t tries) {
  ASSIGN_OR_RETURN(
      Resolver resolver,
      Resolver::Make(
          loop, {.timeout = absl::Milliseconds(timeout_ms), .tries = tries}));
  return std::make_unique<Resolver>(std::move(resolver));
}

}  // namespace

void DefineDnsOps(ModuleDef& module) {
  module.Function<&IsIp>("isIP")
      .Function<&ServiceName>("serviceName")
      .Class<Resolver>("Resolver", [](ClassDef<Resolver>& resolver) {
        resolver.Constructor(&MakeResolver)
            .AsyncMethod<&Lookup>("lookup")
            .AsyncMethod<&Query>("query")
            .AsyncMethod<&Reverse>("reverse")
            .Method<&Servers>("servers")
            .Method<&SetServers>("setServers");
      });
}

}  // namespace braid
