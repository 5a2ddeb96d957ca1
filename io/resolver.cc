#include "io/resolver.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "async/status_macros.h"
#include "io/dns_channel.h"

namespace braid {
namespace {

using Addresses = std::vector<SocketAddress>;
using Records = std::vector<DnsRecord>;
using Names = std::vector<std::string>;

constexpr char kLookup[] = "getaddrinfo";
constexpr char kReverse[] = "getHostByAddr";

int FamilyNumber(AddressFamily family) {
  switch (family) {
    case AddressFamily::kIpv4:
      return AF_INET;
    case AddressFamily::kIpv6:
      return AF_INET6;
    case AddressFamily::kAny:
      break;
  }
  return AF_UNSPEC;
}

const char* OperationOf(DnsType type) {
  switch (type) {
    case DnsType::kA:
      return "queryA";
    case DnsType::kAaaa:
      return "queryAaaa";
    case DnsType::kNs:
      return "queryNs";
    case DnsType::kCname:
      return "queryCname";
    case DnsType::kSoa:
      return "querySoa";
    case DnsType::kPtr:
      return "queryPtr";
    case DnsType::kMx:
      return "queryMx";
    case DnsType::kTxt:
      return "queryTxt";
    case DnsType::kSrv:
      return "querySrv";
    case DnsType::kNaptr:
      return "queryNaptr";
    case DnsType::kCaa:
      return "queryCaa";
    case DnsType::kAny:
      break;
  }
  return "queryAny";
}

// Whether c-ares, which takes a C string, would ask for this very name.
bool IsName(std::string_view name) {
  return !name.empty() && name.find('\0') == std::string_view::npos;
}

// An answer of c-ares with its own code, from the callback to the awaiter,
// which knows the question.
template <typename T>
struct Answer {
  int error;
  T value;
};

// An answer without anything in it is none.
template <typename T>
absl::Status StatusOf(const Answer<T>& answer, std::string_view operation,
                      std::string_view subject) {
  if (answer.error != ARES_SUCCESS)
    return DnsStatus(answer.error, operation, subject);
  if (answer.value.empty()) return DnsStatus(ARES_ENODATA, operation, subject);
  return absl::OkStatus();
}

void OnAddresses(void* ticket, int error, int, ares_addrinfo* found) {
  Addresses addresses;
  if (found != nullptr) {
    for (const ares_addrinfo_node* node = found->nodes; node != nullptr;
         node = node->ai_next) {
      addresses.push_back(SocketAddress::From(node->ai_addr, node->ai_addrlen));
    }
    ares_freeaddrinfo(found);
  }
  DnsTicket<Answer<Addresses>>::Give(
      ticket, Answer<Addresses>{error, std::move(addresses)});
}

void OnHost(void* ticket, int error, int, hostent* host) {
  Names names;
  if (error == ARES_SUCCESS && host != nullptr) {
    if (host->h_name != nullptr) names.push_back(host->h_name);
    for (char** alias = host->h_aliases; alias != nullptr && *alias != nullptr;
         ++alias) {
      if (std::find(names.begin(), names.end(), *alias) == names.end())
        names.push_back(*alias);
    }
  }
  DnsTicket<Answer<Names>>::Give(ticket,
                                 Answer<Names>{error, std::move(names)});
}

void OnMessage(void* ticket, ares_status_t error, size_t,
               const ares_dns_record_t* message) {
  Records records;
  if (error == ARES_SUCCESS && message != nullptr)
    records = AnswersOf(*message);
  DnsTicket<Answer<Records>>::Give(ticket,
                                   Answer<Records>{error, std::move(records)});
}

absl::Status CheckServers(std::span<const SocketAddress> servers) {
  for (const SocketAddress& server : servers) {
    if (server.family() == AF_INET || server.family() == AF_INET6) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("'", server.text(), "' is no address of a DNS server"));
  }
  return absl::OkStatus();
}

absl::Status UseServers(ares_channel_t* ares,
                        std::span<const SocketAddress> servers) {
  const std::string list = absl::StrJoin(
      servers, ",", [](std::string* out, const SocketAddress& server) {
        absl::StrAppend(out, server.text());
      });
  if (const int error = ares_set_servers_ports_csv(ares, list.c_str());
      error != ARES_SUCCESS) {
    return DnsStatus(error, "ares_set_servers", list);
  }
  return absl::OkStatus();
}

void Order(Addresses& addresses, AddressOrder order) {
  if (order == AddressOrder::kPreferred) return;
  const int first = order == AddressOrder::kIpv4First ? AF_INET : AF_INET6;
  std::stable_partition(addresses.begin(), addresses.end(),
                        [first](const SocketAddress& address) {
                          return address.family() == first;
                        });
}

}  // namespace

void Resolver::Abandoner::operator()(DnsChannel* channel) const {
  DnsChannel::Abandoner()(channel);
}

Resolver::Resolver(Loop& loop, ResolverOptions options)
    : loop_(&loop), options_(std::move(options)) {}
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;
Resolver::~Resolver() = default;

absl::StatusOr<Resolver> Resolver::Make(Loop& loop, ResolverOptions options) {
  RETURN_IF_ERROR(CheckServers(options.servers));
  return Resolver(loop, std::move(options));
}

