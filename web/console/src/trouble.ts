import { Problem } from "./api.js";
import type { Say } from "./strings/say.js";

/** What is the matter, in words: the server's own, where it has said any. Those are English. */
export function troubleWords(say: Say, error: unknown): string {
  if (error instanceof Problem && error.detail === "") {
    return error.status === 0 ? say("trouble.unreachable") : say("trouble.status", { status: error.status });
  }
  return error instanceof Error ? error.message : String(error);
}
