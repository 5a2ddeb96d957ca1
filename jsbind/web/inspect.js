// inspect(): text for people from any value, in the format of Node's
// util.inspect.

import { InspectContext, colors, defaultOptions, styles } from "./inspect_context.js";
import { customInspect, formatValue, setInspect } from "./inspect_value.js";

/**
 * @param {unknown} value
 * @param {import("./inspect_context.js").InspectOptions | boolean} [options] or showHidden,
 *     followed by depth and colors
 * @returns {string}
 */
export function inspect(value, options) {
  if (typeof options === "boolean") {
    const [, , depth, useColors] = arguments;
    options = { showHidden: options };
    if (depth !== undefined) options.depth = depth;
    if (useColors !== undefined) options.colors = useColors;
  }
  return formatValue(new InspectContext(options), value, 0);
}

setInspect(inspect);

inspect.custom = customInspect;
inspect.colors = colors;
inspect.styles = styles;

Object.defineProperty(inspect, "defaultOptions", {
  get() {
    return defaultOptions;
  },
  set(options) {
    if (options === null || typeof options !== "object") {
      throw new TypeError('The "options" argument must be of type object.');
    }
    Object.assign(defaultOptions, options);
  },
});
