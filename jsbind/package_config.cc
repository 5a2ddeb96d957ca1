#include "jsbind/package_config.h"

#include <v8-container.h>
#include <v8-exception.h>
#include <v8-json.h>
#include <v8-object.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "io/errno_status.h"
#include "jsbind/module_files.h"

namespace braid {
namespace {

constexpr std::string_view kFileName = "/package.json";

std::string TextOf(Js& js, v8::Local<v8::Value> value) {
  v8::Local<v8::String> text;
  if (!value->ToString(js.context()).ToLocal(&text)) return {};
  return ToUtf8(js.isolate(), text);
}

// Values of JSON.parse have no getters, so reading them runs no code of the
// program.
v8::Local<v8::Value> Own(Js& js, v8::Local<v8::Object> object,
                         std::string_view name) {
  v8::Local<v8::String> key = js.Name(name);
  v8::Local<v8::Value> value;
  if (!object->HasOwnProperty(js.context(), key).FromMaybe(false) ||
      !object->Get(js.context(), key).ToLocal(&value)) {
    return js.Undefined();
  }
  return value;
}

std::string OwnString(Js& js, v8::Local<v8::Object> object,
                      std::string_view name) {
  v8::Local<v8::Value> value = Own(js, object, name);
  return value->IsString() ? TextOf(js, value) : std::string();
}

// Of conditions in conditions; what lies deeper is no target.
constexpr int kDepthMax = 100;

PackageTarget TargetOf(Js& js, v8::Local<v8::Value> value, int depth = 0) {
  PackageTarget target;
  if (value->IsNull()) return target;
  if (depth > kDepthMax) {
    target.kind = PackageTarget::Kind::kOther;
    return target;
  }
  if (value->IsString() || !value->IsObject()) {
    target.kind = value->IsString() ? PackageTarget::Kind::kString
                                    : PackageTarget::Kind::kOther;
    target.text = TextOf(js, value);
    return target;
  }
  const bool is_array = value->IsArray();
  target.kind =
      is_array ? PackageTarget::Kind::kArray : PackageTarget::Kind::kObject;
  v8::Local<v8::Object> object = value.As<v8::Object>();
  v8::Local<v8::Array> keys;
  if (!object
           ->GetOwnPropertyNames(js.context(), v8::ONLY_ENUMERABLE,
                                 v8::KeyConversionMode::kConvertToString)
           .ToLocal(&keys)) {
    return target;
  }
  for (uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> field;
    if (!keys->Get(js.context(), i).ToLocal(&key) ||
        !object->Get(js.context(), key).ToLocal(&field)) {
      return target;
    }
    target.fields.push_back({is_array ? std::string() : TextOf(js, key),
                             TargetOf(js, field, depth + 1)});
  }
  return target;
}

std::optional<PackageTarget> OwnTarget(Js& js, v8::Local<v8::Object> object,
                                       std::string_view name) {
  v8::Local<v8::Value> value = Own(js, object, name);
  if (value->IsNullOrUndefined()) return std::nullopt;
  return TargetOf(js, value);
}

}  // namespace

const PackageTarget* PackageTarget::Find(std::string_view key) const {
  for (const auto& [name, target] : fields) {
    if (name == key) return &target;
  }
  return nullptr;
}

std::string PackageConfig::path() const {
  return absl::StrCat(folder, kFileName);
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view()
                                         : path.substr(0, slash);
}

std::optional<const PackageConfig*> PackageConfigs::Read(
    Js& js, std::string_view folder, ResolveFailure& failure) {
  if (const auto found = configs_.find(folder); found != configs_.end())
    return found->second.get();
  const std::string path = absl::StrCat(folder, kFileName);
  const absl::StatusOr<std::string> contents = ReadFileNow(path);
  if (!contents.ok()) {
    switch (ErrnoOf(contents.status())) {
      case ENOENT:
      case ENOTDIR:
      case EISDIR:        // A folder of that name.
      case EACCES:        // Above what the program may see.
      case ENAMETOOLONG:  // Of a specifier, not of a file.
      case ELOOP:
        return nullptr;
      default:  // No descriptors left, a failing disk: not the same as "none".
        failure = {"ERR_INVALID_PACKAGE_CONFIG",
                   absl::StrCat("Invalid package config ", path, ". ",
                                contents.status().message())};
        return std::nullopt;
    }
  }
  const v8::HandleScope handle_scope(js.isolate());
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Value> parsed;
  v8::Local<v8::String> source = js.String(WithoutBom(*contents));
  if (source.IsEmpty() ||
      !v8::JSON::Parse(js.context(), source).ToLocal(&parsed) ||
      !parsed->IsObject()) {
    std::string why = "It is no object";
    if (try_catch.HasCaught() && !try_catch.Message().IsEmpty()) {
      const std::string message =
          ToUtf8(js.isolate(), try_catch.Message()->Get());
      why = absl::StripPrefix(message, "Uncaught ");
    }
    failure = {"ERR_INVALID_PACKAGE_CONFIG",
               absl::StrCat("Invalid package config ", path, ". ", why)};
    return std::nullopt;
  }
  auto object = parsed.As<v8::Object>();
  auto config = std::make_unique<PackageConfig>();
  config->folder = folder;
  config->name = OwnString(js, object, "name");
  config->main = OwnString(js, object, "main");
  config->type = OwnString(js, object, "type");
  if (config->type != "module" && config->type != "commonjs")
    config->type.clear();
  config->exports = OwnTarget(js, object, "exports");
  config->imports = OwnTarget(js, object, "imports");
  return configs_.emplace(folder, std::move(config)).first->second.get();
}

std::optional<const PackageConfig*> PackageConfigs::ScopeOf(
    Js& js, std::string_view path, ResolveFailure& failure) {
  std::string_view folder = path;
  while (!folder.empty()) {
    folder = FolderOf(folder);
    if (absl::EndsWith(folder, "/node_modules")) break;
    const std::optional<const PackageConfig*> config =
        Read(js, folder, failure);
    if (!config.has_value() || *config != nullptr) return config;
  }
  return nullptr;
}

}  // namespace braid
