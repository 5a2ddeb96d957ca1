// Options of the sanitizer run times, compiled into every program of the
// configurations asan and tsan. A program then reports in the same way under
// `bazel test`, under `bazel run` and when it is started by hand; ASAN_OPTIONS
// and its like still override.
//
// The functions are looked up by name by the run times, so their names are
// theirs.

#define BRAID_COMMON_OPTIONS \
  "external_symbolizer_path=" BRAID_SYMBOLIZER ":print_stacktrace=1"

extern "C" {

// Leaks count as errors. Use after return is checked, since a coroutine that
// keeps a reference to its caller's frame is the mistake to find here.
// An allocation that is too large fails as it does elsewhere: scripts may ask
// for one, and get a RangeError.
const char* __asan_default_options() {
  return BRAID_COMMON_OPTIONS
      ":detect_leaks=1:detect_stack_use_after_return=1:check_initialization_"
      "order=1"
      ":strict_init_order=1:detect_container_overflow=0"
      ":allocator_may_return_null=1";
}

const char* __ubsan_default_options() {
  return BRAID_COMMON_OPTIONS ":halt_on_error=1";
}

const char* __tsan_default_options() {
  return BRAID_COMMON_OPTIONS ":halt_on_error=1:second_deadlock_stack=1";
}

}  // extern "C"
