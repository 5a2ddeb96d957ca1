// The difference of two texts, line by line, for assertion errors.

/** Above this many lines in all, what lies between equal ends is shown as replaced. */
const kLinesMax = 2000;

/**
 * @param {string[]} actual
 * @param {string[]} expected
 * @returns {{ sign: "+" | "-" | " ", text: string }[]} "+" are lines of `actual` alone
 */
export function diffLines(actual, expected) {
  let start = 0;
  while (start < actual.length && start < expected.length && actual[start] === expected[start]) start++;
  let end = 0;
  const most = Math.min(actual.length, expected.length) - start;
  while (end < most && actual.at(-1 - end) === expected.at(-1 - end)) end++;
  const same = (lines) => lines.map((text) => ({ sign: " ", text }));
  return [
    ...same(actual.slice(0, start)),
    ...diffMiddle(actual.slice(start, actual.length - end), expected.slice(start, expected.length - end)),
    ...same(actual.slice(actual.length - end)),
  ];
}

/** By the longest common subsequence. */
function diffMiddle(actual, expected) {
  const added = (text) => ({ sign: "+", text });
  const removed = (text) => ({ sign: "-", text });
  if (actual.length + expected.length > kLinesMax) return [...actual.map(added), ...expected.map(removed)];
  // lengths[i][j]: of the longest common subsequence of what follows i and j.
  const lengths = Array.from({ length: actual.length + 1 }, () => new Uint16Array(expected.length + 1));
  for (let i = actual.length - 1; i >= 0; i--) {
    for (let j = expected.length - 1; j >= 0; j--) {
      lengths[i][j] =
        actual[i] === expected[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const result = [];
  let i = 0;
  let j = 0;
  while (i < actual.length || j < expected.length) {
    if (i < actual.length && j < expected.length && actual[i] === expected[j]) {
      result.push({ sign: " ", text: actual[i] });
      i++;
      j++;
    } else if (j === expected.length || (i < actual.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      result.push(added(actual[i++]));
    } else {
      result.push(removed(expected[j++]));
    }
  }
  return result;
}
