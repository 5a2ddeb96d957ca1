#include "io/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/descriptor_operations.h"
#include "io/errno_status.h"
#include "io/operation.h"

namespace braid {
namespace {

// As glibc declares them, but not for C++.
int OpenPidfd(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}
int SendSignal(int pidfd, int signal) {
  return static_cast<int>(
      syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

// A descriptor that is closed at once, for the moments around a spawn.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) close(Release());
  }

 private:
  int fd_;
};

// The arguments of execve(): pointers to what `texts` holds.
std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// C strings cannot hold a byte 0: the child would get other text.
absl::Status CheckText(std::string_view what, std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("spawn: ", what, " with a byte 0 in it: '",
                   text.substr(0, text.find('\0')), "\\0...'"));
}

absl::Status CheckTexts(const ProcessOptions& options) {
  RETURN_IF_ERROR(CheckText("a program", options.file));
  RETURN_IF_ERROR(CheckText("a folder", options.working_directory));
  for (const std::string& argument : options.arguments)
    RETURN_IF_ERROR(CheckText("an argument", argument));
  if (options.environment.has_value()) {
    for (const std::string& variable : *options.environment)
      RETURN_IF_ERROR(CheckText("a variable", variable));
  }
  return absl::OkStatus();
}

// What posix_spawn() needs of both its kinds of attributes. Their functions
// fail for want of memory alone.
class SpawnActions {
 public:
  SpawnActions() {
    CHECK_EQ(posix_spawn_file_actions_init(&actions_), 0);
    CHECK_EQ(posix_spawnattr_init(&attributes_), 0);
    // Whatever this process blocks or ignores.
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    CHECK_EQ(posix_spawnattr_setsigmask(&attributes_, &none), 0);
    CHECK_EQ(posix_spawnattr_setsigdefault(&attributes_, &all), 0);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void SetFlags(const ProcessOptions& options) {
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (options.new_session) flags |= POSIX_SPAWN_SETSID;
    CHECK_EQ(posix_spawnattr_setflags(&attributes_, static_cast<short>(flags)),
             0);
  }
  void ChangeFolder(const std::string& folder) {
    if (folder.empty()) return;
    CHECK_EQ(posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()),
             0);
  }
  // Makes sources[i] the descriptor i, and closes all others. REQUIRES: each is
  // i itself, or above all of them.
  void PlaceDescriptors(const std::vector<Descriptor>& sources) {
    for (int i = 0; i < static_cast<int>(sources.size()); ++i) {
      CHECK_EQ(posix_spawn_file_actions_adddup2(
                   &actions_, sources[static_cast<size_t>(i)].get(), i),
               0);
    }
    CHECK_EQ(posix_spawn_file_actions_addclosefrom_np(
                 &actions_, static_cast<int>(sources.size())),
             0);
  }