absl::StatusOr<DnsChannel*> Resolver::channel() const {
  if (channel_ == nullptr) {
    ASSIGN_OR_RETURN(DnsChannel::Handle made,
                     DnsChannel::Make(*loop_, options_));
    if (!options_.servers.empty())
      RETURN_IF_ERROR(UseServers(made->ares(), options_.servers));
    channel_.reset(made.release());
  }
  return channel_.get();
}

Task<absl::StatusOr<Addresses>> Resolver::Lookup(std::string host,
                                                 uint16_t port,
                                                 LookupOptions options) {
  const int family = FamilyNumber(options.family);
  // Parse() takes "localhost" for one address, while here it may have two.
  if (host != "localhost") {
    if (absl::StatusOr<SocketAddress> numeric =
            SocketAddress::Parse(host, port);
        numeric.ok()) {
      if (family != AF_UNSPEC && numeric->family() != family)
        co_return DnsStatus(ARES_ENOTFOUND, kLookup, host);
      co_return Addresses{*std::move(numeric)};
    }
  }
  if (!IsName(host)) co_return DnsStatus(ARES_EBADNAME, kLookup, host);
  CO_ASSIGN_OR_RETURN(DnsChannel * channel, this->channel());
  ares_addrinfo_hints hints{};
  hints.ai_family = family;
  hints.ai_flags =
      options.configured_families_only ? int{ARES_AI_ADDRCONFIG} : 0;
  CO_ASSIGN_OR_RETURN(
      Answer<Addresses> answer,
      co_await AskDns<Answer<Addresses>>(
          *channel, kLookup, [&](ares_channel_t* ares, void* ticket) {
            ares_getaddrinfo(ares, host.c_str(), nullptr, &hints, &OnAddresses,
                             ticket);
          }));
  CO_RETURN_IF_ERROR(StatusOf(answer, kLookup, host));
  for (SocketAddress& address : answer.value) address = address.WithPort(port);
  Order(answer.value, options.order);
  co_return std::move(answer.value);
}

Task<absl::StatusOr<Records>> Resolver::Query(std::string name, DnsType type) {
  const char* const operation = OperationOf(type);
  if (!IsName(name)) co_return DnsStatus(ARES_EBADNAME, operation, name);
  CO_ASSIGN_OR_RETURN(DnsChannel * channel, this->channel());
  CO_ASSIGN_OR_RETURN(
      Answer<Records> answer,
      co_await AskDns<Answer<Records>>(
          *channel, operation, [&](ares_channel_t* ares, void* ticket) {
            ares_query_dnsrec(ares, name.c_str(), ARES_CLASS_IN,
                              static_cast<ares_dns_rec_type_t>(type),
                              &OnMessage, ticket, nullptr);
          }));
  if (type != DnsType::kAny) {
    std::erase_if(answer.value, [type](const DnsRecord& record) {
      return record.type != type;
    });
  }
  CO_RETURN_IF_ERROR(StatusOf(answer, operation, name));
  co_return std::move(answer.value);
}

Task<absl::StatusOr<Names>> Resolver::Reverse(SocketAddress address) {
  const bool is_ipv6 = address.family() == AF_INET6;
  if (!is_ipv6 && address.family() != AF_INET)
    co_return DnsStatus(ARES_EBADFAMILY, kReverse, address.text());
  CO_ASSIGN_OR_RETURN(DnsChannel * channel, this->channel());
  CO_ASSIGN_OR_RETURN(
      Answer<Names> answer,
      co_await AskDns<Answer<Names>>(
          *channel, kReverse, [&](ares_channel_t* ares, void* ticket) {
            if (is_ipv6) {
              const auto* v6 =
                  reinterpret_cast<const sockaddr_in6*>(address.data());
              ares_gethostbyaddr(ares, &v6->sin6_addr, sizeof(v6->sin6_addr),
                                 AF_INET6, &OnHost, ticket);
            } else {
              const auto* v4 =
                  reinterpret_cast<const sockaddr_in*>(address.data());
              ares_gethostbyaddr(ares, &v4->sin_addr, sizeof(v4->sin_addr),
                                 AF_INET, &OnHost, ticket);
            }
          }));
  CO_RETURN_IF_ERROR(StatusOf(answer, kReverse, address.host()));
  co_return std::move(answer.value);
}

std::vector<SocketAddress> Resolver::servers() const {
  absl::StatusOr<DnsChannel*> channel = this->channel();
  if (!channel.ok()) return options_.servers;
  Addresses servers;
  char* const list = ares_get_servers_csv((*channel)->ares());
  if (list == nullptr) return servers;
  for (std::string_view text : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    absl::StatusOr<SocketAddress> server = SocketAddress::ParseHostPort(text);
    if (server.ok()) servers.push_back(*std::move(server));
  }
  ares_free_string(list);
  return servers;
}

absl::Status Resolver::SetServers(std::span<const SocketAddress> servers) {
  if (servers.empty())
    return absl::InvalidArgumentError("a list of DNS servers without any");
  RETURN_IF_ERROR(CheckServers(servers));
  options_.servers.assign(servers.begin(), servers.end());
  if (channel_ == nullptr) return absl::OkStatus();
  absl::Status status = UseServers(channel_->ares(), servers);
  channel_->Asked();
  return status;
}

}  // namespace braid
