// node:perf_hooks: the web's Performance as a module.

import { performance, Performance, PerformanceMark, PerformanceMeasure } from "../web/performance.js";
import { PerformanceEntry } from "../web/performance_entry.js";

export { performance, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure };
export default { performance, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure };
