// The queues behind nextTick, setImmediate and setTimeout.
import { drain, now, scheduleTimers, turnCounts } from "internal:runtime";

const ticks = [];
let immediates = [];
const timers = [];

export function nextTick(callback, ...args) {
  ticks.push(() => callback(...args));
  turnCounts[0]++;
}

export function runTicks() {
  while (ticks.length > 0) {
    turnCounts[0]--;
    ticks.shift()();
  }
}

export function setImmediate(callback) {
  immediates.push(callback);
  turnCounts[1]++;
  turnCounts[2]++;
}

let running = [];
export function runImmediates() {
  if (running.length === 0) [running, immediates] = [immediates, []];
  while (running.length > 0) {
    turnCounts[1]--;
    turnCounts[2]--;
    running.shift()();
    drain();
  }
}

export function setTimeout(callback, delay) {
  const due = now() + Math.max(1, delay);
  const index = timers.findIndex((timer) => timer.due > due);
  timers.splice(index < 0 ? timers.length : index, 0, { due, callback });
  turnCounts[3]++;
  scheduleTimers(Math.max(0, timers[0].due - now()));
}

export function runTimers(turnStart) {
  while (timers.length > 0 && timers[0].due <= turnStart) {
    turnCounts[3]--;
    timers.shift().callback();
    drain();
  }
  return timers.length === 0 ? -1 : Math.max(0, timers[0].due - now());
}
