import type { InvitationView } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { type Answered, readAnswer } from "../../src/push/answered.js";
import { addressOf, outcomeFor } from "../../src/push/arrival.js";
import { bytesOf, isKey } from "../../src/push/key.js";
import { type Act, actOn, declinedNotice, type Facts, type Mark, markIn, notOpenedNotice } from "../../src/push/notice.js";
import { BODY_LETTERS, type Pushed, readPush, shownText, TITLE_LETTERS } from "../../src/push/pushed.js";
import { readQuestion } from "../../src/push/questions.js";
import type { Woken } from "../../src/session/woken.js";

const DEADLINE = 1_774_428_030_000;
const BOB: Woken = { userID: "bob", language: "en", applicationServerKey: "B", aheadMs: 0 };

/** What the server sends (docs/push.md). */
function ring(more: object = {}): string {
  const call = { callID: "i-1", roomID: "r", mediaType: "video" };
  const note = { type: "ring", id: "psh_1", inviteID: "i-1", userID: "bob", inviter: "alice", createdAt: 1, deadline: DEADLINE };
  return JSON.stringify({ ...note, remainingMs: 29_000, call, ...more });
}

function over(reason: string, more: object = {}): string {
  return JSON.stringify({ type: "over", id: "psh_2", inviteID: "i-1", userID: "bob", reason, ...more });
}

function act(text: string, facts: Partial<Facts> = {}): Act {
  return actOn(readPush(text), { woken: BOB, now: DEADLINE - 20_000, heard: false, shown: undefined, ...facts });
}

/** What a person reads of it. */
function read(act: Act): { title: string; body: string | undefined; rings: boolean; to: string | undefined } | string {
  if (act.do !== "show") {
    return act.do;
  }
  const { title, options } = act.notice;
  return { title, body: options.body, rings: options.requireInteraction === true, to: options.data.to };
}

const RINGING: Mark = { kind: "ring", id: "psh_1", inviteID: "i-1", userID: "bob", inviter: "alice", to: "#/call/alice" };

