import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** The mark of the app, which all icons are drawn from. */
const MARK = new URL("../public/favicon.svg", import.meta.url);

/** The night of the style sheets: the flag is white, and has to stand out on any launcher. */
const GROUND = "#0b1017";

/** An icon of the page. */
export interface Icon {
  readonly file: string;
  /** Its width and height. */
  readonly pixels: number;
  /** How much of the width the mark takes. */
  readonly mark: number;
  /** The radius of the ground's corners, as a part of the width. 0 where the system cuts the icon into a shape of its own. */
  readonly corners: number;
}

/** `maskable`: everything that counts lies within a circle of 80 % of the width, which every system's shape leaves (Web App Manifest, "Icon masks"). */
export const ICONS = {
  small: { file: "icons/192.png", pixels: 192, mark: 0.8, corners: 0.22 },
  large: { file: "icons/512.png", pixels: 512, mark: 0.8, corners: 0.22 },
  maskable: { file: "icons/maskable-512.png", pixels: 512, mark: 0.66, corners: 0 },
  /** What iPhones and iPads take: they round its corners. */
  apple: { file: "icons/apple-180.png", pixels: 180, mark: 0.74, corners: 0 },
} as const satisfies Record<string, Icon>;

/** Once for all icons: the renderer refuses to be started twice. */
const started = initWasm(readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")));

/** Draws an icon as a PNG. */
export async function drawn(icon: Icon): Promise<Uint8Array> {
  await started;
  return new Resvg(svgOf(icon), { fitTo: { mode: "width", value: icon.pixels } }).render().asPng();
}

function svgOf({ mark, corners }: Icon): string {
  const margin = (1 - mark) / 2;
  const drawing = readFileSync(MARK, "utf8").replace(
    "<svg ",
    `<svg x="${margin}" y="${margin}" width="${mark}" height="${mark}" `,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" rx="${corners}" fill="${GROUND}"/>${drawing}</svg>`;
}
