#include "bench/async/other_unit.h"

namespace braid::bench {

Task<int> OtherUnitInt(int value) { co_return value + 1; }
Task<void> OtherUnitVoid() { co_return; }
Task<absl::Status> OtherUnitStatus() { co_return absl::OkStatus(); }
PlainTask OtherUnitPlain(int value) { co_return value + 1; }

}  // namespace braid::bench