describe("a ring", () => {
  it("says who calls, in the language of the page, and stays until it is answered", () => {
    const shown = act(ring());
    expect(read(shown)).toEqual({ title: "alice wants to see you", body: "Click to answer.", rings: true, to: "#/call/alice" });
    expect(shown).toMatchObject({ notice: { options: { tag: "i-1", renotify: true, requireInteraction: true, lang: "en" } } });
    const chinese = act(ring(), { woken: { ...BOB, language: "zh" } });
    expect(read(chinese)).toMatchObject({ title: "alice邀请您视频通话", body: "点击接听。" });
    expect(chinese).toMatchObject({ notice: { options: { lang: "zh-CN" } } });
  });

  it("makes no sound for somebody who is quiet", () => {
    const shown = act(ring({ quiet: true }));
    expect(read(shown)).toMatchObject({ title: "alice wants to see you", rings: true });
    expect(shown).toMatchObject({ notice: { options: { silent: true } } });
    expect(shown).not.toHaveProperty("notice.options.vibrate");
    expect(shown).not.toHaveProperty("notice.options.renotify");
    expect(read(act(over("silenced"), { shown: RINGING }))).toMatchObject({ title: "alice", body: "Silenced on another device" });
  });

  it("is worded by what it is for, and leads there", () => {
    const purpose = (action: string) => ({
      call: undefined,
      data: JSON.stringify({ scene: action === "speak" ? "class" : "live", action }),
    });
    for (const [more, title, to] of [
      [{ call: { mediaType: "audio" } }, "alice is calling", "#/call/alice"],
      [{ call: { mediaType: "hologram" } }, "alice is calling", "#/call/alice"],
      [{ groupID: "g" }, "alice is calling your group", "#/call"],
      [{ inviter: "~5byg5LiJ" }, "张三 wants to see you", "#/call/~5byg5LiJ"],
      [{ groupID: "class.7b", ...purpose("speak") }, "alice calls you up", "#/class/7b"],
      [{ groupID: "live.a/b", ...purpose("offer") }, "alice invites you to the microphone", "#/live/a%2Fb"],
      [{ groupID: "live.a", ...purpose("ask") }, "alice asks for the microphone", "#/live/a"],
      [{ groupID: "elsewhere", ...purpose("ask") }, "alice asks for the microphone", "#/live"],
      [{ call: undefined, data: "{" }, "alice invites you", "#/call/alice"],
      [{ call: undefined }, "alice invites you", "#/call/alice"],
    ] as const) {
      expect(read(act(ring(more))), JSON.stringify(more)).toMatchObject({ title, to });
    }
  });

  it("of a call between two has the two buttons that browsers show, and what the worker answers with", () => {
    const actionToken = "eyJ.eyJz_-.Zm9v";
    const options = (more: object, facts: Partial<Facts> = {}) => {
      const shown = act(ring({ actionToken, ...more }), facts);
      return shown.do === "show" ? shown.notice.options : undefined;
    };
    const words = (more: object, facts?: Partial<Facts>) =>
      options(more, facts)?.actions?.map(({ action, title }) => [action, title]);
    const both = [
      ["accept", "Accept"],
      ["decline", "Decline"],
    ];
    expect(words({})).toEqual(both);
    expect(words({ call: { mediaType: "audio" } })).toEqual(both);
    expect(words({}, { woken: { ...BOB, language: "zh" } })).toEqual([
      ["accept", "接听"],
      ["decline", "拒绝"],
    ]);
    // These are answered where they are shown.
    expect(words({ groupID: "g" })).toBeUndefined();
    expect(words({ call: undefined })).toBeUndefined();
    expect(options({})?.data.actionToken).toBe(actionToken);
    expect(options({}, { now: DEADLINE })).toMatchObject({ silent: true });
    expect(options({}, { now: DEADLINE })?.actions).toBeUndefined();
    expect(options({}, { now: DEADLINE })?.data.actionToken).toBeUndefined();
    const longest = `a.b.${"c".repeat(2_044)}`;
    expect(options({ actionToken: longest })?.data.actionToken).toBe(longest);
    for (const wrong of [undefined, 7, "", "a.b", "a.b.c d", "a.b.c\n", "a.b.c.d", `${longest}c`]) {
      expect(options({ actionToken: wrong })?.data.actionToken, String(wrong)).toBeUndefined();
      expect(words({ actionToken: wrong })).toEqual(both);
    }
  });

  it("shows the inviter's own words, beside the name of whoever really rings", () => {
    expect(read(act(ring({ title: "Your bank", body: "calls you" })))).toMatchObject({
      title: "Your bank",
      body: "alice · calls you",
    });
    expect(read(act(ring({ title: "alice (work)", body: "calls you" })))).toMatchObject({
      title: "alice (work)",
      body: "calls you",
    });
    expect(read(act(ring({ body: "Lunch?" })))).toMatchObject({ title: "alice wants to see you", body: "Lunch?" });
  });

  it("past its deadline is a missed call, by the server's clock", () => {
    const missed = { title: "alice", body: "You missed a call", rings: false, to: "#/call/alice" };
    expect(read(act(ring(), { now: DEADLINE }))).toEqual(missed);
    expect(read(act(ring(), { now: DEADLINE - 1 }))).toMatchObject({ rings: true });
    // A machine whose clock is an hour fast, and one whose clock is slow.
    expect(read(act(ring(), { now: DEADLINE + 3_599_999, woken: { ...BOB, aheadMs: -3_600_000 } }))).toMatchObject({
      rings: true,
    });
    expect(read(act(ring(), { now: DEADLINE - 3_600_000, woken: { ...BOB, aheadMs: 3_600_000 } }))).toEqual(missed);
  });

  it("rings once: not again for a repeat, not after its end, not beside a page that rings", () => {
    expect(read(act(ring(), { shown: RINGING }))).toBe("nothing");
    expect(read(act(ring(), { shown: { ...RINGING, id: "psh_0" } }))).toMatchObject({ rings: true });
    expect(read(act(ring(), { shown: { ...RINGING, kind: "over", id: "psh_2" } }))).toBe("nothing");
    expect(read(act(ring(), { heard: true }))).toBe("nothing");
  });

  it("of whoever used this browser before is not shown to the next one", () => {
    expect(act(ring({ userID: "carol" }))).toEqual({ do: "close", tag: "i-1" });
    expect(act(over("cancelled", { userID: "carol" }))).toEqual({ do: "close", tag: "i-1" });
  });
});

