/** Resolves after so many milliseconds, also by the fake timers of a test. */
export const wait = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, Math.max(0, milliseconds));
  });
