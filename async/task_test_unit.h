#ifndef BRAID_ASYNC_TASK_TEST_UNIT_H_
#define BRAID_ASYNC_TASK_TEST_UNIT_H_

#include "async/task.h"

namespace braid {

// A coroutine whose body task_test.cc cannot see.
Task<int> OtherUnitIncrement(int value);

}  // namespace braid

#endif  // BRAID_ASYNC_TASK_TEST_UNIT_H_
