/** The bridge for pages without a bundler: this file, bundled, is `dist/openim-bridge.js`. */
import { bridgeCalls, refuseCalls } from "./bridge.js";

refuseCalls();
Object.assign(globalThis, { WigwagBridge: { bridgeCalls } });
