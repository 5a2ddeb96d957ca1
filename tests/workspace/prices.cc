#include "prices.h"

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "async/task.h"
#include "jsbind/module_def.h"
#include "prices_js.h"

namespace shop {
namespace {

// As if it were asked of a service: later, and not always with success.
braid::Task<absl::StatusOr<double>> PriceOf(std::string item) {
  CO_RETURN_IF_ERROR(co_await braid::SleepFor(absl::Milliseconds(1)));
  static const auto& prices =
      *new std::map<std::string, double>{{"apple", 0.5}, {"melon", 3}};
  const auto found = prices.find(item);
  if (found == prices.end())
    co_return absl::NotFoundError(absl::StrCat("no price for ", item));
  co_return found->second;
}

void DefinePrices(braid::ModuleDef& module) {
  module.AsyncFunction<&PriceOf>("priceOf");
}

constexpr braid::Extension::PublicModule kPublicModules[] = {
    {"shop:prices", "prices.js"}};
constexpr braid::Extension::NativeModule kNativeModules[] = {
    {"native:prices", &DefinePrices}};

}  // namespace

const braid::Extension& PricesExtension() {
  static const braid::Extension extension = {
      .files = braid::embedded::prices_js::kFiles,
      .public_modules = kPublicModules,
      .native_modules = kNativeModules,
  };
  return extension;
}

}  // namespace shop
