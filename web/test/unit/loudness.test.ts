import { expect, it } from "vitest";
import { loudness } from "../../src/media/loudness.js";

it.each([
  [1, 1],
  [0.1, 2 / 3],
  [0.001, 0],
  [0, 0],
])("samples of %d are as loud as %d", (sample, loud) => {
  expect(loudness(new Float32Array(1_024).fill(sample))).toBeCloseTo(loud, 5);
});
