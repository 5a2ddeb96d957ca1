// util.parseArgs(): a program's arguments as options and positionals.

import { codedError, invalidArgType, invalidArgValue, validateArray, validateBoolean, validateObject, validateString } from "../web/errors.js";

/**
 * @typedef {{ type: "boolean" | "string", short?: string, multiple?: boolean, default?: unknown }} OptionConfig
 * @param {{ args?: string[], options?: Record<string, OptionConfig>, strict?: boolean,
 *     allowPositionals?: boolean, allowNegative?: boolean, tokens?: boolean }} [config]
 * @returns {{ values: object, positionals: string[], tokens?: object[] }}
 */
export function parseArgs(config = {}) {
  validateObject(config, "config");
  const { args = globalThis.process.argv.slice(2), strict = true, options = {} } = config;
  const { allowPositionals = !strict, allowNegative = false, tokens: wantsTokens = false } = config;
  validateArray(args, "args");
  validateObject(options, "options");
  for (const [name, flag] of Object.entries({ strict, allowPositionals, allowNegative, tokens: wantsTokens })) {
    validateBoolean(flag, name);
  }
  for (const [name, option] of Object.entries(options)) checkOption(name, option);

  const tokens = tokenize(args.map(String), options);
  const values = Object.create(null);
  const positionals = [];
  for (const token of tokens) {
    if (token.kind === "option") {
      if (strict) checkToken(token, { options, allowPositionals, allowNegative });
      store(values, token, options, allowNegative);
    } else if (token.kind === "positional") {
      if (!allowPositionals) {
        const message = `Unexpected argument '${token.value}'. This command does not take positional arguments`;
        throw codedError(TypeError, "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL", message, parseArgs);
      }
      positionals.push(token.value);
    }
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && values[name] === undefined) values[name] = option.default;
  }
  return wantsTokens ? { values, positionals, tokens } : { values, positionals };
}

function checkOption(name, option) {
  validateObject(option, `options.${name}`);
  const { type, short, multiple = false, default: fallback } = option;
  if (type !== "string" && type !== "boolean") {
    throw invalidArgType(`options.${name}.type`, "('string' | 'boolean')", type);
  }
  if (short !== undefined) {
    validateString(short, `options.${name}.short`);
    if (short.length !== 1) throw invalidArgValue(`options.${name}.short`, short, "must be a single character");
  }
  validateBoolean(multiple, `options.${name}.multiple`);
  if (fallback === undefined) return;
  const list = multiple ? validateArray(fallback, `options.${name}.default`) : [fallback];
  for (const value of list) {
    if (typeof value !== type) throw invalidArgType(`options.${name}.default`, `of type ${type}`, value);
  }
}

/** Splits arguments into what each of them is, without judging. */
function tokenize(args, options) {
  const byShort = new Map(Object.entries(options).map(([name, { short }]) => [short, name]));
  const takesValue = (name) => Object.hasOwn(options, name) && options[name].type === "string";
  const tokens = [];
  const add = (index, name, rawName, value, inlineValue) =>
    tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
  // A value behind the option; one that looks like an option is judged later.
  const addWithNext = (index, name, rawName) => {
    const has = takesValue(name) && index + 1 < args.length;
    add(index, name, rawName, has ? args[index + 1] : undefined, has ? false : undefined);
    return has ? index + 1 : index;
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === "--") {
      tokens.push({ kind: "option-terminator", index: i });
      for (i++; i < args.length; i++) tokens.push({ kind: "positional", index: i, value: args[i] });
    } else if (arg.startsWith("--")) {
      const equals = arg.indexOf("=", 3);
      if (equals === -1) i = addWithNext(i, arg.slice(2), arg);
      else add(i, arg.slice(2, equals), arg.slice(0, equals), arg.slice(equals + 1), true);
    } else if (arg.length > 1 && arg.startsWith("-")) {
      const start = i;
      for (let at = 1; at < arg.length; at++) {
        const name = byShort.get(arg[at]) ?? arg[at];
        const rawName = `-${arg[at]}`;
        if (takesValue(name) && at + 1 < arg.length) {
          add(start, name, rawName, arg.slice(at + 1), true);
          break;
        }
        i = addWithNext(start, name, rawName);
      }
    } else {
      tokens.push({ kind: "positional", index: i, value: arg });
    }
  }
  return tokens;
}

/** The option that a token names, and whether as "--no-name". */
function findOption({ name, rawName }, options, allowNegative) {
  if (Object.hasOwn(options, name)) return { name, isNegated: false };
  if (allowNegative && rawName.startsWith("--no-")) {
    const plain = name.slice("no-".length);
    if (Object.hasOwn(options, plain) && options[plain].type === "boolean") return { name: plain, isNegated: true };
  }
  return undefined;
}

function checkToken(token, { options, allowPositionals, allowNegative }) {
  const found = findOption(token, options, allowNegative);
  if (found === undefined) {
    const hint = allowPositionals
      ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- ${JSON.stringify(token.rawName)}`
      : "";
    throw codedError(TypeError, "ERR_PARSE_ARGS_UNKNOWN_OPTION", `Unknown option '${token.rawName}'${hint}`, parseArgs);
  }
  const { type, short } = options[found.name];
  const shown = `${short === undefined ? "" : `-${short}, `}--${found.name}`;
  const refuse = (message) => {
    throw codedError(TypeError, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", message, parseArgs);
  };
  if (type === "string" && typeof token.value !== "string") refuse(`Option '${shown} <value>' argument missing`);
  if (type === "boolean" && token.value !== undefined) refuse(`Option '${shown}' does not take an argument`);
  if (token.inlineValue === false && token.value.length > 1 && token.value.startsWith("-")) {
    refuse(
      `Option '${token.rawName}' argument is ambiguous.\nDid you forget to specify the option argument for ` +
        `'${token.rawName}'?\nTo specify an option argument starting with a dash use '${
          token.rawName.startsWith("--") ? `${token.rawName}=-XYZ` : `--${token.name}=-XYZ' or '${token.rawName}-XYZ`
        }'.`,
    );
  }
}

function store(values, token, options, allowNegative) {
  const { name, isNegated } = findOption(token, options, allowNegative) ?? { name: token.name, isNegated: false };
  if (name === "__proto__") return;
  const value = token.value ?? !isNegated;
  if (Object.hasOwn(options, name) && options[name].multiple) (values[name] ??= []).push(value);
  else values[name] = value;
}
