#include "io/dns_records.h"

#include <ares.h>
#include <netinet/in.h>

#include <cstring>
#include <optional>
#include <utility>

namespace braid {
namespace {

// A part of a record. A message that was parsed has them all; an empty one
// comes without bytes.
std::string Text(const ares_dns_rr_t* record, ares_dns_rr_key_t key) {
  const char* text = ares_dns_rr_get_str(record, key);
  return text != nullptr ? text : "";
}

std::string Bytes(const unsigned char* bytes, size_t size) {
  if (bytes == nullptr) return {};
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

DnsTxt Strings(const ares_dns_rr_t* record) {
  DnsTxt strings(ares_dns_rr_get_abin_cnt(record, ARES_RR_TXT_DATA));
  for (size_t i = 0; i < strings.size(); ++i) {
    size_t size = 0;
    const unsigned char* bytes =
        ares_dns_rr_get_abin(record, ARES_RR_TXT_DATA, i, &size);
    strings[i] = Bytes(bytes, size);
  }
  return strings;
}

SocketAddress Ipv4(const ares_dns_rr_t* record) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  memcpy(&address.sin_addr, ares_dns_rr_get_addr(record, ARES_RR_A_ADDR),
         sizeof(address.sin_addr));
  return SocketAddress::From(reinterpret_cast<sockaddr*>(&address),
                             sizeof(address));
}

SocketAddress Ipv6(const ares_dns_rr_t* record) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  memcpy(&address.sin6_addr, ares_dns_rr_get_addr6(record, ARES_RR_AAAA_ADDR),
         sizeof(address.sin6_addr));
  return SocketAddress::From(reinterpret_cast<sockaddr*>(&address),
                             sizeof(address));
}

DnsSoa Soa(const ares_dns_rr_t* record) {
  return {.primary = Text(record, ARES_RR_SOA_MNAME),
          .responsible = Text(record, ARES_RR_SOA_RNAME),
          .serial = ares_dns_rr_get_u32(record, ARES_RR_SOA_SERIAL),
          .refresh = ares_dns_rr_get_u32(record, ARES_RR_SOA_REFRESH),
          .retry = ares_dns_rr_get_u32(record, ARES_RR_SOA_RETRY),
          .expire = ares_dns_rr_get_u32(record, ARES_RR_SOA_EXPIRE),
          .minimum = ares_dns_rr_get_u32(record, ARES_RR_SOA_MINIMUM)};
}

DnsNaptr Naptr(const ares_dns_rr_t* record) {
  return {.order = ares_dns_rr_get_u16(record, ARES_RR_NAPTR_ORDER),
          .preference = ares_dns_rr_get_u16(record, ARES_RR_NAPTR_PREFERENCE),
          .flags = Text(record, ARES_RR_NAPTR_FLAGS),
          .services = Text(record, ARES_RR_NAPTR_SERVICES),
          .regexp = Text(record, ARES_RR_NAPTR_REGEXP),
          .replacement = Text(record, ARES_RR_NAPTR_REPLACEMENT)};
}

DnsCaa Caa(const ares_dns_rr_t* record) {
  size_t size = 0;
  const unsigned char* value =
      ares_dns_rr_get_bin(record, ARES_RR_CAA_VALUE, &size);
  return {.critical = ares_dns_rr_get_u8(record, ARES_RR_CAA_CRITICAL),
          .tag = Text(record, ARES_RR_CAA_TAG),
          .value = Bytes(value, size)};
}

std::optional<decltype(DnsRecord::data)> DataOf(const ares_dns_rr_t* record) {
  switch (ares_dns_rr_get_type(record)) {
    case ARES_REC_TYPE_A:
      return Ipv4(record);
    case ARES_REC_TYPE_AAAA:
      return Ipv6(record);
    case ARES_REC_TYPE_NS:
      return Text(record, ARES_RR_NS_NSDNAME);
    case ARES_REC_TYPE_CNAME:
      return Text(record, ARES_RR_CNAME_CNAME);
    case ARES_REC_TYPE_PTR:
      return Text(record, ARES_RR_PTR_DNAME);
    case ARES_REC_TYPE_SOA:
      return Soa(record);
    case ARES_REC_TYPE_MX:
      return DnsMx{
          .preference = ares_dns_rr_get_u16(record, ARES_RR_MX_PREFERENCE),
          .exchange = Text(record, ARES_RR_MX_EXCHANGE)};
    case ARES_REC_TYPE_TXT:
      return Strings(record);
    case ARES_REC_TYPE_SRV:
      return DnsSrv{
          .priority = ares_dns_rr_get_u16(record, ARES_RR_SRV_PRIORITY),
          .weight = ares_dns_rr_get_u16(record, ARES_RR_SRV_WEIGHT),
          .port = ares_dns_rr_get_u16(record, ARES_RR_SRV_PORT),
          .target = Text(record, ARES_RR_SRV_TARGET)};
    case ARES_REC_TYPE_NAPTR:
      return Naptr(record);
    case ARES_REC_TYPE_CAA:
      return Caa(record);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<DnsRecord> AnswersOf(const ares_dns_record& message) {
  std::vector<DnsRecord> answers;
  const size_t count = ares_dns_record_rr_cnt(&message, ARES_SECTION_ANSWER);
  for (size_t i = 0; i < count; ++i) {
    const ares_dns_rr_t* record =
        ares_dns_record_rr_get_const(&message, ARES_SECTION_ANSWER, i);
    if (auto data = DataOf(record); data.has_value()) {
      answers.push_back(
          {.type = static_cast<DnsType>(ares_dns_rr_get_type(record)),
           .ttl_seconds = ares_dns_rr_get_ttl(record),
           .data = *std::move(data)});
    }
  }
  return answers;
}

}  // namespace braid
