#include "tests/child_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/log/check.h"

namespace braid {

ChildProgram::ChildProgram(const std::vector<std::string>& command,
                           int stderr_fd, const std::function<void()>& before) {
  int ends[2];
  PCHECK(pipe2(ends, O_CLOEXEC) == 0);
  if (stderr_fd < 0) {
    errors_ = memfd_create("stderr", MFD_CLOEXEC);
    PCHECK(errors_ >= 0);
    stderr_fd = errors_;
  }
  std::vector<char*> words;
  for (const std::string& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_ = fork();
  PCHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(stderr_fd, STDERR_FILENO);
    if (before != nullptr) before();
    execv(words[0], words.data());
    _exit(127);
  }
  close(ends[1]);
  output_ = fdopen(ends[0], "r");
}

ChildProgram::~ChildProgram() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Wait();
  }
  fclose(output_);
  if (errors_ >= 0) close(errors_);
}

std::optional<std::string> ChildProgram::NextLine() {
  char line[4096];
  if (fgets(line, sizeof(line), output_) == nullptr) return std::nullopt;
  return std::string(line);
}

std::string ChildProgram::RestOfOutput() {
  std::string all;
  while (std::optional<std::string> line = NextLine()) all += *line;
  return all;
}

std::optional<std::string> ChildProgram::WaitForLine(const std::string& text) {
  while (std::optional<std::string> line = NextLine()) {
    if (line->find(text) != std::string::npos) return line;
  }
  return std::nullopt;
}

int ChildProgram::WaitForPort() {
  const std::optional<std::string> line = WaitForLine("http://");
  if (!line.has_value()) return 0;
  // Behind the address, which may hold colons of its own.
  const size_t end = line->find('/', line->find("http://") + 7);
  const size_t colon = line->rfind(':', end);
  return colon == std::string::npos ? 0 : atoi(line->c_str() + colon + 1);
}

void ChildProgram::Signal(int signal) const { kill(pid_, signal); }

int ChildProgram::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

int ChildProgram::ExitCode() {
  const int status = Wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ChildProgram::stderr_text() const {
  std::string text;
  char bytes[4096];
  ssize_t got;
  while ((got = pread(errors_, bytes, sizeof(bytes),
                      static_cast<off_t>(text.size()))) > 0) {
    text.append(bytes, static_cast<size_t>(got));
  }
  return text;
}

}  // namespace braid
