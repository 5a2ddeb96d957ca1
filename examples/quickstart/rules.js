// What may be stored. Rules change more often than the store does, so they are
// a script: edit this file and start again, nothing is compiled.

/**
 * @typedef {object} Rule
 * @property {RegExp} keys  The keys it is about.
 * @property {(value: any) => string | undefined} check  What is wrong with a value, if anything.
 */

/** @type {Rule[]} */
const rules = [
  {
    keys: /^users\//,
    check: (user) => {
      // A value may be anything that is JSON, null included.
      const { name, email } = user ?? {};
      if (typeof name !== "string" || name.trim() === "") return "a user needs a name";
      if (typeof email !== "string") return "a user needs an e-mail address";
      if (!/^[^@\s]+@[^@\s]+$/.test(email)) return `'${email}' is not an e-mail address`;
    },
  },
  {
    keys: /^stock\//,
    check: (count) => {
      if (!Number.isInteger(count) || count < 0) return "stock is a whole number, not below 0";
    },
  },
];

/**
 * @param {string} key
 * @param {any} value
 * @returns {string | undefined} What is wrong, or undefined.
 */
export function problemWith(key, value) {
  const rule = rules.find(({ keys }) => keys.test(key));
  if (rule === undefined) return `no rule allows the key '${key}'`;
  return rule.check(value);
}