  // An errno, or 0 and the pid.
  int Spawn(const char* path, char* const* arguments, char* const* environment,
            pid_t& pid) const {
    return posix_spawn(&pid, path, &actions_, &attributes_, arguments,
                       environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// As execvp() does it, but with the child's PATH, not this process'.
class ProgramFinder {
 public:
  ProgramFinder(const SpawnActions& actions, const ProcessOptions& options)
      : actions_(actions),
        options_(options),
        arguments_(options.arguments.empty()
                       ? std::vector<std::string>{options.file}
                       : options.arguments) {
    if (options.environment.has_value())
      environment_ = Pointers(*options.environment);
  }

  // An errno, or 0 and the pid.
  int Spawn(pid_t& pid) {
    if (options_.file.empty()) return ENOENT;
    if (options_.file.find('/') != std::string::npos)
      return SpawnPath(options_.file, pid);
    int error = ENOENT;
    const std::string folders = Path();
    for (std::string_view folder : absl::StrSplit(folders, ':')) {
      const std::string path =
          absl::StrCat(folder.empty() ? "." : folder, "/", options_.file);
      // Spares a process for each folder; the answer is the system's.
      if (path.front() == '/' && access(path.c_str(), F_OK) != 0) continue;
      const int result = SpawnPath(path, pid);
      if (result == EACCES) {
        error = EACCES;  // Unless another folder has it.
      } else if (result != ENOENT && result != ENOTDIR) {
        return result;
      }
    }
    return error;
  }

 private:
  std::string Path() const {
    constexpr char kDefault[] = "/usr/local/bin:/usr/bin:/bin";
    if (!options_.environment.has_value()) {
      const char* path = getenv("PATH");
      return path != nullptr ? path : kDefault;
    }
    for (const std::string& variable : *options_.environment) {
      std::string_view path = variable;
      if (absl::ConsumePrefix(&path, "PATH=")) return std::string(path);
    }
    return kDefault;
  }

  int SpawnPath(const std::string& path, pid_t& pid) {
    char* const* environment =
        environment_.empty() ? environ : environment_.data();
    const int error = actions_.Spawn(path.c_str(), Pointers(arguments_).data(),
                                     environment, pid);
    if (error != ENOEXEC) return error;
    // Text without "#!": the shell's, as POSIX has it.
    std::vector<std::string> arguments = {"/bin/sh", path};
    if (arguments_.size() > 1) {
      arguments.insert(arguments.end(), arguments_.begin() + 1,
                       arguments_.end());
    }
    return actions_.Spawn("/bin/sh", Pointers(arguments).data(), environment,
                          pid);
  }

  const SpawnActions& actions_;
  const ProcessOptions& options_;
  const std::vector<std::string> arguments_;
  std::vector<char*> environment_;
};

// The child's descriptors, and this process' ends of the pipes.
struct StdioEnds {
  std::vector<Descriptor> child;
  std::vector<Descriptor> pipes;  // By number; not open where there is none.
};

absl::StatusOr<StdioEnds> OpenStdio(const std::vector<ProcessStdio>& stdio) {
  StdioEnds ends;
  const int count = static_cast<int>(stdio.size());
  for (const ProcessStdio& entry : stdio) {
    Descriptor child;
    Descriptor pipe;
    switch (entry.kind) {
      case ProcessStdio::Kind::kNull:
        child = Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
        if (!child.is_open()) return ErrnoStatus(errno, "open", "/dev/null");
        break;
      case ProcessStdio::Kind::kPipe: {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
          return ErrnoStatus(errno, "socketpair");
        child = Descriptor(pair[0]);
        pipe = Descriptor(pair[1]);
        break;
      }
      case ProcessStdio::Kind::kDescriptor:
        child = Descriptor(fcntl(entry.descriptor, F_DUPFD_CLOEXEC, count));
        if (!child.is_open()) {
          return ErrnoStatus(
              errno, "spawn",
              absl::StrCat("with the descriptor ", entry.descriptor));
        }
        break;
    }
    // Above all that the child's are to be, so that placing one does not hit
    // the source of another.
    if (child.get() < count) {
      child = Descriptor(fcntl(child.get(), F_DUPFD_CLOEXEC, count));
      if (!child.is_open()) return ErrnoStatus(errno, "fcntl");
    }
    ends.child.push_back(std::move(child));
    ends.pipes.push_back(std::move(pipe));
  }
  return ends;
}

enum class Reaping { kIfEnded, kBlocking };

// The end of a process, or an errno: EAGAIN when it has not ended.
absl::StatusOr<ProcessExit> Reap(int pidfd, Reaping reaping) {
  siginfo_t info{};
  const int options = WEXITED | (reaping == Reaping::kIfEnded ? WNOHANG : 0);
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, options) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "waitid");
  }
  if (info.si_pid == 0) return ErrnoStatus(EAGAIN, "waitid");
  if (info.si_code == CLD_EXITED) return ProcessExit{.code = info.si_status};
  return ProcessExit{.signal = info.si_status};
}

// Waits for a process that nobody asks for any more, so that it leaves no
// zombie. Owns itself until then.
class Reaper final : private Operation {
 public:
  static void Start(Loop& loop, int pidfd, bool killed) {
    auto* const self = new Reaper(pidfd, killed);
    io_uring_sqe* sqe = loop.NextSqe();
    io_uring_prep_poll_add(sqe, pidfd, POLLIN);
    self->Submit(loop, sqe);
  }

 private:
  Reaper(int pidfd, bool killed)
      : Operation(&Reaper::OnPolled), pidfd_(pidfd), killed_(killed) {}

