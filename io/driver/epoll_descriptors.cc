#include "io/driver/epoll_descriptors.h"

#include <fcntl.h>

#include <utility>

namespace braid {

EpollQueue& EpollDescriptor::QueueOf(const io_uring_sqe& entry) {
  switch (entry.opcode) {
    case IORING_OP_READ:
    case IORING_OP_RECV:
    case IORING_OP_ACCEPT:
      return readers;
    case IORING_OP_POLL_ADD:
      return polls;
    default:
      return writers;
  }
}

uint32_t EpollDescriptor::NeededEvents() {
  uint32_t needed = 0;
  if (!readers.empty()) needed |= EPOLLIN;
  if (!writers.empty()) needed |= EPOLLOUT;
  for (EpollRequest* poll = polls.First(); poll != nullptr;
       poll = polls.Next(*poll)) {
    // poll's events are epoll's. Hang-ups are always told, and an interest in
    // nothing would be none.
    needed |= poll->entry.poll32_events & 0xffff;
    if (needed == 0) needed = EPOLLERR;
  }
  return needed;
}

EpollDescriptors::EpollDescriptors(EpollSet& set) : set_(set) {
  constexpr size_t kUsual = 64;  // Allocates nothing later, if it stays so.
  descriptors_.reserve(kUsual);
  stale_.reserve(kUsual);
}

bool EpollDescriptors::IsUsable(int fd) {
  if (fd < 0) return false;
  if (static_cast<size_t>(fd) >= descriptors_.size())
    return fcntl(fd, F_GETFD) >= 0;
  return At(fd).close == nullptr;
}

EpollDescriptor& EpollDescriptors::At(int fd) {
  const auto index = static_cast<size_t>(fd);
  if (index >= descriptors_.size()) descriptors_.resize(index + 1);
  if (descriptors_[index] == nullptr)
    descriptors_[index] = std::make_unique<EpollDescriptor>();
  return *descriptors_[index];
}

int EpollDescriptors::Add(EpollRequest& request) {
  const int fd = request.entry.fd;
  EpollDescriptor& descriptor = At(fd);
  // What nothing has waited for may have been closed past the driver, and be
  // another file now.
  const bool is_known = descriptor.waits();
  descriptor.QueueOf(request.entry).PushBack(request);
  const uint32_t needed = descriptor.NeededEvents();
  if (is_known && (needed & ~descriptor.interest) == 0) return 0;
  const int error = set_.SetEvents(fd, descriptor.interest, needed);
  if (error == 0) {
    descriptor.interest = needed;
  } else {
    request.StopWaiting();
  }
  return error;
}

void EpollDescriptors::Remove(EpollRequest& request) {
  request.StopWaiting();
  EpollDescriptor& descriptor = At(request.entry.fd);
  if (descriptor.stale || descriptor.interest == 0) return;
  descriptor.stale = true;
  stale_.push_back(request.entry.fd);
}

void EpollDescriptors::DropStaleInterest() {
  for (int fd : stale_) {
    EpollDescriptor& descriptor = At(fd);
    descriptor.stale = false;
    const uint32_t needed = descriptor.NeededEvents();
    if (needed == descriptor.interest) continue;
    set_.SetEvents(fd, std::exchange(descriptor.interest, needed), needed);
  }
  stale_.clear();
}

void EpollDescriptors::DropInterest(int fd) {
  EpollDescriptor& descriptor = At(fd);
  if (descriptor.interest != 0)
    set_.SetEvents(fd, std::exchange(descriptor.interest, 0), 0);
}

}  // namespace braid
