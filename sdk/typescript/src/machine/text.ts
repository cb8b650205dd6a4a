/** Bytes of `text` in UTF-8. TextEncoder is not everywhere, and only the number is wanted. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7ff && !isSurrogate(unit)) {
      bytes += 2;
    } else if (unit > 0x7f) {
      // Two bytes for a small character; of a pair, two for each half.
      bytes += 1;
    }
  }
  return bytes;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