  static void OnPolled(Operation& operation, const io_uring_cqe&) {
    std::unique_ptr<Reaper> self(static_cast<Reaper*>(&operation));
    // When the loop ends the poll is cancelled; then what was killed is about
    // to end, and is the last that the loop waits for.
    Reap(self->pidfd_.get(),
         self->killed_ ? Reaping::kBlocking : Reaping::kIfEnded)
        .status()
        .IgnoreError();
  }
  friend std::default_delete<Reaper>;
  ~Reaper() = default;

  Descriptor pidfd_;
  const bool killed_;
};

}  // namespace

class Process::Child {
 public:
  Child(Loop& loop, pid_t pid, Descriptor pidfd)
      : loop(loop), pid(pid), pidfd(std::move(pidfd)) {}

  void Abandon() {
    std::unique_ptr<Child> self(this);
    CHECK(!waiting) << "a Process ended while a task waits for it";
    if (exit.has_value()) return;
    if (!detached) SendSignal(pidfd.get(), SIGKILL);
    if (ErrnoOf(Reap(pidfd.get(), Reaping::kIfEnded).status()) == EAGAIN)
      Reaper::Start(loop, pidfd.Release(), !detached);
  }

  Loop& loop;
  const pid_t pid;
  Descriptor pidfd;
  std::vector<TcpStream> pipes;  // Of nothing where there is none.
  std::optional<ProcessExit> exit;
  bool waiting = false;
  bool detached = false;
};

void Process::Abandoner::operator()(Child* child) const { child->Abandon(); }

absl::StatusOr<Process> Process::Spawn(Loop& loop,
                                       const ProcessOptions& options) {
  RETURN_IF_ERROR(CheckTexts(options));
  static constexpr ProcessStdio kNull;
  ASSIGN_OR_RETURN(StdioEnds ends,
                   OpenStdio(options.stdio.empty()
                                 ? std::vector{kNull, ProcessStdio::Inherit(1),
                                               ProcessStdio::Inherit(2)}
                                 : options.stdio));
  std::vector<TcpStream> pipes(ends.pipes.size());
  for (size_t i = 0; i < pipes.size(); ++i) {
    if (!ends.pipes[i].is_open()) continue;
    ASSIGN_OR_RETURN(pipes[i], TcpStream::Adopt(loop, ends.pipes[i].Release()));
  }
  // Kept free, so that a process that has begun will have its pidfd.
  Descriptor reserved(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!reserved.is_open()) return ErrnoStatus(errno, "spawn", options.file);

  SpawnActions actions;
  actions.SetFlags(options);
  actions.PlaceDescriptors(ends.child);
  actions.ChangeFolder(options.working_directory);
  pid_t pid = 0;
  if (const int error = ProgramFinder(actions, options).Spawn(pid);
      error != 0) {
    // posix_spawn() does not say which of its steps has failed.
    if (!options.working_directory.empty() &&
        access(options.working_directory.c_str(), X_OK) != 0) {
      return ErrnoStatus(errno, "chdir", options.working_directory);
    }
    return ErrnoStatus(error, "spawn", options.file);
  }
  reserved.Close();
  Descriptor pidfd(OpenPidfd(pid));
  if (!pidfd.is_open()) {
    const int error = errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return ErrnoStatus(error, "pidfd_open", options.file);
  }
  Handle child(new Child(loop, pid, std::move(pidfd)));
  child->pipes = std::move(pipes);
  return Process(std::move(child));
}

Process::Child& Process::child() const {
  CHECK(child_ != nullptr) << "a Process that was moved from was used";
  return *child_;
}

int Process::pid() const { return child().pid; }

TcpStream Process::TakePipe(size_t i) {
  CHECK(i < child().pipes.size() && child().pipes[i].is_open())
      << "stdio[" << i << "] of the process is no pipe, or was taken";
  return std::move(child().pipes[i]);
}

const std::optional<ProcessExit>& Process::exit() const { return child().exit; }

