#ifndef BRAID_JSBIND_WEB_CRYPTO_OPS_H_
#define BRAID_JSBIND_WEB_CRYPTO_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/crypto": randomness from the loop's world, hashes from OpenSSL.
//
//   fillRandom(bytes)        fills them with randomness that is fit for keys
//   digest(name, bytes)      a promise of the hash, as a Uint8Array; `name` is
//                            OpenSSL's ("SHA256"). The bytes are copied before
//                            it returns. Much is hashed on a thread of the
//                            loop's pool
void DefineCryptoOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_CRYPTO_OPS_H_
