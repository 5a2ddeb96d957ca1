import { priceOf } from "native:prices";

/**
 * What a basket costs.
 * @param {Record<string, number>} basket how many of each item
 * @returns {Promise<number>}
 */
export async function total(basket) {
  const items = Object.entries(basket);
  const prices = await Promise.all(items.map(([item]) => priceOf(item)));
  return items.reduce((sum, [, count], i) => sum + count * prices[i], 0);
}
