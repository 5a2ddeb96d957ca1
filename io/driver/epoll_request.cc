#include "io/driver/epoll_request.h"

#include "io/driver/epoll_file_calls.h"
#include "io/driver/epoll_threads.h"

namespace braid {

void EpollRequest::Run() {
  result = RunOnThread(entry, moved);
  threads->GiveBack(*this);
}

}  // namespace braid
