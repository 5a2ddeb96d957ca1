#include "jsbind/import_attributes.h"

#include <v8-primitive.h>

#include "absl/strings/str_cat.h"

namespace braid {

ImportAttributes ReadImportAttributes(Js& js,
                                      v8::Local<v8::FixedArray> attributes,
                                      ImportForm form) {
  ImportAttributes read;
  const auto text = [&](int i) {
    return ToUtf8(js.isolate(),
                  attributes->Get(js.context(), i).As<v8::String>());
  };
  for (int i = 0; i + 1 < attributes->Length(); i += static_cast<int>(form)) {
    std::string key = text(i);
    if (key == "type") {
      read.type = text(i + 1);
    } else if (!read.unknown.has_value()) {
      read.unknown = std::move(key);
    }
  }
  return read;
}

std::string UnknownAttribute(const std::string& key) {
  return absl::StrCat("Import attribute \"", key, "\" is not supported");
}

}  // namespace braid
