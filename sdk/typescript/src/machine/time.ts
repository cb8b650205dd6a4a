/** The earliest of these times, if there is any. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  const first = Math.min(...times.map((time) => time ?? Infinity));
  return first < Infinity ? first : undefined;
}
