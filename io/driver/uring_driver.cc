#include "io/driver/uring_driver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "async/status_macros.h"

namespace braid {
namespace {

// Marks a status that IsRefusal() is to know.
constexpr std::string_view kRefusalUrl = "braid/io_uring_refused";

int ReadDisabledSysctl() {
  std::ifstream file("/proc/sys/kernel/io_uring_disabled");
  int value = -1;
  return file >> value ? value : -1;
}

unsigned SetupFlags(const UringOptions& options) {
  unsigned flags =
      IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL;
  if (options.single_issuer) flags |= IORING_SETUP_SINGLE_ISSUER;
  if (options.single_issuer && options.defer_taskrun) {
    flags |= IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
  }
  return flags;
}

// `doing` is what failed, where that is not the set-up as a whole.
absl::Status SetupError(int error, const char* doing = "") {
  absl::Status status = absl::UnavailableError(
      absl::StrCat("io_uring cannot be used: ", doing,
                   ExplainSetupFailure(error, ReadDisabledSysctl())));
  if (error == ENOSYS || error == EPERM || error == EACCES || error == EINVAL)
    status.SetPayload(kRefusalUrl, absl::Cord());
  return status;
}

std::string KernelRelease() {
  utsname system;
  uname(&system);
  return system.release;
}

}  // namespace

std::string ExplainSetupFailure(int error, int disabled_sysctl) {
  switch (error) {
    case ENOSYS:
      return "this kernel has no io_uring (or a seccomp filter hides it): run "
             "on Linux 6.0 or newer, and in a container with a seccomp profile "
             "that allows io_uring_setup, io_uring_enter and io_uring_register";
    case EPERM:
    case EACCES:
      if (disabled_sysctl > 0) {
        return absl::StrCat("the sysctl kernel.io_uring_disabled is ",
                            disabled_sysctl,
                            ", which forbids io_uring here: set it to 0 "
                            "(sysctl -w kernel.io_uring_disabled=0)");
      }
      return "io_uring is forbidden, most likely by a container's seccomp "
             "profile: allow io_uring_setup, io_uring_enter and "
             "io_uring_register (docker run --security-opt seccomp=PROFILE)";
    case ENOMEM:
      return "the limit for locked memory is too low for the ring: raise it "
             "(ulimit -l, or LimitMEMLOCK= in the systemd unit), or ask for a "
             "smaller ring";
    case EMFILE:
    case ENFILE:
      return "no file descriptor is left for the ring: raise the limit of open "
             "files (ulimit -n)";
    case EINVAL:
      return absl::StrCat("the io_uring of this kernel (", KernelRelease(),
                          ") is too old: run on Linux 6.0 or newer");
    default:
      return absl::StrCat("the kernel refuses it: ", strerror(error));
  }
}

bool IsRefusal(const absl::Status& status) {
  return status.GetPayload(kRefusalUrl).has_value();
}

bool SupportsWhatLoopsNeed(const io_uring_probe& probe) {
  return io_uring_opcode_supported(&probe, IORING_OP_SEND_ZC) != 0;
}

absl::StatusOr<std::unique_ptr<UringDriver>> UringDriver::Create(
    Clock& clock, const UringOptions& options) {
  if (options.completion_entries < options.submission_entries) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a ring with ", options.submission_entries,
        " submission entries needs as many completion entries, not ",
        options.completion_entries));
  }
  std::unique_ptr<UringDriver> driver(new UringDriver(clock));
  RETURN_IF_ERROR(driver->MakeRing(options));
  RETURN_IF_ERROR(driver->CheckSupport());
  driver->features_ = {
      .multishot_accept = options.multishot_accept,
      .multishot_receive = options.multishot_receive,
      // Kernels before 6.16 refuse the limit with EINVAL, which switches it
      // off.
      .receive_limit = options.receive_limit && options.multishot_receive};
  driver->wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (driver->wake_fd_ < 0) return SetupError(errno);
  return driver;
}

absl::Status UringDriver::MakeRing(const UringOptions& options) {
  io_uring_params params{};
  params.flags = SetupFlags(options);
  params.cq_entries = options.completion_entries;
  int result =
      io_uring_queue_init_params(options.submission_entries, &ring_, &params);
  if (result == -EINVAL) {
    // Linux 6.0 has SINGLE_ISSUER but not yet DEFER_TASKRUN; what is older has
    // neither and learns from CheckSupport() that it is too old.
    params = {};
    params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    params.cq_entries = options.completion_entries;
    result =
        io_uring_queue_init_params(options.submission_entries, &ring_, &params);
  }
  if (result < 0) return SetupError(-result);
  ring_made_ = true;
  constexpr unsigned kNeeded = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
  if ((params.features & kNeeded) != kNeeded) return SetupError(EINVAL);
  // Both only make things better, so a kernel that cannot is no error.
  if (options.registered_ring_fd) io_uring_register_ring_fd(&ring_);
  io_uring_ring_dontfork(&ring_);
  return absl::OkStatus();
}

