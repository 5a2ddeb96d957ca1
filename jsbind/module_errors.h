#ifndef BRAID_JSBIND_MODULE_ERRORS_H_
#define BRAID_JSBIND_MODULE_ERRORS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "jsbind/js.h"
#include "jsbind/module_loader.h"

namespace braid {

// Throws an Error about a module: `message`, " imported from " the importer,
// and `hint` if there is one; with `code`, and the place of the import statement
// for the report.
void ThrowModuleError(Js& js, const ModuleRequest& request,
                      std::string_view message, std::string_view code,
                      std::string_view hint = {});
// The same for a message that says already who imports.
void ThrowResolveFailure(Js& js, const ModuleRequest& request,
                         const ResolveFailure& failure);

// Throws what reading the module's file failed with.
void ThrowReadError(Js& js, const ModuleRequest& request,
                    const ModuleRecord& record, const absl::Status& error);

// The place of the import statement; empty for import().
std::string PlaceOfImport(Js& js, const ModuleRequest& request);

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_ERRORS_H_
