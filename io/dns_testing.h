#ifndef BRAID_IO_DNS_TESTING_H_
#define BRAID_IO_DNS_TESTING_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "io/dns_records.h"
#include "io/socket_address.h"

namespace braid {

// A DNS server on a port of 127.0.0.1, over UDP and TCP, on a thread of its
// own: a peer for tests. It knows what it is told, and everything else is
// NXDOMAIN. May be told more while it runs.
class DnsTestServer {
 public:
  DnsTestServer();
  ~DnsTestServer();

  const SocketAddress& address() const { return address_; }

  // Adds a record; `data` as it stands in messages, made by the functions
  // below. The name then exists: other types have no data.
  void Add(const std::string& name, DnsType type, std::string data,
           uint32_t ttl_seconds = 60);
  // Answers with an error (2 SERVFAIL, 5 REFUSED).
  void Fail(const std::string& name, int code);
  // Never answers.
  void Ignore(const std::string& name);
  // Answers over UDP are cut off, so that the question is put over TCP.
  void Truncate(const std::string& name);
  // Before the answer comes one with another id, as an attacker sends it.
  void Forge(const std::string& name, const std::string& address);

  // How many questions came.
  int udp_questions() const;
  int tcp_questions() const;

 private:
  enum class Transport { kUdp, kTcp };
  struct Record {
    uint16_t type;
    std::string data;
    uint32_t ttl_seconds;
  };

  void Serve();
  void ServeUdp();
  void ServeTcp();
  // The answer to a question; empty for none.
  std::string Answer(std::string_view question, Transport transport);
  std::string Forged(std::string_view question);

  int udp_;
  int tcp_;
  int stop_;
  SocketAddress address_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::vector<Record>> records_;
  std::map<std::string, int> failing_;
  std::map<std::string, std::string> forged_;
  std::set<std::string> ignored_;
  std::set<std::string> truncated_;
  int udp_questions_ = 0;
  int tcp_questions_ = 0;

  std::thread thread_;
};

// Parts of a record's data.
std::string DnsAddressData(std::string_view numeric);
std::string DnsNameData(std::string_view name);
std::string DnsStringData(std::string_view text);
std::string DnsNumber16(uint16_t number);
std::string DnsNumber32(uint32_t number);

}  // namespace braid

#endif  // BRAID_IO_DNS_TESTING_H_
