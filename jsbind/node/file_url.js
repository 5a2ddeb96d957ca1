// Between file: URLs and paths.

import { codedError, invalidArgType, validateString } from "../web/errors.js";
import { URL } from "../web/url.js";
import { resolve } from "./path.js";

/**
 * @param {string | URL} url
 * @returns {string} an absolute path
 */
export function fileURLToPath(url) {
  if (typeof url === "string") url = new URL(url);
  else if (!isURL(url)) throw invalidArgType("path", "of type string or an instance of URL", url);
  if (url.protocol !== "file:") {
    throw codedError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file", fileURLToPath);
  }
  if (url.hostname !== "") {
    const message = 'File URL host must be "localhost" or empty on linux';
    throw codedError(TypeError, "ERR_INVALID_FILE_URL_HOST", message, fileURLToPath);
  }
  if (/%2f/i.test(url.pathname)) {
    const message = "File URL path must not include encoded / characters";
    throw codedError(TypeError, "ERR_INVALID_FILE_URL_PATH", message, fileURLToPath);
  }
  return decodeURIComponent(url.pathname);
}

/** Also the URLs of another implementation. */
function isURL(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}

/**
 * @param {string} path
 * @returns {URL}
 */
export function pathToFileURL(path) {
  validateString(path, "path");
  let absolute = resolve(path);
  // resolve() drops it, but it tells folders from files.
  if (path.endsWith("/") && !absolute.endsWith("/")) absolute += "/";
  const escapes = { "%": "%25", "\\": "%5C", "\n": "%0A", "\r": "%0D", "\t": "%09", "?": "%3F", "#": "%23" };
  return new URL(`file://${absolute.replace(/[%\\\n\r\t?#]/g, (found) => escapes[found])}`);
}