absl::Status UringDriver::CheckSupport() {
  // io_uring_get_probe_ring() would not tell why it failed.
  const std::unique_ptr<io_uring_probe, void (*)(void*)> probe(
      static_cast<io_uring_probe*>(calloc(
          1,
          sizeof(io_uring_probe) + IORING_OP_LAST * sizeof(io_uring_probe_op))),
      &free);
  const int result =
      io_uring_register_probe(&ring_, probe.get(), IORING_OP_LAST);
  if (result < 0) return SetupError(-result);
  if (!SupportsWhatLoopsNeed(*probe)) return SetupError(EINVAL);
  // A filter may allow to set a ring up and forbid to use it.
  const int entered = io_uring_get_events(&ring_);
  return entered < 0 ? SetupError(-entered) : absl::OkStatus();
}

UringDriver::~UringDriver() {
  if (ring_made_) io_uring_queue_exit(&ring_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

int UringDriver::EnterOnce(Wait wait, MonotonicNanos deadline) {
  if (wait == Wait::kNo) return io_uring_submit_and_get_events(&ring_);
  if (deadline == kNever) return io_uring_submit_and_wait(&ring_, 1);
  const int64_t left = deadline - clock_.Now();
  if (left <= 0) return io_uring_submit_and_get_events(&ring_);
  __kernel_timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  io_uring_cqe* first;
  return io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
}

void UringDriver::Enter(Wait wait, MonotonicNanos deadline) {
  // Without room for the wake-up the wait could be for ever.
  if (!wake_armed_ && !ArmWake()) wait = Wait::kNo;
  const unsigned queued = io_uring_sq_ready(&ring_);
  ++stats_.enters;
  if (io_uring_cq_has_overflow(&ring_)) ++stats_.cq_overflows;
  const int result = EnterOnce(wait, deadline);
  stats_.submitted += queued - io_uring_sq_ready(&ring_);
  if (result >= 0) return;
  switch (-result) {
    case ETIME:   // The deadline came first: what Enter() promises.
    case EINTR:   // A signal; its handler has run, the loop looks again.
    case EAGAIN:  // The kernel is short of memory for requests,
    case EBUSY:   // or of room for completions: the loop takes completions
      return;     // out and enters again. What was not submitted stays queued.
    default:
      CHECK(std::this_thread::get_id() == owner_)
          << "a ring was used by another thread than the one that made it";
      LOG(FATAL) << "io_uring_enter failed: " << strerror(-result);
  }
}

bool UringDriver::ArmWake() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  if (sqe == nullptr) return false;
  io_uring_prep_poll_multishot(sqe, wake_fd_, POLLIN);
  io_uring_sqe_set_data64(sqe, static_cast<uint64_t>(CompletionTag::kWake));
  wake_armed_ = true;
  return true;
}

void UringDriver::Wake() {
  const uint64_t one = 1;
  // Fails only after 2^64 - 2 wake-ups.
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

void UringDriver::OnWakeCompletion(uint32_t cqe_flags) {
  // The kernel ends the poll when completions overflow.
  if ((cqe_flags & IORING_CQE_F_MORE) == 0) wake_armed_ = false;
}

absl::Status UringDriver::RegisterBufferRing(io_uring_buf_ring* buffers,
                                             unsigned entries, uint16_t group) {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(buffers);
  registration.ring_entries = entries;
  registration.bgid = group;
  const int result = io_uring_register_buf_ring(&ring_, &registration, 0);
  if (result == 0) return absl::OkStatus();
  return SetupError(-result, "receive buffers cannot be registered: ");
}

void UringDriver::UnregisterBufferRing(uint16_t group) {
  io_uring_unregister_buf_ring(&ring_, group);
}

std::string UringDriver::Describe() const {
  const auto yes_no = [](bool on) { return on ? "on" : "off"; };
  return absl::StrCat(
      "io_uring on Linux ", KernelRelease(), ": ", ring_.sq.ring_entries,
      " submissions, ", ring_.cq.ring_entries,
      " completions, deferred task work ",
      yes_no(ring_.flags & IORING_SETUP_DEFER_TASKRUN), ", multishot accept ",
      yes_no(features_.multishot_accept), ", multishot receive ",
      yes_no(features_.multishot_receive));
}

}  // namespace braid
