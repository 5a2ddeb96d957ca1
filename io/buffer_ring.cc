#include "io/buffer_ring.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>

#include "absl/strings/str_cat.h"
#include "io/errno_status.h"

namespace braid {

absl::StatusOr<std::unique_ptr<BufferRing>> BufferRing::Create(
    Loop& loop, const Options& options) {
  constexpr unsigned kCountMax = 32'768;  // The kernel's.
  constexpr uint32_t kPageBytes = 4096;   // The ring begins on a page.
  CHECK(std::has_single_bit(options.count) &&
        std::has_single_bit(options.count_max) &&
        options.count <= options.count_max && options.count_max <= kCountMax)
      << options.count << " to " << options.count_max << " receive buffers";
  CHECK(options.buffer_bytes > 0 && options.buffer_bytes % kPageBytes == 0)
      << "receive buffers of " << options.buffer_bytes << " bytes";
  std::unique_ptr<BufferRing> ring(new BufferRing(loop, options));
  const size_t buffers_bytes =
      static_cast<size_t>(options.count_max) * options.buffer_bytes;
  ring->mapped_bytes_ =
      buffers_bytes + options.count_max * sizeof(io_uring_buf);
  // Address space for all that may ever be used; pages come when filled.
  void* memory = mmap(nullptr, ring->mapped_bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return ErrnoStatus(errno, "mmap", "receive buffers");
  ring->memory_ = static_cast<uint8_t*>(memory);
  ring->ring_ =
      reinterpret_cast<io_uring_buf_ring*>(ring->memory_ + buffers_bytes);
  if (absl::Status status = loop.driver().RegisterBufferRing(
          ring->ring_, options.count_max, options.group);
      !status.ok()) {
    return status;
  }
  ring->registered_ = true;
  ring->AddBuffers(options.count);
  return ring;
}

BufferRing::~BufferRing() {
  CHECK(lent_ == 0 && kept_bytes_ == 0) << "leases outlived their buffer ring";
  if (registered_) loop_.driver().UnregisterBufferRing(options_.group);
  if (memory_ != nullptr) munmap(memory_, mapped_bytes_);
}

uint16_t BufferRing::Take(uint32_t cqe_flags) {
  CHECK(cqe_flags & IORING_CQE_F_BUFFER);
  const auto index =
      static_cast<uint16_t>(cqe_flags >> IORING_CQE_BUFFER_SHIFT);
  CHECK_LT(index, count_);
  Buffer& buffer = buffers_[index];
  CHECK(!buffer.lent) << "the kernel filled a buffer that is lent";
  buffer.lent = true;
  ++lent_;
  return index;
}

void BufferRing::TakeInto(LeaseQueue& queue, uint32_t cqe_flags,
                          uint32_t size) {
  const uint16_t index = Take(cqe_flags);
  buffers_[index].size = size;
  if (queue.empty()) {
    queue.first_ = index;
  } else {
    buffers_[queue.last_].next = index;
  }
  queue.last_ = index;
  ++queue.count_;
}

void BufferRing::Return(uint32_t cqe_flags) { Release(Take(cqe_flags)); }

Lease BufferRing::Pop(LeaseQueue& queue) {
  DCHECK(!queue.empty());
  const uint16_t index = queue.first_;
  queue.first_ = buffers_[index].next;
  --queue.count_;
  return Lease(*this, nullptr, BufferAt(index), buffers_[index].size, index);
}

void BufferRing::Clear(LeaseQueue& queue) {
  while (!queue.empty()) Pop(queue);
}

bool BufferRing::Keep(Lease& unread, Lease& kept, LeaseQueue& queue) {
  uint64_t size = unread.size() + kept.size();
  uint16_t index = queue.first_;
  for (unsigned i = 0; i < queue.size(); ++i) {
    size += buffers_[index].size;
    index = buffers_[index].next;
  }
  if (size > std::numeric_limits<uint32_t>::max() ||
      kept_bytes_ + size > options_.kept_bytes_max) {
    return false;
  }
  kept_bytes_ += size;
  ++keeps_;
  auto* const memory = new uint8_t[size];
  uint8_t* end = memory;
  const auto append = [&end](const Lease& lease) {
    end = std::copy(lease.data_, lease.data_ + lease.size_, end);
  };
  append(unread);
  append(kept);
  while (!queue.empty()) append(Pop(queue));
  unread = Lease();
  kept = Lease(*this, memory, memory, static_cast<uint32_t>(size), 0);
  return true;
}

void BufferRing::ReleaseKept(const Lease& lease) {
  kept_bytes_ -= static_cast<uint64_t>(lease.data_ + lease.size_ - lease.kept_);
  delete[] lease.kept_;
}

void BufferRing::TakeBackUnread() {
  constexpr unsigned kFreeMin = 64;
  constexpr unsigned kAskedMax = 256;
  for (unsigned asked = 0;
       asked < kAskedMax && count_ - lent_ < kFreeMin && !unread_.empty();
       ++asked) {
    UnreadNode& socket = unread_.PopFront();
    // Others may have less to keep.
    if (!socket.GiveBuffersBack()) unread_.PushBack(socket);
  }
}

void BufferRing::Provide(uint16_t buffer) {
  io_uring_buf_ring_add(ring_, BufferAt(buffer), options_.buffer_bytes, buffer,
                        io_uring_buf_ring_mask(options_.count_max), 0);
  io_uring_buf_ring_advance(ring_, 1);
}

void BufferRing::AddBuffers(unsigned more) {
  buffers_.resize(count_ + more);
  for (const unsigned end = count_ + more; count_ < end; ++count_) {
    Provide(static_cast<uint16_t>(count_));
  }
}

void BufferRing::Park(ReceiverNode& receiver) {
  ++parks_;
  // The loop's call would come too early.
  if (receiver.linked()) receiver.Unlink();
  parked_.PushBack(receiver);
}

bool BufferRing::ServeParked() {
  if (!parked_.empty() && lent_ == count_) {
    if (count_ < options_.count_max) {
      AddBuffers(count_);
    } else {
      TakeBackUnread();
    }
  }
  // One for each free buffer: the rest would only be parked again. A receiver
  // that has nothing to receive yet takes none, so others may follow in the
  // next turn.
  for (unsigned free = count_ - lent_; free > 0 && !parked_.empty();) {
    if (parked_.PopFront().UpdateReceiving()) --free;
  }
  return !parked_.empty() && lent_ < count_;
}

std::string BufferRing::FormatStats() const {
  return absl::StrCat(
      "receive buffers     ", lent_, " lent of ", count_, ", at most ",
      options_.count_max, "\nparked sockets      ", parks_,
      " times\nunread bytes kept   ", kept_bytes_, " now, at most ",
      options_.kept_bytes_max, ", ", keeps_, " times\n");
}

}  // namespace braid
