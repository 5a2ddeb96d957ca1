// Installs the web API on the global object and gives the runtime its hooks.

import { importBuiltin, setHooks } from "internal:runtime";
import { makeAbortController, subscribeAbort, unsubscribeAbort } from "./abort_bridge.js";
import { AbortController } from "./abort_controller.js";
import { AbortSignal } from "./abort_signal.js";
import { atob, btoa } from "./base64.js";
import { Blob } from "./blob.js";
import { console } from "./console.js";
import { Crypto, SubtleCrypto, crypto } from "./crypto.js";
import { CustomEvent } from "./custom_event.js";
import { DOMException } from "./dom_exception.js";
import { Event } from "./event.js";
import { EventTarget } from "./event_target.js";
import { File } from "./file.js";
import { FormData } from "./form_data.js";
import { Headers } from "./headers.js";
import { clearImmediate, runImmediates, setImmediate } from "./immediate.js";
import { inspect } from "./inspect.js";
import { defineLazily } from "./lazy.js";
import { MessageEvent } from "./message_event.js";
import { MessageChannel, MessagePort, runMessages } from "./message_port.js";
import { Navigator, navigator } from "./navigator.js";
import { performance, Performance, PerformanceMark, PerformanceMeasure } from "./performance.js";
import { PerformanceEntry } from "./performance_entry.js";
import { reportError } from "./report_exception.js";
import { Request } from "./request.js";
import { Response } from "./response.js";
import { defineStreams } from "./streams/loader.js";
import { structuredClone } from "./structured_clone.js";
import { queueMicrotask, runTicks } from "./task_queue.js";
import { TextDecoder } from "./text_decoder.js";
import { TextEncoder } from "./text_encoder.js";
import { runTimers } from "./timer_lists.js";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "./timers.js";
import { URL } from "./url.js";
import { URLSearchParams } from "./url_search_params.js";

/** What is on the global object by the standards, but not listed there. */
const interfaces = {
  AbortController,
  AbortSignal,
  Blob,
  Crypto,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  MessageChannel,
  MessageEvent,
  MessagePort,
  Navigator,
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  Request,
  Response,
  SubtleCrypto,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
};

const functions = {
  atob,
  btoa,
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  reportError,
  setImmediate,
  setInterval,
  setTimeout,
  structuredClone,
};

function install(values, enumerable) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, {
      value,
      writable: true,
      enumerable,
      configurable: true,
    });
  }
}

install(interfaces, false);
install(functions, true);
install({ console, self: globalThis }, false);
install({ crypto, navigator, performance }, true);
defineStreams();
defineLazily(globalThis, { fetch: () => importBuiltin("internal:web/fetch.js").fetch });

setHooks({
  runTicks,
  runImmediates() {
    runMessages();
    runImmediates();
  },
  runTimers,
  formatError: (error) => inspect(error),
  subscribeAbort,
  unsubscribeAbort,
  makeAbortController,
  makeDomException: (message, name) => new DOMException(message, name),
});
