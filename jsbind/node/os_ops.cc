#include "jsbind/node/os_ops.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "io/errno_status.h"
#include "jsbind/errno_text.h"

namespace braid {
namespace {

std::string Hostname() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::vector<std::string> Uname() {
  utsname name{};
  uname(&name);
  return {name.sysname, name.release, name.version, name.machine};
}

double Uptime() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

std::vector<double> LoadAverages() {
  std::vector<double> averages(3);
  if (getloadavg(averages.data(), 3) != 3) averages.assign(3, 0);
  return averages;
}

// sysinfo(2) counts what the page cache holds as used.
std::vector<double> Memory() {
  struct sysinfo info{};
  sysinfo(&info);
  const double unit = info.mem_unit;
  double free = static_cast<double>(info.freeram) * unit;
  std::ifstream meminfo("/proc/meminfo");
  std::string name;
  double kilobytes = 0;
  std::string rest;
  while (meminfo >> name >> kilobytes && std::getline(meminfo, rest)) {
    if (name == "MemAvailable:") free = kilobytes * 1024;
  }
  return {static_cast<double>(info.totalram) * unit, free};
}

using Cpu =
    std::tuple<std::string, double, double, double, double, double, double>;

// From /proc: one line "cpuN user nice system idle iowait irq ..." in ticks, and
// one block of cpuinfo, for each.
std::vector<Cpu> Cpus() {
  std::vector<std::string> models;
  std::vector<double> speeds;
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 2);
    if (line.starts_with("model name")) models.push_back(value);
    double speed = 0;
    if (line.starts_with("cpu MHz") && absl::SimpleAtod(value, &speed))
      speeds.push_back(std::floor(speed));
  }
  const double ms_per_tick = 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::vector<Cpu> cpus;
  std::ifstream stat("/proc/stat");
  for (std::string line; std::getline(stat, line);) {
    if (!line.starts_with("cpu") || line.starts_with("cpu ")) continue;
    std::istringstream fields(line);
    std::string name;
    double user = 0;
    double nice = 0;
    double system = 0;
    double idle = 0;
    double io_wait = 0;
    double irq = 0;
    fields >> name >> user >> nice >> system >> idle >> io_wait >> irq;
    const size_t i = cpus.size();
    cpus.emplace_back(i < models.size() ? models[i] : "unknown",
                      i < speeds.size() ? speeds[i] : 0, user * ms_per_tick,
                      nice * ms_per_tick, system * ms_per_tick,
                      idle * ms_per_tick, irq * ms_per_tick);
  }
  return cpus;
}

struct User {
  std::string username;
  double uid = 0;
  double gid = 0;
  std::string homedir;
  std::string shell;
};
constexpr auto JsFields(const User*) {
  return std::tuple(Field("username", &User::username),
                    Field("uid", &User::uid), Field("gid", &User::gid),
                    Field("homedir", &User::homedir),
                    Field("shell", &User::shell));
}

absl::StatusOr<User> FindUser(uint32_t uid) {
  std::vector<char> buffer(1024);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = getpwuid_r(uid, &entry, buffer.data(), buffer.size(),
                             &found)) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  if (error != 0) return ErrnoStatus(error, "uv_os_get_passwd");
  if (found == nullptr) return ErrnoStatus(ENOENT, "uv_os_get_passwd");
  return User{entry.pw_name, static_cast<double>(entry.pw_uid),
              static_cast<double>(entry.pw_gid), entry.pw_dir, entry.pw_shell};
}

absl::StatusOr<std::string> HomeDirectory() {
  absl::StatusOr<User> user = FindUser(getuid());
  if (!user.ok()) return user.status();
  return user->homedir;
}

absl::StatusOr<int32_t> Priority(uint32_t pid) {
  errno = 0;  // -1 is a priority, too.
  const int priority = getpriority(PRIO_PROCESS, pid);
  if (errno != 0) return ErrnoStatus(errno, "uv_os_getpriority");
  return priority;
}

absl::Status SetPriority(uint32_t pid, int32_t priority) {
  if (setpriority(PRIO_PROCESS, pid, priority) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "uv_os_setpriority");
}

std::string AddressText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address == nullptr) return {};
  const void* bytes =
      address->sa_family == AF_INET
          ? static_cast<const void*>(
                &reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  inet_ntop(address->sa_family, bytes, text.data(), text.size());
  return text.data();
}

std::string MacText(const sockaddr_ll& link) {
  return absl::StrJoin(std::span(link.sll_addr).first(6), ":",
                       [](std::string* out, unsigned char byte) {
                         absl::StrAppend(out, absl::Hex(byte, absl::kZeroPad2));
                       });
}

using Interface = std::tuple<std::string, std::string, std::string, std::string,
                             std::string, bool, uint32_t>;

absl::StatusOr<std::vector<Interface>> Interfaces() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return ErrnoStatus(errno, "uv_interface_addresses");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(first,
                                                               &freeifaddrs);
  std::map<std::string, std::string> macs;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_PACKET) {
      macs[each->ifa_name] =
          MacText(*reinterpret_cast<const sockaddr_ll*>(each->ifa_addr));
    }
  }
  std::vector<Interface> interfaces;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_RUNNING) == 0)
      continue;
    const int family = each->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto mac = macs.find(each->ifa_name);
    interfaces.emplace_back(
        each->ifa_name, AddressText(each->ifa_addr),
        AddressText(each->ifa_netmask), family == AF_INET ? "IPv4" : "IPv6",
        mac == macs.end() ? "00:00:00:00:00:00" : mac->second,
        (each->ifa_flags & IFF_LOOPBACK) != 0,
        family == AF_INET6
            ? reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)
                  ->sin6_scope_id
            : 0);
  }
  return interfaces;
}

std::vector<int32_t> Errnos() {
  constexpr int kErrnoMax = 133;  // EHWPOISON
  std::vector<int32_t> numbers;
  for (int number = 1; number <= kErrnoMax; ++number) {
    if (ErrnoName(number) != "UNKNOWN") numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::string> ErrorText(int32_t number) {
  std::string_view name = ErrnoName(-number);
  if (name == "UNKNOWN") {
    return {absl::StrCat("Unknown system error ", number),
            absl::StrCat("Unknown system error ", number)};
  }
  return {std::string(name), std::string(ErrnoText(-number))};
}

}  // namespace

void DefineOsOps(ModuleDef& module) {
  module.Function<&Hostname>("hostname")
      .Function<&Uptime>("uptime")
      .Function<&Uname>("uname")
      .Function<&LoadAverages>("loadAverages")
      .Function<&Memory>("memory")
      .Function<&Cpus>("cpus")
      .Function<&FindUser>("user")
      .Function<&HomeDirectory>("homeDirectory")
      .Function<&Priority>("priority")
      .Function<&SetPriority>("setPriority")
      .Function<&Interfaces>("interfaces")
      .Function<&Errnos>("errnos")
      .Function<&ErrorText>("errorText");
}

}  // namespace braid
