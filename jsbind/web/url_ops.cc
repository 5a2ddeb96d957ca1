#include "jsbind/web/url_ops.h"

#include <ada.h>
#include <v8-typed-array.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jsbind/shared_array.h"

namespace braid {
namespace {

using Components = SharedArray<uint32_t, 8>;

enum class Part : int32_t {
  kProtocol,
  kUsername,
  kPassword,
  kHost,
  kHostname,
  kPort,
  kPathname,
  kSearch,
  kHash,
};
constexpr std::array<const char*, 9> kPartNames = {
    "Protocol", "Username", "Password", "Host", "Hostname",
    "Port",     "Pathname", "Search",   "Hash",
};

v8::Local<v8::Value> PartNumbers(Js& js) {
  v8::Local<v8::Object> parts = v8::Object::New(js.isolate());
  for (size_t i = 0; i < kPartNames.size(); ++i) {
    parts
        ->Set(js.context(), js.Name(kPartNames[i]),
              v8::Integer::New(js.isolate(), static_cast<int>(i)))
        .Check();
  }
  return parts;
}

// Tells JS where the parts lie and gives the text.
v8::Local<v8::Value> Take(Js& js, const ada::url_aggregator& url,
                          Components& components) {
  const ada::url_components& found = url.get_components();
  components = {found.protocol_end, found.username_end, found.host_start,
                found.host_end,     found.port,         found.pathname_start,
                found.search_start, found.hash_start};
  const std::string_view href = url.get_href();
  return v8::String::NewFromOneByte(
             js.isolate(), reinterpret_cast<const uint8_t*>(href.data()),
             v8::NewStringType::kNormal, static_cast<int>(href.size()))
      .ToLocalChecked();
}

bool CanParse(std::string_view url, std::optional<std::string> base) {
  if (!base.has_value()) return ada::can_parse(url);
  const std::string_view base_view = *base;
  return ada::can_parse(url, &base_view);
}

std::optional<ada::url_aggregator> Parse(
    std::string_view url, const std::optional<std::string>& base) {
  if (!base.has_value()) {
    ada::result<ada::url_aggregator> parsed =
        ada::parse<ada::url_aggregator>(url);
    if (!parsed) return std::nullopt;
    return *std::move(parsed);
  }
  const ada::result<ada::url_aggregator> parsed_base =
      ada::parse<ada::url_aggregator>(*base);
  if (!parsed_base) return std::nullopt;
  ada::result<ada::url_aggregator> parsed =
      ada::parse<ada::url_aggregator>(url, &*parsed_base);
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

// The setters of hash and search never fail; the others tell whether they did.
bool Set(ada::url_aggregator& url, Part part, std::string_view value) {
  switch (part) {
    case Part::kProtocol:
      return url.set_protocol(value);
    case Part::kUsername:
      return url.set_username(value);
    case Part::kPassword:
      return url.set_password(value);
    case Part::kHost:
      return url.set_host(value);
    case Part::kHostname:
      return url.set_hostname(value);
    case Part::kPort:
      return url.set_port(value);
    case Part::kPathname:
      return url.set_pathname(value);
    case Part::kSearch:
      url.set_search(value);
      return true;
    case Part::kHash:
      url.set_hash(value);
      return true;
  }
  return false;
}

}  // namespace

void DefineUrlOps(ModuleDef& module) {
  auto components = std::make_shared<Components>();
  module
      .Function("parse",
                [components](
                    Js& js, std::string_view url,
                    std::optional<std::string> base) -> v8::Local<v8::Value> {
                  const std::optional<ada::url_aggregator> parsed =
                      Parse(url, base);
                  return parsed.has_value() ? Take(js, *parsed, *components)
                                            : js.Undefined();
                })
      .Function<&CanParse>("canParse")
      .Function(
          "domainToUnicode",
          [](std::string_view domain) { return ada::idna::to_unicode(domain); })
      .Function("update",
                [components](Js& js, std::string_view href, int32_t part,
                             std::string_view value) -> v8::Local<v8::Value> {
                  ada::result<ada::url_aggregator> url =
                      ada::parse<ada::url_aggregator>(href);
                  if (!url || !Set(*url, static_cast<Part>(part), value))
                    return js.Undefined();
                  return Take(js, *url, *components);
                })
      .Value("Part", &PartNumbers)
      .Shared("components", *components);
}

}  // namespace braid
