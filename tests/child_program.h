#ifndef BRAID_TESTS_CHILD_PROGRAM_H_
#define BRAID_TESTS_CHILD_PROGRAM_H_

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace braid {

// A program that a test runs as its users would. Its output is read line by
// line while it runs; what it says on stderr is there at the end. Killed, if it
// still runs, when this ends.
class ChildProgram {
 public:
  // `command` is the program's path and its arguments. `stderr_fd` is what it
  // gets as stderr; if negative, stderr_text() keeps that. `before` is called
  // in the new process before the program begins, to set its limits.
  explicit ChildProgram(const std::vector<std::string>& command,
                        int stderr_fd = -1,
                        const std::function<void()>& before = nullptr);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  pid_t pid() const { return pid_; }

  // The output's next line, or nothing at its end.
  std::optional<std::string> NextLine();
  // All of the output that comes.
  std::string RestOfOutput();
  // Reads until a line that holds `text`; gives it, or nothing at the end.
  std::optional<std::string> WaitForLine(const std::string& text);
  // Reads until the line that tells an address; gives its port, or 0.
  int WaitForPort();

  // Sends a signal.
  void Signal(int signal) const;
  // Waits for the end; gives the wait status.
  int Wait();
  // The same; gives the exit code, or minus the signal that killed it.
  int ExitCode();

  // What it said on stderr until now.
  std::string stderr_text() const;

 private:
  pid_t pid_;
  FILE* output_;
  int errors_ = -1;  // A file in memory.
};

}  // namespace braid

#endif  // BRAID_TESTS_CHILD_PROGRAM_H_