describe("the end of a ring", () => {
  it("takes its place as a quiet line that says how", () => {
    for (const [reason, body] of [
      ["cancelled", "You missed a call"],
      ["timedOut", "You missed a call"],
      ["accepted", "Answered on another device"],
      ["rejected", "Declined on another device"],
      ["removed", "The call is over"],
      ["gone", "The call is over"],
      ["of a newer server", "The call is over"],
    ] as const) {
      const quiet = act(over(reason), { shown: RINGING });
      expect(read(quiet), reason).toEqual({ title: "alice", body, rings: false, to: "#/call/alice" });
      expect(quiet).toMatchObject({ notice: { options: { tag: "i-1", silent: true, data: { kind: "over" } } } });
    }
  });

  it("is told without a name when the ring was put away, once, and not beside a page that tells it", () => {
    expect(read(act(over("cancelled")))).toEqual({ title: "You missed a call", body: undefined, rings: false, to: "#/call" });
    expect(read(act(over("cancelled"), { shown: { ...RINGING, kind: "over", id: "psh_2" } }))).toBe("nothing");
    expect(act(over("cancelled"), { heard: true, shown: RINGING })).toEqual({ do: "close", tag: "i-1" });
  });
});

describe("a press on Decline", () => {
  const problem = (status: number, body: object = {}) => readAnswer(status, { type: "urn:wigwag:problem:…", ...body });

  it("counts as the server says", () => {
    expect(readAnswer(200, { inviteID: "i-1", time: 1, version: 2 })).toEqual({ is: "taken" });
    for (const [body, how] of [
      [{ reason: "cancelled" }, "cancelled"],
      [{ reason: "timedOut" }, "timedOut"],
      [{ reason: "settled", outcome: { state: "accepted" } }, "accepted"],
      [{ reason: "settled", outcome: { state: "rejected" } }, "rejected"],
      [{ reason: "settled", outcome: { state: "of a newer server" } }, "gone"],
      [{ reason: "settled" }, "gone"],
    ] as const) {
      expect(problem(409, body)).toEqual({ is: "late", how });
    }
    expect(problem(404, { reason: "unknownInvitation" })).toEqual({ is: "late", how: "gone" });
    for (const [status, reason] of [
      [401, "tokenRevoked"],
      [403, "userDisabled"],
      [404, "nothingHere"],
    ] as const) {
      expect(problem(status, { reason, retryable: false })).toEqual({ is: "refused" });
    }
    const pace = { reason: "rateLimited", retryable: true };
    expect(problem(429, { ...pace, retryAfterMs: 250 })).toEqual({ is: "tryAgain", afterMs: 250 });
    expect(problem(429, pace)).toEqual({ is: "tryAgain", afterMs: 1_000 });
    for (const body of [undefined, null, "Bad gateway", {}, { retryAfterMs: -1 }, { retryAfterMs: "soon" }]) {
      expect(readAnswer(502, body)).toEqual({ is: "tryAgain", afterMs: 1_000 });
    }
  });

  it("that did not count says so, and the ring can be pressed again", () => {
    const said = (answered: Answered, language: Woken["language"] = "en") => {
      const notice = declinedNotice(answered, { ...BOB, language }, { ...RINGING, actionToken: "a.b.c" });
      return notice && { ...(read({ do: "show", notice }) as object), buttons: notice.options.actions?.length };
    };
    expect(said({ is: "taken" })).toBeUndefined();
    expect(said({ is: "late", how: "cancelled" })).toMatchObject({
      title: "alice",
      body: "You missed a call",
      buttons: undefined,
    });
    expect(said({ is: "late", how: "accepted" })).toMatchObject({ body: "Answered on another device" });
    const again = { title: "alice", rings: false, to: "#/call/alice", buttons: 2 };
    expect(said({ is: "away" })).toEqual({ ...again, body: "Not declined: the server does not answer." });
    expect(said({ is: "refused" })).toEqual({ ...again, body: "Not declined. Open the page to answer." });
    expect(said({ is: "refused" }, "zh")).toMatchObject({ body: "未能拒绝，请打开页面处理。" });
    const notice = notOpenedNotice(BOB, RINGING);
    expect(notice).toMatchObject({ title: "alice", options: { data: RINGING, silent: true, tag: "i-1" } });
    expect(notice.options.body).toBe("The page did not open. Open it to answer.");
  });
});

