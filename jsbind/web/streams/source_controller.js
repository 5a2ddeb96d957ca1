// What the controllers of both kinds of readable streams do alike: starting
// their source and pulling from it
// (https://streams.spec.whatwg.org/#rs-default-controller-abstract-ops).

import { kResolved, then } from "./promises.js";

/**
 * Where chunks come from. Neither function throws; undefined stands for a
 * promise that is fulfilled.
 * @typedef {object} SourceAlgorithms
 * @property {() => Promise | undefined} pull
 * @property {(reason: unknown) => Promise | undefined} cancel
 */

export class SourceController {
  /** Null once nothing of it will be called ("clear algorithms"). @type {SourceAlgorithms | null} */
  source;
  stream;
  highWaterMark;
  queueTotalSize = 0;
  closeRequested = false;
  started = false;
  #pulling = false;
  #pullAgain = false;
  #onPulled = null;
  #onFailed = null;

  /**
   * @param {import("./readable_core.js").ReadableCore} stream
   * @param {SourceAlgorithms} source
   * @param {number} highWaterMark
   */
  constructor(stream, source, highWaterMark) {
    this.stream = stream;
    this.source = source;
    this.highWaterMark = highWaterMark;
    stream.controller = this;
  }

  /** The end of SetUp…Controller. @param {Promise} [started] what start() gave */
  start(started = kResolved) {
    then(
      started,
      () => {
        this.started = true;
        this.callPullIfNeeded();
      },
      (error) => this.error(error),
    );
  }

  /** …ControllerCallPullIfNeeded */
  callPullIfNeeded() {
    if (!this.shouldCallPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    this.#onPulled ??= () => {
      this.#pulling = false;
      if (!this.#pullAgain) return;
      this.#pullAgain = false;
      this.callPullIfNeeded();
    };
    this.#onFailed ??= (error) => this.error(error);
    then(this.source.pull() ?? kResolved, this.#onPulled, this.#onFailed);
  }

  /** …ControllerShouldCallPull */
  shouldCallPull() {
    const { stream } = this;
    if (!this.started || this.closeRequested || stream.state !== "readable") return false;
    return stream.pendingReads > 0 || this.highWaterMark - this.queueTotalSize > 0;
  }

  /** …ControllerGetDesiredSize */
  get desiredSize() {
    switch (this.stream.state) {
      case "errored":
        return null;
      case "closed":
        return 0;
      default:
        return this.highWaterMark - this.queueTotalSize;
    }
  }

  /** …ControllerCanCloseOrEnqueue */
  get canCloseOrEnqueue() {
    return !this.closeRequested && this.stream.state === "readable";
  }

  /** [[CancelSteps]] */
  cancelSteps(reason) {
    this.resetQueue();
    const { source } = this;
    const result = source.cancel(reason);
    this.source = null;
    return result;
  }

  /** …ControllerError */
  error(error) {
    if (this.stream.state !== "readable") return;
    this.resetQueue();
    this.source = null;
    this.stream.error(error);
  }

  /** Closes the stream, whose queue is empty. */
  closeStream() {
    this.source = null;
    this.stream.close();
  }
}
