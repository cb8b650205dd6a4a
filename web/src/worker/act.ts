import { type Answered, readAnswer, type TryAgain, tryAgain } from "../push/answered.js";

/** Attempts, and how long each may take and the next may have to wait, ms: together less than the 30 s that browsers give a worker. */
const ATTEMPTS = 3;
const ANSWER_MS = 5_000;
const LONGEST_PAUSE_MS = 5_000;

/** Carries out an action with the token of a push (docs/push.md). Repeated, it counts once. */
export async function act(action: "ringing" | "reject", token: string): Promise<Answered> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const answered = await ask(action, token);
    if (answered.is !== "tryAgain") {
      return answered;
    }
    if (answered.afterMs > LONGEST_PAUSE_MS) {
      break;
    }
    if (attempt < ATTEMPTS) {
      await new Promise((resolve) => setTimeout(resolve, answered.afterMs));
    }
  }
  return { is: "away" };
}

async function ask(action: string, token: string): Promise<Answered | TryAgain> {
  try {
    const answer = await fetch(`/v1/actions/${action}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return readAnswer(answer.status, await answer.json().catch(() => undefined));
  } catch {
    return tryAgain();
  }
}
