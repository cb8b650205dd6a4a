/**
 * What Tencent's surfaces keep in the `ext` of a profile or a group, because the server has no field for it: `{"tencent": {…}}`. The
 * surfaces share it, so that a group that one of them made has its type in the other.
 */
import { isObject, objectIn } from "./check.js";

/** The fields of Tencent's that are kept in an `ext`. */
export function readExt(ext: string): Record<string, unknown> {
  const { tencent } = objectIn(ext) ?? {};
  return isObject(tencent) ? tencent : {};
}

/** An `ext` with these fields of Tencent's besides what is in it already; undefined when it holds something that is no JSON object. */
export function writeExt(ext: string, fields: Record<string, unknown>): string | undefined {
  const kept = ext === "" ? {} : objectIn(ext);
  return kept === undefined ? undefined : JSON.stringify({ ...kept, tencent: { ...readExt(ext), ...fields } });
}

/** Types of groups that the web package calls by their old names, which are the ones that are kept. */
const WEB_NAMES: Readonly<Record<string, string>> = { Work: "Private", Meeting: "ChatRoom" };

/** The `ext` of a new group of this type, named as V2TIM names it. */
export function extOfGroupType(type: string): string {
  return JSON.stringify({ tencent: { type: WEB_NAMES[type] ?? type } });
}

/** The type of a group, named as V2TIM names it; undefined when none is kept. */
export function groupTypeIn(ext: string): string | undefined {
  const { type } = readExt(ext);
  const named = Object.entries(WEB_NAMES).find(([, webName]) => webName === type);
  return named?.[0] ?? (typeof type === "string" ? type : undefined);
}
