#include "bench/http/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/errno_status.h"

namespace braid::bench {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

}  // namespace

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& command,
                                       int cpu) {
  std::vector<char*> arguments;
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(errno, "fork");
  if (pid == 0) {
    setpgid(0, 0);
    PinTo(cpu);
    const int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  setpgid(pid, pid);
  return Process(pid);
}

Process::~Process() {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Process::running() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

std::vector<pid_t> Process::Group() const {
  std::vector<pid_t> group;
  std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), &closedir);
  while (const dirent* entry = readdir(proc.get())) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid) && getpgid(pid) == pid_)
      group.push_back(pid);
  }
  return group;
}

double Process::CpuSeconds() const {
  double seconds = 0;
  for (pid_t pid : Group()) {
    // The first number: nanoseconds on a processor, of the main thread only,
    // so every thread is asked.
    const std::string tasks = absl::StrCat("/proc/", pid, "/task");
    std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(tasks.c_str()),
                                                  &closedir);
    if (directory == nullptr) continue;
    while (const dirent* entry = readdir(directory.get())) {
      if (entry->d_name[0] == '.') continue;
      const std::string stat =
          ReadAll(absl::StrCat(tasks, "/", entry->d_name, "/schedstat"));
      uint64_t nanoseconds = 0;
      if (absl::SimpleAtoi(stat.substr(0, stat.find(' ')), &nanoseconds)) {
        seconds += static_cast<double>(nanoseconds) * 1e-9;
      }
    }
  }
  return seconds;
}

uint64_t Process::ResidentBytes() const {
  uint64_t bytes = 0;
  for (pid_t pid : Group()) {
    const std::vector<std::string> fields =
        absl::StrSplit(ReadAll(absl::StrCat("/proc/", pid, "/statm")), ' ');
    uint64_t pages = 0;
    if (fields.size() > 1 && absl::SimpleAtoi(fields[1], &pages)) {
      bytes += pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    }
  }
  return bytes;
}

void PinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof(set), &set);
}

std::optional<std::string> FindProgram(const std::string& program,
                                       const std::vector<std::string>& more) {
  std::vector<std::string> folders = more;
  if (const char* path = getenv("PATH")) {
    for (absl::string_view folder : absl::StrSplit(path, ':'))
      folders.emplace_back(folder);
  }
  for (const std::string& folder : folders) {
    std::string candidate = absl::StrCat(folder, "/", program);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

}  // namespace braid::bench
