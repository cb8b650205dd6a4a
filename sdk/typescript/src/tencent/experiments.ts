import { ok, quiet, type Success } from "./codes.js";
import { notThere } from "./unsupported.js";

/**
 * What call engines and kits ask before they work: whether the app has bought a feature, whether a module is there. Here all features
 * are; nobody counts how often they are used.
 */
const GRANTED = /^is(CommercialAbility|Feature)Enabled(ForStat)?$/;
/** Reports to Tencent about the use of their products: taken, and sent nowhere. */
const REPORTS = /^(sendTRTCCustomData|statTUIKeyFeatures)$/;

/** Answers the questions that packages of Tencent ask by name. What belongs to Tencent's private servers is refused (7014). */
export function callExperimentalAPI(name: "canIUseModule", param?: unknown): true;
export function callExperimentalAPI(name: string, param?: unknown): Promise<Success<{ enabled: true } | object>>;
export function callExperimentalAPI(name: string, _param?: unknown): true | Promise<Success<object>> {
  if (name === "canIUseModule") {
    return true;
  }
  if (GRANTED.test(name)) {
    return Promise.resolve(ok({ enabled: true }));
  }
  if (REPORTS.test(name)) {
    return Promise.resolve(ok({}));
  }
  return quiet(Promise.reject(notThere(`callExperimentalAPI("${name}")`)));
}
