#include "io/dns_testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>

#include "absl/log/check.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/driver/system_calls.h"

namespace braid {
namespace {

constexpr size_t kHeaderBytes = 12;

// The name of a message's first question, and where the question ends.
std::pair<std::string, size_t> QuestionOf(std::string_view message) {
  std::string name;
  size_t at = kHeaderBytes;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<size_t>(message[at]);
    absl::StrAppend(&name, name.empty() ? "" : ".",
                    message.substr(at + 1, length));
    at += 1 + length;
  }
  return {absl::AsciiStrToLower(name), at + 5};  // The root, type and class.
}

uint16_t Number16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) << 8 |
                               static_cast<uint8_t>(bytes[at + 1]));
}

// The question with the header of an answer before it.
std::string Header(std::string_view question, size_t end, uint16_t flags,
                   size_t answers) {
  return absl::StrCat(
      question.substr(0, 2), DnsNumber16(0x8180 | flags), DnsNumber16(1),
      DnsNumber16(static_cast<uint16_t>(answers)), DnsNumber32(0),
      question.substr(kHeaderBytes, end - kHeaderBytes));
}

std::string RecordText(uint16_t type, uint32_t ttl, std::string_view data) {
  return absl::StrCat("\xc0\x0c", DnsNumber16(type), DnsNumber16(1),
                      DnsNumber32(ttl),
                      DnsNumber16(static_cast<uint16_t>(data.size())), data);
}

