// Each process hashes with a seed of its own, though all begin with V8's
// snapshot: else a peer that knows the build makes keys that collide.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <v8-primitive.h>

#include <memory>
#include <set>

#include "absl/log/check.h"
#include "io/loop.h"
#include "io/sim_world.h"
#include "jsbind/js_turn.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

// What V8 hashes a key to in this process, from 1.
int HashOfAKey() {
  Loop loop(SimulatedWorld(SimOptions()));
  const std::unique_ptr<Runtime> runtime = *Runtime::Create(loop, {});
  // The tables of V8's snapshot, which were filled with another seed, hold.
  CHECK_EQ(*runtime->EvalToString("Array.from(new Set([1, 'x'])).join()"),
           "1,x");
  int hash = 0;
  {
    JsTurn js(*runtime);
    hash = js.Name("a key").As<v8::Name>()->GetIdentityHash();
  }
  loop.Run(runtime->Close());
  return hash;
}

// The same in a new process; 0 if that fails.
int HashInChild() {
  int ends[2];
  PCHECK(pipe(ends) == 0);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    const int hash = HashOfAKey();
    PCHECK(write(ends[1], &hash, sizeof(hash)) == sizeof(hash));
    _exit(0);
  }
  close(ends[1]);
  int hash = 0;
  EXPECT_EQ(read(ends[0], &hash, sizeof(hash)), ssize_t{sizeof(hash)});
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return hash;
}

// V8 takes one seed for a process, so it must not run in this one.
TEST(HashSeedTest, ProcessesHashDifferently) {
  std::set<int> hashes;
  for (int i = 0; i < 3; ++i) hashes.insert(HashInChild());
  // A hash has about 30 bits: by chance all three are the same once in 2^60.
  EXPECT_GT(hashes.size(), 1u);
  EXPECT_EQ(hashes.count(0), 0u);
}

}  // namespace
}  // namespace braid
