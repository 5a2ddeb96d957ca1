#include "jsbind/module_errors.h"

#include <v8-script.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/errno_status.h"
#include "jsbind/js_error.h"
#include "jsbind/module_specifier.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

// How a module is called in sentences: by its path if it is a file.
std::string NameOf(std::string_view url) {
  const absl::StatusOr<std::string> path = PathOfFileUrl(url);
  return path.ok() ? *path : std::string(url);
}

}  // namespace

void ThrowModuleError(Js& js, const ModuleRequest& request,
                      std::string_view message, std::string_view code,
                      std::string_view hint) {
  ThrowResolveFailure(
      js, request,
      {std::string(code),
       absl::StrCat(message, request.referrer.empty() ? "" : " imported from ",
                    request.referrer.empty() ? "" : NameOf(request.referrer),
                    hint)});
}

void ThrowResolveFailure(Js& js, const ModuleRequest& request,
                         const ResolveFailure& failure) {
  v8::Local<v8::Value> error =
      failure.is_type_error
          ? TypeErrorWithCode(js, failure.message, failure.code)
          : ErrorWithCode(js, failure.message, failure.code);
  SetPlace(js, error, PlaceOfImport(js, request));
  ThrowError(js, error);
}

void ThrowReadError(Js& js, const ModuleRequest& request,
                    const ModuleRecord& record, const absl::Status& error) {
  switch (ErrnoOf(error)) {
    case ENOENT:
    case ENOTDIR:
      return ThrowModuleError(
          js, request, absl::StrCat("Cannot find module '", record.path, "'"),
          "ERR_MODULE_NOT_FOUND");
    case EISDIR:
      return ThrowModuleError(
          js, request,
          absl::StrCat("Directory import '", record.path,
                       "' is not supported resolving ES modules"),
          "ERR_UNSUPPORTED_DIR_IMPORT");
    default:
      // Not to be opened (EACCES), an I/O error: Node's errors for open.
      return ThrowError(js, ErrorFromStatus(js, error));
  }
}

std::string PlaceOfImport(Js& js, const ModuleRequest& request) {
  if (request.importer == nullptr || request.importer->source.IsEmpty())
    return {};
  const ModuleRecord& importer = *request.importer;
  v8::Location location =
      importer.module.Get(js.isolate())->SourceOffsetToLocation(request.offset);
  const std::string source =
      ToUtf8(js.isolate(), importer.source.Get(js.isolate()));
  const std::vector<std::string_view> lines = absl::StrSplit(source, '\n');
  const auto line = static_cast<size_t>(location.GetLineNumber());
  if (line >= lines.size()) return {};
  return FormatPlace(importer.url, location.GetLineNumber() + 1, lines[line],
                     location.GetColumnNumber(), 1);
}

}  // namespace braid
