#include "bench/async/harness.h"

#include <cstdlib>
#include <new>

namespace {
constinit thread_local uint64_t allocations = 0;
}  // namespace

// Replaces the global ones in this program.
void* operator new(size_t bytes) {
  ++allocations;
  void* block = std::malloc(bytes);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace braid::bench {

uint64_t ThreadAllocations() { return allocations; }

AllocationCounter::~AllocationCounter() {
  const auto operations =
      static_cast<double>(state_.iterations() * operations_);
  state_.counters["allocs"] =
      static_cast<double>(ThreadAllocations() - start_) / operations;
}

}  // namespace braid::bench
