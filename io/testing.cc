#include "io/testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"

namespace braid {

World SystemWorld(const UringOptions& options) {
  absl::StatusOr<World> world = World::System(options);
  CHECK_OK(world);
  return *std::move(world);
}

TcpListener ListenOnLoopback(Loop& loop) {
  absl::StatusOr<TcpListener> listener =
      TcpListener::Listen(loop, *SocketAddress::Parse("127.0.0.1", 0));
  CHECK_OK(listener);
  return *std::move(listener);
}

Task<absl::StatusOr<TcpPair>> ConnectPair(Loop& loop, TcpListener& listener) {
  CO_ASSIGN_OR_RETURN(TcpStream client,
                      co_await TcpStream::Connect(loop, listener.address()));
  CO_ASSIGN_OR_RETURN(TcpStream server, co_await listener.Accept());
  co_return TcpPair{std::move(client), std::move(server)};
}

Task<absl::StatusOr<TcpPair>> ConnectPair(Loop& loop) {
  TcpListener listener = ListenOnLoopback(loop);
  co_return co_await ConnectPair(loop, listener);
}

Task<absl::StatusOr<std::string>> ReadAll(TcpStream& stream) {
  std::string all;
  for (;;) {
    CO_ASSIGN_OR_RETURN(Lease lease, co_await stream.Read());
    if (lease.empty()) co_return all;
    all += lease.text();
  }
}

Task<absl::Status> EchoAll(TcpStream& stream) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(Lease lease, co_await stream.Read());
    if (lease.empty()) co_return co_await stream.ShutdownWrite();
    CO_RETURN_IF_ERROR(co_await stream.WriteAll(lease.bytes()));
  }
}

void ResetOnClose(TcpStream& stream) {
  const linger reset{1, 0};
  PCHECK(setsockopt(stream.fd(), SOL_SOCKET, SO_LINGER, &reset,
                    sizeof(reset)) == 0);
}

std::string PatternBytes(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1'664'525 + 1'013'904'223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

int CountDescriptors() {
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"),
                                             &closedir);
  PCHECK(folder != nullptr);
  int count = -1;  // The folder's own.
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

DescriptorLimit::DescriptorLimit(int limit) {
  PCHECK(getrlimit(RLIMIT_NOFILE, &former_) == 0);
  rlimit changed = former_;
  changed.rlim_cur = static_cast<rlim_t>(limit);
  PCHECK(setrlimit(RLIMIT_NOFILE, &changed) == 0);
}

DescriptorLimit::~DescriptorLimit() {
  PCHECK(setrlimit(RLIMIT_NOFILE, &former_) == 0);
}

FullDescriptorTable::FullDescriptorTable() {
  int fd;
  while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    taken_.push_back(fd);
  PCHECK(errno == EMFILE);
}

FullDescriptorTable::~FullDescriptorTable() {
  Free(static_cast<int>(taken_.size()));
}

void FullDescriptorTable::Free(int count) {
  for (; count > 0; --count) {
    close(taken_.back());
    taken_.pop_back();
  }
}

void TurnUntilNothingInFlight(Loop& loop) {
  while (loop.in_flight() > 0) loop.Turn(Driver::Wait::kForOne);
}

std::string TestPath(const std::string& name) {
  const char* folder = getenv("TEST_TMPDIR");
  return absl::StrCat(folder != nullptr ? folder : "/tmp", "/", name);
}

void ForbidSystemCall(int number, int error) {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K,
               SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter = {program.size(), program.data()};
  PCHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  PCHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

std::string RunInChild(const std::function<std::string()>& body) {
  int ends[2];
  PCHECK(pipe(ends) == 0);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    const std::string result = body();
    const ssize_t written = write(ends[1], result.data(), result.size());
    _exit(written == static_cast<ssize_t>(result.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string result;
  char buffer[4096];
  ssize_t count;
  while ((count = read(ends[0], buffer, sizeof(buffer))) > 0) {
    result.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  PCHECK(waitpid(child, &status, 0) == child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    absl::StrAppend(&result, " [ended with wait status ", status, "]");
  }
  return result;
}

}  // namespace braid
