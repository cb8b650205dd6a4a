/** The samples' loudness, 0 to 1: -60 dB, a quiet room, to 0 dB. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / 60));
}