describe("hostile and unknown pushes", () => {
  it("say that there is something, and nothing of theirs", () => {
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      JSON.stringify("ring"),
      ring({ type: "later" }),
      ring({ id: "" }),
      ring({ inviteID: "x".repeat(129) }),
      ring({ inviteID: { toString: 1 } }),
      ring({ inviter: "a\nb" }),
      ring({ inviter: undefined }),
      ring({ groupID: 7 }),
      ring({ deadline: "soon" }),
      ring({ deadline: undefined }),
      ring({ data: "x".repeat(4_096) }),
    ]) {
      expect(readPush(text), text).toBeUndefined();
      expect(read(act(text)), text).toEqual({
        title: "Wigwag",
        body: "Open the page to see what is new.",
        rings: false,
        to: "#/call",
      });
    }
    expect(readPush(ring({ inviteID: "x".repeat(128) }))).toBeDefined();
  });

  it("have texts of one line and of a bounded length, without letters that are not seen", () => {
    const long = (letters: number) => shownText("界".repeat(letters), TITLE_LETTERS);
    expect([...(long(TITLE_LETTERS) ?? "")].length).toBe(TITLE_LETTERS);
    expect(long(TITLE_LETTERS + 1)).toBe(`${"界".repeat(TITLE_LETTERS - 1)}…`);
    expect([...(shownText("📞".repeat(500), BODY_LETTERS) ?? "")].length).toBe(BODY_LETTERS);
    expect(shownText(" a\n\n\tb\u2028c\u0000 ", 60)).toBe("a b c");
    expect(shownText("\u202eevil\u2066\u200b\u00ad\ufeff", 60)).toBe("evil");
    expect(shownText("👩\u200d🚒 ❤\ufe0f", 60)).toBe("👩\u200d🚒 ❤\ufe0f");
    for (const nothing of [undefined, null, 7, {}, "", " \n", "\u202e"]) {
      expect(shownText(nothing, 60)).toBeUndefined();
    }
    // Notifications are text; what looks like markup stays what it is.
    expect(shownText("<b>Bank</b>", 60)).toBe("<b>Bank</b>");
    const title = "x".repeat(1_000);
    expect((readPush(ring({ title, body: title })) as Pushed & { title: string; body: string }).body.length).toBe(BODY_LETTERS);
  });

  it("cannot fill in names of the page's texts, or lead out of the app", () => {
    expect(read(act(ring({ inviter: "{name}" })))).toMatchObject({ title: "{name} wants to see you", to: "#/call/%7Bname%7D" });
    const address = addressOf("https://wigwag.example/app/", { inviteID: "a&b=#/", to: "//evil.example", rings: true });
    expect(new URL(address)).toMatchObject({ host: "wigwag.example", pathname: "/app/", hash: "#//evil.example" });
    expect(new URL(address).searchParams.get("ring")).toBe("a&b=#/");
  });
});

describe("a click", () => {
  it("opens the app at the call, which then knows what rang", () => {
    const to = "#/call/alice";
    expect(addressOf("https://w.example/", { inviteID: "i-1", to, rings: true })).toBe("https://w.example/?ring=i-1#/call/alice");
    expect(addressOf("https://w.example/", { inviteID: "i-1", to, rings: false })).toBe("https://w.example/#/call/alice");
  });

  it("on a call that is over says how it ended for this user", () => {
    const invitation = (state: string, status = "ended") =>
      ({
        status,
        invitees: [
          { userID: "alice", state: "pending" },
          { userID: "bob", state },
        ],
      }) as InvitationView;
    expect(outcomeFor(invitation("pending", "open"), "bob")).toBe("open");
    for (const state of ["accepted", "rejected", "cancelled", "timedOut"] as const) {
      expect(outcomeFor(invitation(state), "bob")).toBe(state);
    }
    expect(outcomeFor(invitation("removed"), "bob")).toBe("gone");
    expect(outcomeFor(invitation("pending", "open"), "carol")).toBe("gone");
    expect(outcomeFor(undefined, "bob")).toBe("gone");
  });
});

it("marks and questions of others are none", () => {
  expect(markIn(RINGING)).toEqual(RINGING);
  for (const data of [undefined, null, "ring", { kind: "other" }]) {
    expect(markIn(data)).toBeUndefined();
  }
  const show = { ask: "show", userID: "bob", inviteID: "i", to: "#/call", rings: true };
  expect(readQuestion(show)).toEqual(show);
  const decline = { ask: "decline", userID: "bob", inviteID: "i" };
  expect(readQuestion(decline)).toEqual(decline);
  for (const message of [
    null,
    "heard",
    { ask: "heard" },
    { ...show, userID: 7 },
    { ...show, to: undefined },
    { ...decline, inviteID: undefined },
    { ...show, ask: "other" },
  ]) {
    expect(readQuestion(message)).toBeUndefined();
  }
});

it("a subscription with another key of the server's is another one", () => {
  const key = bytesOf("BP4z-_A8");
  expect([...key]).toEqual([4, 254, 51, 251, 240, 60]);
  expect(isKey(key.buffer, key)).toBe(true);
  expect(isKey(bytesOf("BP4z-_A9").buffer, key)).toBe(false);
  expect(isKey(bytesOf("BP4z").buffer, key)).toBe(false);
  expect(isKey(null, key)).toBe(false);
});
