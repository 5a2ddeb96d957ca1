#ifndef BRAID_IO_DRIVER_SYSTEM_CALLS_H_
#define BRAID_IO_DRIVER_SYSTEM_CALLS_H_

#include <sys/socket.h>

#include <cstdint>
#include <span>

namespace braid {

// The system calls that are made beside the ring: those that set a socket up
// and end at once, and those that not every ring has. They go through the
// driver, so that whoever executes submissions also answers for the descriptors
// that they are about. This class asks the kernel.
//
// Results are the system calls', but failures are negative errnos, as in
// completions. Thread: the loop's; Truncate(), Close() and the
// kernel's GetRandom() from any.
class SystemCalls {
 public:
  SystemCalls() = default;
  virtual ~SystemCalls() = default;
  SystemCalls(const SystemCalls&) = delete;
  SystemCalls& operator=(const SystemCalls&) = delete;

  virtual int Socket(int family, int type);
  virtual int SetOption(int fd, int level, int name, const void* value,
                        socklen_t size);
  virtual int Bind(int fd, const sockaddr* address, socklen_t size);
  virtual int Listen(int fd, int backlog);
  // Put the address into `address`, which has room for `*size` bytes.
  virtual int LocalAddress(int fd, sockaddr* address, socklen_t* size);
  virtual int PeerAddress(int fd, sockaddr* address, socklen_t* size);
  virtual int Truncate(int fd, uint64_t size);
  virtual int Close(int fd);
  // Fills `bytes` with randomness that is fit for keys; a simulation with what
  // follows from its seed.
  virtual int GetRandom(std::span<uint8_t> bytes);
};

}  // namespace braid

#endif  // BRAID_IO_DRIVER_SYSTEM_CALLS_H_
