#include "jsbind/web/crypto_ops.h"

#include <openssl/evp.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "io/blocking.h"
#include "io/errno_status.h"
#include "io/loop.h"

namespace braid {
namespace {

// Up to here hashing takes less time (some 20 us) than a thread's answer.
constexpr size_t kInlineBytes = size_t{16} * 1024;

absl::Status FillRandom(Loop& loop, std::span<uint8_t> bytes) {
  const int result = loop.driver().calls().GetRandom(bytes);
  return result == 0 ? absl::OkStatus() : ErrnoStatus(-result, "getrandom");
}

absl::StatusOr<std::vector<uint8_t>> Hash(const std::string& name,
                                          std::span<const uint8_t> bytes) {
  std::vector<uint8_t> hash(EVP_MAX_MD_SIZE);
  size_t size = 0;
  if (EVP_Q_digest(nullptr, name.c_str(), nullptr, bytes.data(), bytes.size(),
                   hash.data(), &size) != 1) {
    return absl::InternalError(absl::StrCat("OpenSSL cannot hash by ", name));
  }
  hash.resize(size);
  return hash;
}

Task<absl::StatusOr<std::vector<uint8_t>>> Digest(Loop& loop, std::string name,
                                                  JsBytes bytes) {
  if (bytes.size() <= kInlineBytes) co_return Hash(name, bytes);
  // JS may change its bytes as soon as this suspends.
  const std::vector<uint8_t> copy(bytes.bytes().begin(), bytes.bytes().end());
  co_return co_await Blocking(loop, [&] { return Hash(name, copy); });
}

}  // namespace

void DefineCryptoOps(ModuleDef& module) {
  module.Function<&FillRandom>("fillRandom").AsyncFunction<&Digest>("digest");
}

}  // namespace braid
