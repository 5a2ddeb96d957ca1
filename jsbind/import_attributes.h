#ifndef BRAID_JSBIND_IMPORT_ATTRIBUTES_H_
#define BRAID_JSBIND_IMPORT_ATTRIBUTES_H_

#include <v8-data.h>

#include <optional>
#include <string>

#include "jsbind/js.h"

namespace braid {

// What stands behind `with` of an import.
struct ImportAttributes {
  std::string type;  // Empty without one.
  // The first key that is not "type": no other is supported.
  std::optional<std::string> unknown;
};

// V8 gives the attributes of statements as triples of key, value and place,
// those of import() as pairs.
enum class ImportForm : int { kCall = 2, kStatement = 3 };

ImportAttributes ReadImportAttributes(Js& js,
                                      v8::Local<v8::FixedArray> attributes,
                                      ImportForm form);

// The message for an unknown key.
std::string UnknownAttribute(const std::string& key);
inline constexpr char kUnknownAttributeCode[] =
    "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED";

}  // namespace braid

#endif  // BRAID_JSBIND_IMPORT_ATTRIBUTES_H_
