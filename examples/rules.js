// Which payments are held, and why. Edit this and start again; nothing is compiled.

import { spentToday, useRules } from "native:payments";

/**
 * @typedef {{ id: string, from: string, country: string, amount: number }} Payment
 * @typedef {{ name: string, reason: (payment: Payment) => string | undefined | Promise<string | undefined> }} Rule
 */

const AMOUNT_MAX = 10_000;
const DAY_MAX = 5_000;
const COUNTRIES = new Set(["DE", "FR", "GB", "US"]);

/** @type {Rule[]} */
const rules = [
  {
    name: "large amounts",
    reason: ({ amount }) => (amount > AMOUNT_MAX ? `${amount} is more than ${AMOUNT_MAX}` : undefined),
  },
  {
    name: "countries",
    reason: ({ country }) => (COUNTRIES.has(country) ? undefined : `nobody pays to ${country}`),
  },
  {
    name: "a day's limit",
    async reason({ from, amount }) {
      const sum = (await spentToday(from)) + amount;
      if (sum > DAY_MAX) return `${sum} in a day is more than ${DAY_MAX}`;
    },
  },
];

useRules(rules);
