#include "async/task_test_unit.h"

namespace braid {

Task<int> OtherUnitIncrement(int value) { co_return value + 1; }

}  // namespace braid
