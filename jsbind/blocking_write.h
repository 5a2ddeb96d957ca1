#ifndef BRAID_JSBIND_BLOCKING_WRITE_H_
#define BRAID_JSBIND_BLOCKING_WRITE_H_

#include <string_view>

namespace braid {

// Writes all of `text` past the loop, and blocks the thread until it is
// written, also where somebody made the pipe or terminal non-blocking. For
// what a program says when it may be about to end: console, error reports.
// Errors are ignored, as for a pipe whose reader has gone: nobody would learn
// of them. Thread: any.
void BlockingWrite(int fd, std::string_view text);

}  // namespace braid

#endif  // BRAID_JSBIND_BLOCKING_WRITE_H_
