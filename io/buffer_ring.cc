#include "io/buffer_ring.h"

#include <sys/mman.h>

#include <bit>
#include <cerrno>

#include "io/errno_status.h"
#include "io/loop.h"

namespace braid {

absl::StatusOr<std::unique_ptr<BufferRing>> BufferRing::Create(
    Loop& loop, const Options& options) {
  CHECK(std::has_single_bit(options.count) && options.count <= 32'768);
  std::unique_ptr<BufferRing> ring(new BufferRing(loop, options));
  const size_t buffers_bytes =
      static_cast<size_t>(options.count) * options.buffer_bytes;
  ring->mapped_bytes_ = buffers_bytes + options.count * sizeof(io_uring_buf);
  void* memory = mmap(nullptr, ring->mapped_bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return ErrnoStatus(errno, "mmap", "receive buffers");
  ring->memory_ = static_cast<uint8_t*>(memory);
  ring->ring_ =
      reinterpret_cast<io_uring_buf_ring*>(ring->memory_ + buffers_bytes);
  if (absl::Status status = loop.driver().RegisterBufferRing(
          ring->ring_, options.count, options.group);
      !status.ok()) {
    return status;
  }
  ring->registered_ = true;
  ring->buffers_.resize(options.count);
  for (unsigned i = 0; i < options.count; ++i)
    ring->Provide(static_cast<uint16_t>(i));
  return ring;
}

BufferRing::~BufferRing() {
  CHECK_EQ(lent_, 0u) << "leases outlived their buffer ring";
  if (registered_) loop_.driver().UnregisterBufferRing(options_.group);
  if (memory_ != nullptr) munmap(memory_, mapped_bytes_);
}

void BufferRing::TakeInto(LeaseQueue& queue, uint32_t cqe_flags, int size) {
  CHECK(cqe_flags & IORING_CQE_F_BUFFER);
  const uint16_t index = cqe_flags >> IORING_CQE_BUFFER_SHIFT;
  CHECK_LT(index, options_.count);
  Buffer& buffer = buffers_[index];
  CHECK_EQ(buffer.leases, 0) << "the kernel filled a buffer that is lent";
  buffer.leases = 1;
  buffer.size = static_cast<uint32_t>(size);
  ++lent_;
  if (queue.empty()) {
    queue.first_ = index;
  } else {
    buffers_[queue.last_].next = index;
  }
  queue.last_ = index;
  ++queue.count_;
}

Lease BufferRing::Pop(LeaseQueue& queue) {
  DCHECK(!queue.empty());
  const uint16_t index = queue.first_;
  queue.first_ = buffers_[index].next;
  --queue.count_;
  return Lease(*this, BufferAt(index), buffers_[index].size, index);
}

void BufferRing::Clear(LeaseQueue& queue) {
  while (!queue.empty()) Pop(queue);
}

void BufferRing::Provide(uint16_t buffer) {
  io_uring_buf_ring_add(ring_, BufferAt(buffer), options_.buffer_bytes, buffer,
                        io_uring_buf_ring_mask(options_.count), 0);
  io_uring_buf_ring_advance(ring_, 1);
}

void BufferRing::Park(ReceiverNode& receiver) {
  ++parks_;
  parked_.PushBack(receiver);
}

void BufferRing::UpdateReceivers() {
  // One parked socket for each free buffer: the rest would only be parked
  // again.
  for (unsigned free = options_.count - lent_; free > 0 && !parked_.empty();
       --free) {
    parked_.PopFront().UpdateReceiving();
  }
  while (!to_update_.empty()) to_update_.PopFront().UpdateReceiving();
}

}  // namespace braid
