// process.stdin: read over the loop, and only while somebody wants what comes.

import { requireBuiltin } from "internal:ops/modules";
import { readStdin } from "internal:ops/process";
import { isTerminal } from "internal:ops/stdio";
import { ref, unref } from "internal:runtime";
import { nextTick } from "../web/task_queue.js";

/**
 * The standard input, a Readable. At most one read is under way; it keeps the
 * process alive while the stream flows or is being read, and not while it is
 * paused.
 */
function makeStream() {
  const { Readable } = requireBuiltin("node:stream");
  let isReading = false;
  let isRefed = true;
  /** Whether the pending read was kept from keeping the process alive. */
  let isReleased = false;

  function updateHold() {
    const isWanted = stream.readableFlowing !== false || stream.listenerCount("readable") > 0;
    const release = isReading && (!isWanted || !isRefed || stream.destroyed);
    if (release === isReleased) return;
    isReleased = release;
    if (release) unref();
    else ref();
  }

  const stream = new Readable({
    highWaterMark: 65_536,
    read() {
      // A read from before a pause goes on.
      if (!isReading) readOnce();
      updateHold();
    },
    destroy(error, callback) {
      callback(error);
      updateHold();
    },
  });

  async function readOnce() {
    isReading = true;
    let bytes;
    try {
      bytes = await readStdin();
    } catch (error) {
      finishRead();
      stream.destroy(error);
      return;
    }
    finishRead();
    if (!stream.destroyed) stream.push(bytes === undefined ? null : bytes);
  }

  function finishRead() {
    isReading = false;
    updateHold();
  }

  stream.on("pause", () => {
    // So that whoever wants to read next asks for it.
    stream._readableState.reading = false;
    updateHold();
  });
  stream.on("resume", updateHold);
  stream.on("newListener", (type) => {
    if (type === "readable") nextTick(updateHold);
  });
  Object.assign(stream, {
    fd: 0,
    ref() {
      isRefed = true;
      updateHold();
      return stream;
    },
    unref() {
      isRefed = false;
      updateHold();
      return stream;
    },
  });
  if (isTerminal(0)) stream.isTTY = true;
  return stream;
}

let made;

// Made when it is first looked at: what it is depends on the process.
export function stdin() {
  made ??= makeStream();
  return made;
}
