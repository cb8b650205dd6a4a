import type { Plugin } from "vite";
import { drawn, ICONS } from "./icons.js";

/** What browsers read before they install the page (https://www.w3.org/TR/appmanifest/). Addresses are relative to its own. */
const MANIFEST = {
  id: "./",
  name: "Wigwag",
  short_name: "Wigwag",
  description: "Calls, raised hands and microphone seats on a server of your own",
  lang: "en",
  start_url: "./",
  scope: "./",
  display: "standalone",
  background_color: "#f5f3ee",
  theme_color: "#ffffff",
  icons: [entry("small", "any"), entry("large", "any"), entry("maskable", "maskable")],
};

/** Gives the page out as one that can be installed: with its manifest, and with icons drawn from its mark. */
export function installable(): Plugin {
  return {
    name: "installable",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: JSON.stringify(MANIFEST) });
      for (const icon of Object.values(ICONS)) {
        this.emitFile({ type: "asset", fileName: icon.file, source: await drawn(icon) });
      }
    },
  };
}

function entry(name: keyof typeof ICONS, purpose: "any" | "maskable") {
  const { file, pixels } = ICONS[name];
  return { src: `./${file}`, sizes: `${pixels}x${pixels}`, type: "image/png", purpose };
}
