let exitCode;

/** @param {number} code */
export function setExitCode(code) {
  exitCode = code;
}

export const getExitCode = () => exitCode;
