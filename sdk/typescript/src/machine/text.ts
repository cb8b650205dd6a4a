/**
 * Bytes of `text` in UTF-8. TextEncoder is not everywhere, and only the number is wanted. There is no half of a character in a frame: `encode`
 * refuses it.
 */
export function bytesOf(text: string): number {
  return encodeURIComponent(text).replace(/%../g, "x").length;
}
