#ifndef BRAID_JSBIND_BLOCKING_WRITE_H_
#define BRAID_JSBIND_BLOCKING_WRITE_H_

#include <string_view>

namespace braid {

// Writes all of `text` past the loop, and blocks the thread until it is
// written, also where somebody made the pipe or terminal non-blocking. For
// what a program says when it may be about to end: console, error reports.
// Returns 0, or the errno of what went wrong, as EPIPE for a pipe whose reader
// has gone; most callers ignore it, since nobody would learn of it. Thread: any.
int BlockingWrite(int fd, std::string_view text);

}  // namespace braid

#endif  // BRAID_JSBIND_BLOCKING_WRITE_H_
