import { tencentCallAliases } from "@wigwag/sdk/aliases";
import { defineConfig } from "vite";

// All that an app on TUICallKit changes here; in its code, one call of `setServer`.
export default defineConfig({ resolve: { alias: tencentCallAliases } });