Task<absl::StatusOr<ProcessExit>> Process::Wait() {
  Child& child = this->child();
  CHECK(!child.waiting) << "two tasks wait for one process";
  while (!child.exit.has_value()) {
    child.waiting = true;
    absl::Status status = co_await SimpleOperation(
        child.loop, "waitid", {}, [&child](io_uring_sqe* sqe) {
          io_uring_prep_poll_add(sqe, child.pidfd.get(), POLLIN);
        });
    child.waiting = false;
    CO_RETURN_IF_ERROR(std::move(status));
    absl::StatusOr<ProcessExit> exit =
        Reap(child.pidfd.get(), Reaping::kIfEnded);
    if (exit.ok()) {
      child.exit = *exit;
      child.pidfd.Close();
    } else if (ErrnoOf(exit.status()) != EAGAIN) {
      co_return exit.status();
    }
  }
  co_return *child.exit;
}

absl::Status Process::Kill(int signal) {
  if (child().exit.has_value()) return ErrnoStatus(ESRCH, "kill");
  if (SendSignal(child().pidfd.get(), signal) != 0)
    return ErrnoStatus(errno, "kill");
  return absl::OkStatus();
}

void Process::Detach() { child().detached = true; }

namespace {

// The tasks of one RunProcess().
class Run {
 public:
  Run(Process& process, const RunProcessOptions& options, Scope& pipes)
      : process_(process), options_(options), pipes_(pipes) {}

  Task<absl::Status> Feed(TcpStream stream) {
    const absl::Status status = co_await stream.WriteAll(options_.input);
    // Any other failure is that the program did not want it all.
    co_return absl::IsCancelled(status) ? status : absl::OkStatus();
  }

  Task<absl::Status> Gather(TcpStream stream, std::string& output) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(const Lease lease, co_await stream.Read());
      if (lease.empty()) co_return absl::OkStatus();
      const size_t left = options_.output_max - output.size();
      output.append(lease.text().substr(0, left));
      if (lease.size() > left) {
        Stop(ProcessOutput::Limit::kOutput);
        co_return absl::OkStatus();
      }
    }
  }

  Task<absl::Status> StopAfter(absl::Duration timeout) {
    CO_RETURN_IF_ERROR(co_await SleepFor(timeout));
    Stop(ProcessOutput::Limit::kTime);
    co_return absl::OkStatus();
  }

  ProcessOutput::Limit exceeded() const { return exceeded_; }

 private:
  void Stop(ProcessOutput::Limit limit) {
    if (exceeded_ != ProcessOutput::Limit::kNone) return;
    exceeded_ = limit;
    process_.Kill(options_.kill_signal).IgnoreError();
    pipes_.Cancel();
  }

  Process& process_;
  const RunProcessOptions& options_;
  Scope& pipes_;
  ProcessOutput::Limit exceeded_ = ProcessOutput::Limit::kNone;
};

}  // namespace

Task<absl::StatusOr<ProcessOutput>> RunProcess(Loop& loop,
                                               ProcessOptions process_options,
                                               RunProcessOptions options) {
  if (process_options.stdio.empty()) {
    process_options.stdio.assign(3, ProcessStdio::Pipe());
  }
  const std::vector<ProcessStdio>& stdio = process_options.stdio;
  CO_ASSIGN_OR_RETURN(Process process, Process::Spawn(loop, process_options));
  ProcessOutput output{.pid = process.pid()};
  Scope pipes(co_await CurrentTask());
  Run run(process, options, pipes);
  for (size_t i = 0; i < stdio.size(); ++i) {
    if (stdio[i].kind != ProcessStdio::Kind::kPipe) continue;
    TcpStream pipe = process.TakePipe(i);
    if (i == 0) {
      pipes.Spawn(run.Feed(std::move(pipe)));
    } else if (i <= 2) {
      pipes.Spawn(run.Gather(std::move(pipe), i == 1 ? output.standard_output
                                                     : output.standard_error));
    }
  }
  Scope timer(co_await CurrentTask());
  if (options.timeout != absl::InfiniteDuration())
    timer.Spawn(run.StopAfter(options.timeout));
  absl::Status gathered = co_await pipes.Join();
  absl::StatusOr<ProcessExit> exit = co_await process.Wait();
  timer.Cancel();
  CO_RETURN_IF_ERROR(co_await timer.Join());
  CO_RETURN_IF_ERROR(gathered);
  CO_ASSIGN_OR_RETURN(output.exit, std::move(exit));
  output.exceeded = run.exceeded();
  co_return output;
}

}  // namespace braid
