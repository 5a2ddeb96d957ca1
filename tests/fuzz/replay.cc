// main() of fuzz targets without libFuzzer: runs each file that is named, and
// then, if there are several, as many changed inputs as CI has time for. They
// follow from a fixed seed, so a run that failed fails again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kChangedInputs = 3000;
constexpr size_t kInputBytesMax = 4096;

// Kept in a file while it runs: what is left there when the process dies is the
// input that it died of.
void Run(const std::string& input, const std::string& file) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

size_t Below(std::mt19937_64& random, size_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

// Changes a few places of `input`, as a fuzzer does: bytes, and pieces that are
// left out, doubled, or taken from another input.
std::string Change(std::string input, const std::vector<std::string>& corpus,
                   std::mt19937_64& random) {
  constexpr std::string_view kTelling =
      " \t\r\n:;,=%/?#&\"\\0123456789-\0\x7f\x80\xff";
  const size_t changes = 1 + Below(random, 4);
  for (size_t i = 0; i < changes; ++i) {
    const size_t at = Below(random, input.size() + 1);
    const size_t length = std::min(input.size() - at, 1 + Below(random, 16));
    const std::string& other = corpus[Below(random, corpus.size())];
    const size_t from = Below(random, other.size() + 1);
    switch (random() % 6) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(random());
        break;
      case 1:
        input.insert(at, 1, kTelling[Below(random, kTelling.size())]);
        break;
      case 2:
        input.erase(at, length);
        break;
      case 3:
        input.insert(at, input.substr(at, length));
        break;
      case 4:
        input.insert(at, other.substr(from, 1 + Below(random, 64)));
        break;
      default:
        input.replace(at, length, other.substr(from, length));
        break;
    }
  }
  input.resize(std::min(input.size(), kInputBytesMax));
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    CHECK(file.good()) << "cannot read " << argv[i];
    corpus.emplace_back(std::istreambuf_iterator<char>(file),
                        std::istreambuf_iterator<char>());
  }
  CHECK(!corpus.empty()) << "name files with inputs";
  const char* folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  const std::string file =
      absl::StrCat(folder == nullptr ? "." : folder, "/failing-input");
  fprintf(stderr, "If this fails, %s is the input.\n", file.c_str());
  for (const std::string& input : corpus) Run(input, file);
  if (corpus.size() > 1) {
    std::mt19937_64 random(1);
    for (int i = 0; i < kChangedInputs; ++i) {
      Run(Change(corpus[Below(random, corpus.size())], corpus, random), file);
    }
  }
  std::remove(file.c_str());
  return EXIT_SUCCESS;
}
