// A test helper small enough to be trusted: test() and assertions.
//
// js_cases.h runs each test in a runtime of its own: it sets selectedTest to
// the test's name, and the test logs "passed" or what went wrong.

/**
 * @param {string} name unique in its file; a string literal, since C++ finds it by reading
 * @param {() => void | Promise<void>} body
 */
export async function test(name, body) {
  if (name !== globalThis.selectedTest) return;
  try {
    await body();
    log("passed");
  } catch (error) {
    log(`failed: ${error?.stack ?? error}`);
  }
}

function fail(message) {
  const error = new Error(message);
  Error.captureStackTrace(error, fail);
  throw error;
}

function show(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Object.is() */
export function equal(actual, expected) {
  if (!Object.is(actual, expected)) fail(`got ${show(actual)}, expected ${show(expected)}`);
}

/** The same JSON, for arrays and plain objects. */
export function deepEqual(actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    fail(`got ${show(actual)}, expected ${show(expected)}`);
  }
}

export function ok(value) {
  if (!value) fail(`${show(value)} is not true`);
}

/**
 * @param {() => unknown} body
 * @param {Function | object} expected a class, or properties that the error must have
 */
export function throws(body, expected) {
  try {
    body();
  } catch (error) {
    checkError(error, expected);
    return error;
  }
  return fail("nothing was thrown");
}

/**
 * @param {Promise<unknown> | (() => Promise<unknown>)} promise
 * @param {Function | object} expected as in throws()
 */
export async function rejects(promise, expected) {
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    checkError(error, expected);
    return error;
  }
  return fail("the promise was not rejected");
}

function checkError(error, expected) {
  if (typeof expected === "function") {
    if (!(error instanceof expected)) fail(`thrown was ${show(error)}: ${error}, not a ${expected.name}`);
    return;
  }
  for (const [key, value] of Object.entries(expected)) {
    const matches = value instanceof RegExp ? value.test(error[key]) : Object.is(error[key], value);
    if (!matches) fail(`the error's ${key} is ${show(error[key])}, expected ${value}: ${error}`);
  }
}

/** Waits for a few turns of the loop, for tests that something does not happen. */
export async function turns(count = 3) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
