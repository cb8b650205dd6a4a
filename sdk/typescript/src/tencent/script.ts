// For pages without a bundler: the names that the scripts of `@tencentcloud/chat` and `tim-js-sdk` define.
import TencentCloudChat from "./index.js";

Object.assign(globalThis, { TencentCloudChat, TIM: TencentCloudChat });
