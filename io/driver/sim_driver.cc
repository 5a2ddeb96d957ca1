#include "io/driver/sim_driver.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"

namespace braid {
namespace {

// Descriptors begin where those of a test's process do not reach, so that one
// which is handed to the real kernel by mistake means nothing there.
constexpr int kFirstDescriptor = 1 << 20;

std::string_view NameOf(uint8_t opcode) {
  switch (opcode) {
    case IORING_OP_NOP:
      return "nop";
    case IORING_OP_ASYNC_CANCEL:
      return "cancel";
    case IORING_OP_ACCEPT:
      return "accept";
    case IORING_OP_CONNECT:
      return "connect";
    case IORING_OP_RECV:
      return "recv";
    case IORING_OP_SEND:
      return "send";
    case IORING_OP_SENDMSG:
      return "sendmsg";
    case IORING_OP_SHUTDOWN:
      return "shutdown";
    case IORING_OP_CLOSE:
      return "close";
    case IORING_OP_OPENAT:
      return "open";
    case IORING_OP_READ:
      return "read";
    case IORING_OP_WRITE:
      return "write";
    case IORING_OP_FSYNC:
      return "fsync";
    case IORING_OP_STATX:
      return "stat";
    case IORING_OP_MKDIRAT:
      return "mkdir";
    case IORING_OP_UNLINKAT:
      return "unlink";
    case IORING_OP_RENAMEAT:
      return "rename";
    case IORING_OP_LINKAT:
      return "link";
    case IORING_OP_SYMLINKAT:
      return "symlink";
    default:
      return "an unknown operation";
  }
}

}  // namespace

SimDriver::SimDriver(const SimOptions& options, ManualClock& clock,
                     std::shared_ptr<SimDisk> disk)
    : clock_(clock),
      kernel_(options, clock),
      network_(kernel_,
               [this](SimSocketPtr socket) {
                 return AddDescriptor({.socket = std::move(socket)});
               }),
      files_(kernel_, std::move(disk),
             [this](SimFilePtr file) {
               return AddDescriptor({.file = std::move(file)});
             }),
      memory_(ring_, options.submission_entries, options.completion_entries) {
  // A loop with work of its own enters only then, and time passes nowhere else.
  memory_.AskForEnters();
  kernel_.set_publish(
      [this](const SimCompletion& completion) { Publish(completion); });
}

SimDriver::~SimDriver() {
  // Sockets that end now have nobody to tell.
  kernel_.Stop();
  requests_.clear();
  descriptors_.clear();
}

// The ring. -------------------------------------------------------------------

void SimDriver::Enter(Wait wait, MonotonicNanos deadline) {
  ++stats_.enters;
  clock_.Advance(absl::Nanoseconds(kernel_.UpTo(kernel_.options().turn_max)));
  memory_.FlushOverflow();
  TakeSubmissions();
  kernel_.RunDue();
  while (wait == Wait::kForOne && !memory_.has_completions() &&
         !woken_.exchange(false, std::memory_order_acquire)) {
    const MonotonicNanos next = kernel_.NextEvent();
    if (deadline <= next && deadline != kNever) {
      clock_.AdvanceTo(deadline);
      break;
    }
    CHECK_NE(next, kNever)
        << "the simulated program waits for what never happens (seed "
        << kernel_.options().seed << ")";
    clock_.AdvanceTo(next);
    kernel_.RunDue();
  }
}

void SimDriver::TakeSubmissions() {
  while (const std::optional<io_uring_sqe> entry = memory_.TakeSubmission()) {
    ++stats_.submitted;
    Submit(*entry);
  }
}

void SimDriver::Submit(const io_uring_sqe& entry) {
  auto request = std::make_shared<SimRequest>(
      SimRequest{.entry = entry, .number = ++last_request_});
  Trace(*request);
  switch (entry.opcode) {
    case IORING_OP_NOP:
      return kernel_.Complete(*request,
                              (entry.nop_flags & IORING_NOP_INJECT_RESULT) != 0
                                  ? static_cast<int>(entry.len)
                                  : 0);
    case IORING_OP_ASYNC_CANCEL:
      return kernel_.Complete(*request, Cancel(entry));
    default:
      break;
  }
  // The kernel looks the descriptor up when it takes the entry.
  Descriptor descriptor;
  if (!SimFiles::IsAboutPath(entry)) {
    const auto found = descriptors_.find(entry.fd);
    if (found == descriptors_.end()) return kernel_.Complete(*request, -EBADF);
    descriptor = found->second;
  }
  SimRequestPtr& slot = requests_[entry.user_data];
  CHECK(slot == nullptr || slot->ended)
      << "two submissions with the same user_data are under way";
  slot = request;
  kernel_.After(kernel_.UpTo(kernel_.options().operation_delay_max),
                [this, request, descriptor = std::move(descriptor)] {
                  if (!request->ended) Execute(descriptor, request);
                });
}

void SimDriver::Execute(const Descriptor& descriptor,
                        const SimRequestPtr& request) {
  if (request->entry.opcode == IORING_OP_CLOSE) {
    kernel_.Complete(*request, Close(request->entry.fd));
  } else if (descriptor.socket != nullptr) {
    network_.Execute(descriptor.socket, request);
  } else if (descriptor.file != nullptr) {
    files_.Execute(*descriptor.file, *request);
  } else {
    files_.ExecutePath(*request);
  }
}

bool SimDriver::CancelOne(SimRequest& request) {
  if (request.ended) return false;
  if (request.withdraw == nullptr) {
    // It has not begun; or it has, just now, and goes on unless a signal ends
    // it. (What interrupts a close does not keep it from happening.)
    if (kernel_.Happens(kernel_.options().late_cancel)) {
      if (request.entry.opcode != IORING_OP_CLOSE &&
          kernel_.Happens(kernel_.options().interruption)) {
        kernel_.Complete(request, -EINTR);
      }
      return false;
    }
    kernel_.Complete(request, -ECANCELED);
    return true;
  }
  // What withdraw() owns must not end within it.
  absl::AnyInvocable<int()> withdraw = std::move(request.withdraw);
  kernel_.Complete(request, withdraw());
  return true;
}

int SimDriver::Cancel(const io_uring_sqe& entry) {
  if ((entry.cancel_flags & IORING_ASYNC_CANCEL_ANY) != 0) {
    // In their order: that of the addresses differs from run to run.
    std::map<uint64_t, SimRequestPtr> all;
    for (const auto& [user_data, request] : requests_)
      all.emplace(request->number, request);
    int count = 0;
    for (const auto& [number, request] : all) count += int{CancelOne(*request)};
    return count > 0 ? count : -ENOENT;
  }
  const auto found = requests_.find(entry.addr);
  if (found == requests_.end() || found->second->ended) return -ENOENT;
  return CancelOne(*found->second) ? 0 : -EALREADY;
}

void SimDriver::Trace(const SimRequest& request) const {
  if (kernel_.options().trace == nullptr) return;
  const io_uring_sqe& entry = request.entry;
  std::string line = absl::StrCat(clock_.Now(), " ns  #", request.number, " ",
                                  NameOf(entry.opcode));
  if (entry.opcode == IORING_OP_ASYNC_CANCEL) {
    const auto found = requests_.find(entry.addr);
    absl::StrAppend(&line, " of ",
                    found == requests_.end()
                        ? "all"
                        : absl::StrCat("#", found->second->number));
  } else if (SimFiles::IsAboutPath(entry)) {
    absl::StrAppend(&line, " ", reinterpret_cast<const char*>(entry.addr));
  } else {
    absl::StrAppend(&line, " fd ", entry.fd, ", ", entry.len, " bytes");
  }
  kernel_.options().trace(line);
}

void SimDriver::Trace(const SimCompletion& completion) const {
  if (kernel_.options().trace == nullptr) return;
  kernel_.options().trace(absl::StrCat(
      clock_.Now(), " ns  #", completion.request, " = ",
      completion.entry.result,
      (completion.entry.flags & IORING_CQE_F_MORE) != 0 ? ", goes on" : ""));
}

void SimDriver::Publish(const SimCompletion& completion) {
  Trace(completion);
  if (!memory_.Publish(completion.entry)) ++stats_.cq_overflows;
}

absl::Status SimDriver::RegisterBufferRing(io_uring_buf_ring* buffers,
                                           unsigned entries, uint16_t) {
  kernel_.SetBuffers({buffers, entries});
  return absl::OkStatus();
}

void SimDriver::UnregisterBufferRing(uint16_t) { kernel_.SetBuffers({}); }

std::string SimDriver::Describe() const {
  return absl::StrCat("a simulated kernel, seed ", kernel_.options().seed);
}

// Descriptors. ----------------------------------------------------------------

SimSocketPtr SimDriver::Find(int fd) const {
  const auto found = descriptors_.find(fd);
  return found == descriptors_.end() ? nullptr : found->second.socket;
}

int SimDriver::AddDescriptor(Descriptor descriptor) {
  if (descriptors_.size() >=
      static_cast<size_t>(kernel_.options().descriptors_max)) {
    return -EMFILE;
  }
  // The lowest that is free, as POSIX wants it: what is used after its close
  // then soon means something else, as on a real machine.
  int fd = kFirstDescriptor;
  for (const auto& [taken, unused] : descriptors_) {
    if (taken != fd) break;
    ++fd;
  }
  descriptors_.emplace(fd, std::move(descriptor));
  return fd;
}

int SimDriver::Close(int fd) {
  // Its last reference may end here, which looks at descriptors again.
  auto closed = descriptors_.extract(fd);
  return closed.empty() ? -EBADF : 0;
}

int SimDriver::GetRandom(std::span<uint8_t> bytes) {
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>(kernel_.Between(0, UINT8_MAX));
  return 0;
}

int SimDriver::Socket(int family, int type) {
  if (family != AF_INET && family != AF_INET6) return -EAFNOSUPPORT;
  if ((type & ~SOCK_CLOEXEC) != SOCK_STREAM) return -EPROTONOSUPPORT;
  return AddDescriptor(
      {.socket = std::make_shared<SimSocket>(network_, family)});
}

int SimDriver::SetOption(int fd, int level, int name, const void* value,
                         socklen_t size) {
  const SimSocketPtr socket = Find(fd);
  if (socket == nullptr) return -EBADF;
  return network_.SetOption(*socket, level, name, value, size);
}

int SimDriver::Bind(int fd, const sockaddr* address, socklen_t size) {
  const SimSocketPtr socket = Find(fd);
  return socket == nullptr ? -EBADF : network_.Bind(*socket, address, size);
}

int SimDriver::Listen(int fd, int backlog) {
  const SimSocketPtr socket = Find(fd);
  return socket == nullptr ? -EBADF : network_.Listen(*socket, backlog);
}

int SimDriver::LocalAddress(int fd, sockaddr* address, socklen_t* size) {
  const SimSocketPtr socket = Find(fd);
  if (socket == nullptr) return -EBADF;
  return SimNetwork::Address(*socket, /*peer=*/false, address, size);
}

int SimDriver::PeerAddress(int fd, sockaddr* address, socklen_t* size) {
  const SimSocketPtr socket = Find(fd);
  if (socket == nullptr) return -EBADF;
  return SimNetwork::Address(*socket, /*peer=*/true, address, size);
}

int SimDriver::Truncate(int fd, uint64_t size) {
  const auto found = descriptors_.find(fd);
  if (found == descriptors_.end()) return -EBADF;
  if (found->second.file == nullptr) return -EINVAL;
  return files_.Truncate(*found->second.file, size);
}

}  // namespace braid
