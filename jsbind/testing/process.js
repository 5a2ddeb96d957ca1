// What a program can ask of the runtime in the engine's own tests.
import * as runtime from "internal:runtime";
import { setExitCode } from "./exit_code.js";

export const exit = runtime.exit;
export const args = runtime.args;
export { setExitCode };
