#ifndef BRAID_BENCH_HTTP_PROCESS_H_
#define BRAID_BENCH_HTTP_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace braid::bench {

// A server under test with the processes it starts. Killed and waited for by
// the destructor. Move-only.
class Process {
 public:
  // Starts `command` on processor `cpu`, in a process group of its own, with
  // its output thrown away.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& command,
                                       int cpu);

  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Process& operator=(Process&&) = delete;
  ~Process();

  // Processor time, user and system, that it and its children that live have
  // used, in seconds, with the kernel's own resolution (nanoseconds).
  double CpuSeconds() const;
  // Resident memory of all of them, in bytes.
  uint64_t ResidentBytes() const;
  bool running() const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  std::vector<pid_t> Group() const;

  pid_t pid_;
};

// Binds the calling thread to one processor.
void PinTo(int cpu);

// Where `program` is found on the PATH and in the folders of `more`.
std::optional<std::string> FindProgram(const std::string& program,
                                       const std::vector<std::string>& more);

}  // namespace braid::bench

#endif  // BRAID_BENCH_HTTP_PROCESS_H_
