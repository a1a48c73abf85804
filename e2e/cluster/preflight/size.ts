export const GIB = 1024 ** 3;

/** A size as people read it: 3.1 GiB. */
export function inGib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
