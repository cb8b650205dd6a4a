/** ms on a clock that never goes back. */
export function now(): number {
  return globalThis.performance?.now() ?? Date.now();
}
