// The limit: the least that a program can do to answer HTTP requests from an
// io_uring. It parses nothing, counts the blank lines that end requests, and
// answers a batch with one send. No error is handled beyond closing.

#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr unsigned kBuffers = 256;
constexpr size_t kBufferBytes = 16 << 10;
constexpr int kBatchMax = 1024;
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: "
    "13\r\n\r\nHello, World!";

enum class Kind : uint64_t { kAccept, kReceive, kSend };

uint64_t Data(Kind kind, int fd) {
  return static_cast<uint64_t>(kind) << 32 | static_cast<uint32_t>(fd);
}

int Listen(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, 4096) != 0) {
    perror("listen");
    exit(1);
  }
  return fd;
}

void ArmReceive(io_uring& ring, int fd) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
  sqe->flags |= IOSQE_BUFFER_SELECT;
  io_uring_sqe_set_data64(sqe, Data(Kind::kReceive, fd));
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = Listen(argc > 1 ? atoi(argv[1]) : 8080);
  std::string responses;
  for (int i = 0; i < kBatchMax; ++i) responses += kResponse;

  io_uring ring;
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
  params.cq_entries = 8192;
  if (io_uring_queue_init_params(512, &ring, &params) < 0) {
    fprintf(stderr, "no io_uring\n");
    return 1;
  }
  io_uring_register_ring_fd(&ring);
  int error = 0;
  io_uring_buf_ring* buffers =
      io_uring_setup_buf_ring(&ring, kBuffers, 0, 0, &error);
  std::vector<char> memory(kBuffers * kBufferBytes);
  const int mask = io_uring_buf_ring_mask(kBuffers);
  for (unsigned i = 0; i < kBuffers; ++i) {
    io_uring_buf_ring_add(buffers, &memory[i * kBufferBytes], kBufferBytes,
                          static_cast<uint16_t>(i), mask, static_cast<int>(i));
  }
  io_uring_buf_ring_advance(buffers, kBuffers);
  io_uring_sqe* accept = io_uring_get_sqe(&ring);
  io_uring_prep_multishot_accept(accept, listener, nullptr, nullptr, 0);
  io_uring_sqe_set_data64(accept, Data(Kind::kAccept, listener));

  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    io_uring_cqe* cqe;
    unsigned head;
    unsigned count = 0;
    io_uring_for_each_cqe(&ring, head, cqe) {
      ++count;
      const int fd = static_cast<int>(cqe->user_data & 0xffffffff);
      switch (static_cast<Kind>(cqe->user_data >> 32)) {
        case Kind::kAccept:
          if (cqe->res >= 0) ArmReceive(ring, cqe->res);
          break;
        case Kind::kReceive: {
          if (cqe->res == -ENOBUFS) {
            ArmReceive(ring, fd);
            break;
          }
          if (cqe->res <= 0) {
            close(fd);
            break;
          }
          const unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
          const std::string_view bytes(&memory[buffer * kBufferBytes],
                                       static_cast<size_t>(cqe->res));
          size_t requests = 0;
          for (size_t at = bytes.find("\r\n\r\n"); at != bytes.npos;
               at = bytes.find("\r\n\r\n", at + 4)) {
            ++requests;
          }
          io_uring_buf_ring_add(buffers, &memory[buffer * kBufferBytes],
                                kBufferBytes, static_cast<uint16_t>(buffer),
                                mask, 0);
          io_uring_buf_ring_advance(buffers, 1);
          if (requests > 0) {
            io_uring_sqe* sqe = io_uring_get_sqe(&ring);
            io_uring_prep_send(sqe, fd, responses.data(),
                               requests * kResponse.size(),
                               MSG_NOSIGNAL | MSG_WAITALL);
            io_uring_sqe_set_data64(sqe, Data(Kind::kSend, fd));
          }
          if ((cqe->flags & IORING_CQE_F_MORE) == 0) ArmReceive(ring, fd);
          break;
        }
        case Kind::kSend:
          break;
      }
    }
    io_uring_cq_advance(&ring, count);
  }
}