// False when the peer has ended, or `stop` says so.
bool ReadFully(int fd, int stop, char* to, size_t size) {
  while (size > 0) {
    std::array<pollfd, 2> polled = {{{stop, POLLIN, 0}, {fd, POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) return false;
    const ssize_t count = read(fd, to, size);
    if (count <= 0) return false;
    to += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

std::string DnsNumber16(uint16_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string DnsNumber32(uint32_t number) {
  return DnsNumber16(static_cast<uint16_t>(number >> 16)) +
         DnsNumber16(static_cast<uint16_t>(number));
}

std::string DnsStringData(std::string_view text) {
  return absl::StrCat(std::string(1, static_cast<char>(text.size())), text);
}

std::string DnsNameData(std::string_view name) {
  std::string data;
  for (std::string_view label : absl::StrSplit(name, '.', absl::SkipEmpty()))
    data += DnsStringData(label);
  return data + '\0';
}

std::string DnsAddressData(std::string_view numeric) {
  const std::string text(numeric);
  std::array<char, 16> bytes;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return std::string(bytes.data(), 4);
  CHECK_EQ(inet_pton(AF_INET6, text.c_str(), bytes.data()), 1) << text;
  return std::string(bytes.data(), 16);
}

DnsTestServer::DnsTestServer() {
  const SocketAddress any = *SocketAddress::Parse("127.0.0.1", 0);
  SystemCalls calls;
  // A port that is free for both.
  constexpr int kAttempts = 100;
  for (int attempt = 0;; ++attempt) {
    PCHECK(attempt < kAttempts) << "no port for a DNS server";
    PCHECK((udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0);
    PCHECK((tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
    PCHECK(bind(udp_, any.data(), any.size()) == 0);
    address_ = SocketAddress::Local(calls, udp_);
    if (bind(tcp_, address_.data(), address_.size()) == 0) break;
    close(udp_);
    close(tcp_);
  }
  PCHECK(listen(tcp_, 16) == 0);
  PCHECK((stop_ = eventfd(0, EFD_CLOEXEC)) >= 0);
  thread_ = std::thread(&DnsTestServer::Serve, this);
}

DnsTestServer::~DnsTestServer() {
  const uint64_t one = 1;
  PCHECK(write(stop_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
  for (int fd : {udp_, tcp_, stop_}) close(fd);
}

void DnsTestServer::Add(const std::string& name, DnsType type, std::string data,
                        uint32_t ttl_seconds) {
  std::lock_guard lock(mutex_);
  records_[name].push_back(
      {static_cast<uint16_t>(type), std::move(data), ttl_seconds});
}

void DnsTestServer::Fail(const std::string& name, int code) {
  std::lock_guard lock(mutex_);
  failing_[name] = code;
}

void DnsTestServer::Ignore(const std::string& name) {
  std::lock_guard lock(mutex_);
  ignored_.insert(name);
}

void DnsTestServer::Truncate(const std::string& name) {
  std::lock_guard lock(mutex_);
  truncated_.insert(name);
}

void DnsTestServer::Forge(const std::string& name, const std::string& address) {
  std::lock_guard lock(mutex_);
  forged_[name] = DnsAddressData(address);
}

int DnsTestServer::udp_questions() const {
  std::lock_guard lock(mutex_);
  return udp_questions_;
}

int DnsTestServer::tcp_questions() const {
  std::lock_guard lock(mutex_);
  return tcp_questions_;
}

void DnsTestServer::Serve() {
  std::array<pollfd, 3> polled = {
      {{stop_, POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
  for (;;) {
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) return;
    if (polled[1].revents != 0) ServeUdp();
    if (polled[2].revents != 0) ServeTcp();
  }
}

void DnsTestServer::ServeUdp() {
  std::array<char, 1500> buffer;
  sockaddr_storage peer;
  socklen_t size = sizeof(peer);
  const ssize_t count = recvfrom(udp_, buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&peer), &size);
  if (count <= 0) return;
  const std::string_view question(buffer.data(), static_cast<size_t>(count));
  // The answer, behind what an attacker would send.
  for (const std::string& message :
       {Forged(question), Answer(question, Transport::kUdp)}) {
    if (message.empty()) continue;
    sendto(udp_, message.data(), message.size(), 0,
           reinterpret_cast<sockaddr*>(&peer), size);
  }
}

void DnsTestServer::ServeTcp() {
  const int peer = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
  if (peer < 0) return;
  // One question a connection, with its length before it. A client may leave
  // without asking, but then it closes the connection.
  std::string size(2, '\0');
  if (ReadFully(peer, stop_, size.data(), size.size())) {
    std::string question(Number16(size, 0), '\0');
    if (ReadFully(peer, stop_, question.data(), question.size())) {
      const std::string answer = Answer(question, Transport::kTcp);
      const std::string framed =
          DnsNumber16(static_cast<uint16_t>(answer.size())) + answer;
      if (!answer.empty())
        send(peer, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
  }
  close(peer);
}

std::string DnsTestServer::Forged(std::string_view question) {
  if (question.size() < kHeaderBytes) return {};
  const auto [name, end] = QuestionOf(question);
  std::lock_guard lock(mutex_);
  const auto found = forged_.find(name);
  if (found == forged_.end()) return {};
  std::string message =
      Header(question, end, 0, 1) +
      RecordText(Number16(question, end - 4), 60, found->second);
  message[0] = static_cast<char>(~message[0]);  // The id.
  return message;
}

std::string DnsTestServer::Answer(std::string_view question,
                                  Transport transport) {
  if (question.size() < kHeaderBytes) return {};
  const auto [name, end] = QuestionOf(question);
  CHECK_LE(end, question.size());
  const uint16_t type = Number16(question, end - 4);
  std::lock_guard lock(mutex_);
  ++(transport == Transport::kUdp ? udp_questions_ : tcp_questions_);
  if (ignored_.contains(name)) return {};
  if (const auto found = failing_.find(name); found != failing_.end())
    return Header(question, end, static_cast<uint16_t>(found->second), 0);
  const auto found = records_.find(name);
  constexpr uint16_t kNoSuchDomain = 3;
  if (found == records_.end()) return Header(question, end, kNoSuchDomain, 0);
  constexpr uint16_t kTruncated = 0x0200;
  if (transport == Transport::kUdp && truncated_.contains(name))
    return Header(question, end, kTruncated, 0);
  size_t count = 0;
  std::string answers;
  for (const Record& record : found->second) {
    const bool alias = record.type == static_cast<uint16_t>(DnsType::kCname);
    if (type != static_cast<uint16_t>(DnsType::kAny) && record.type != type &&
        !alias) {
      continue;
    }
    answers += RecordText(record.type, record.ttl_seconds, record.data);
    ++count;
  }
  return Header(question, end, 0, count) + answers;
}

}  // namespace braid
