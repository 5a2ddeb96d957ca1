#ifndef SHOP_PRICES_H_
#define SHOP_PRICES_H_

#include "jsbind/extension.h"

namespace shop {

// Brings scripts the module "shop:prices" (prices.js).
const braid::Extension& PricesExtension();

}  // namespace shop

#endif  // SHOP_PRICES_H_
