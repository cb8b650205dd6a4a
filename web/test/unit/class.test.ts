import { describe, expect, it } from "vitest";
import { absent, beginsRound, type ClassState, classOf, lateComers, present } from "../../src/class/rules.js";
import { Conversation, inSomeOrder } from "./conversation.js";

const TEACHER = "teacher";

/** A class whose conversation grows as people act. */
class School extends Conversation {
  asks(pupils: string[], inviteID = "round-1", round = inviteID): this {
    return this.invites(TEACHER, pupils, inviteID, { scene: "class", action: "raise", round });
  }

  callsUp(pupil: string, inviteID = `speak-${pupil}`): this {
    return this.invites(TEACHER, [pupil], inviteID, { scene: "class", action: "speak" });
  }

  get state(): ClassState {
    return classOf(this.items, TEACHER);
  }

  get hands(): string[] {
    return this.state.hands.map(({ userID }) => userID);
  }
}

describe("hands", () => {
  it("go up in the order in which they were raised, each once", () => {
    const school = new School().asks(["a", "b", "c"]).accepts("round-1", "b").accepts("round-1", "a").accepts("round-1", "b");
    expect(school.hands).toEqual(["b", "a"]);
    expect([...(school.state.round?.waiting.keys() ?? [])]).toEqual(["c"]);
  });

  it("come down and go up again at the end of the row", () => {
    const school = new School().asks(["a", "b"]).accepts("round-1", "a").accepts("round-1", "b");
    school.notes("a", { scene: "class", action: "lower", who: "a" });
    expect(school.hands).toEqual(["b"]);
    school.notes("a", { scene: "class", action: "raise" });
    expect(school.hands).toEqual(["b", "a"]);
  });

  it("are taken down by the teacher, and by no other pupil", () => {
    const school = new School().asks(["a", "b"]).accepts("round-1", "a");
    expect(school.notes("b", { scene: "class", action: "lower", who: "a" }).hands).toEqual(["a"]);
    expect(school.notes(TEACHER, { scene: "class", action: "lower", who: "a" }).hands).toEqual([]);
  });

  it("go down when the round ends, and a new round begins without any", () => {
    const school = new School().asks(["a", "b"]).accepts("round-1", "a").notes(TEACHER, { scene: "class", action: "close" });
    expect(school.hands).toEqual([]);
    expect(school.accepts("round-1", "b").hands).toEqual([]);
    expect(school.notes("a", { scene: "class", action: "raise" }).hands).toEqual([]);
    expect(school.asks(["a", "b"], "round-2").accepts("round-2", "b").hands).toEqual(["b"]);
  });
});

describe("the floor", () => {
  const raised = () => new School().asks(["a", "b"]).accepts("round-1", "a").accepts("round-1", "b");

  it("goes to a pupil who is called up and accepts; their hand comes down", () => {
    const school = raised().callsUp("a");
    expect(school.state.called).toEqual({ userID: "a", inviteID: "speak-a" });
    school.accepts("speak-a", "a");
    expect(school.state).toMatchObject({ speaker: "a" });
    expect(school.state.called).toBeUndefined();
    expect(school.hands).toEqual(["b"]);
  });

  it("passes to the next, and is given back", () => {
    const school = raised().callsUp("a").accepts("speak-a", "a").callsUp("b").accepts("speak-b", "b");
    expect(school.state.speaker).toBe("b");
    school.notes("b", { scene: "class", action: "lower", who: "b" });
    expect(school.state.speaker).toBeUndefined();
  });

  it("stays free when the pupil rejects or does not answer", () => {
    expect(raised().callsUp("a").rejects("speak-a", "a").state.speaker).toBeUndefined();
    const silent = raised().callsUp("a").closes("speak-a", ["a"]);
    expect(silent.state.called).toBeUndefined();
    expect(silent.hands).toEqual(["a", "b"]);
  });

  it("is taken from a pupil who leaves the room", () => {
    const school = raised().callsUp("a").accepts("speak-a", "a");
    expect(present(school.state, [TEACHER, "b"])).toMatchObject({ hands: [{ userID: "b" }] });
    expect(present(school.state, [TEACHER, "b"]).speaker).toBeUndefined();
    expect(absent(school.state, [TEACHER, "b"]), "the teacher's page takes it from whoever is gone").toContain("a");
  });
});

describe("late-comers", () => {
  it("are those who were not asked, while the round is open", () => {
    const school = new School().asks(["a"]);
    expect(lateComers(school.state, [TEACHER, "a", "b"], TEACHER)).toEqual(["b"]);
    school.asks(["b"], "late-1", "round-1");
    expect(lateComers(school.state, [TEACHER, "a", "b"], TEACHER)).toEqual([]);
    expect(school.accepts("late-1", "b").hands).toEqual(["b"]);
    school.notes(TEACHER, { scene: "class", action: "close" });
    expect(lateComers(school.state, [TEACHER, "a", "b", "c"], TEACHER)).toEqual([]);
  });
});

it("a pupil who plays the teacher changes nothing", () => {
  const school = new School().asks(["a", "b"]).accepts("round-1", "a");
  const before = school.state;
  school.invites("b", ["a"], "fake", { scene: "class", action: "raise", round: "fake" });
  school.invites("b", ["b"], "fake-2", { scene: "class", action: "speak" }).accepts("fake-2", "b");
  school.notes("b", { scene: "class", action: "close" });
  expect(school.state).toEqual(before);
});

it("nothing before the beginning of a round has to be known", () => {
  const school = new School().asks(["a"]).accepts("round-1", "a").asks(["a", "b"], "round-2").accepts("round-2", "b");
  const begins = school.items.findLastIndex(beginsRound);
  expect(classOf(school.items.slice(begins), TEACHER)).toEqual(school.state);
});

describe("fifty pupils in one room", () => {
  const pupils = Array.from({ length: 50 }, (_, number) => `pupil-${number + 1}`);
  const school = new School().asks(pupils);
  for (const pupil of inSomeOrder(pupils, 7)) {
    school.accepts("round-1", pupil);
  }

  it("are all on the list, in the order in which they raised their hands", () => {
    expect(school.hands).toEqual(inSomeOrder(pupils, 7));
  });

  it("see the same list, whether they were there or read of it later, in pages that overlap", () => {
    const pages = [school.items.slice(30), school.items.slice(0, 40)].flat();
    const read = [...new Map(pages.map((item) => [item.seq, item])).values()].sort((one, other) => one.seq - other.seq);
    expect(classOf(read, TEACHER)).toEqual(school.state);
  });

  it("are called up one after the other until the list is empty", () => {
    for (const pupil of pupils) {
      school.callsUp(pupil).accepts(`speak-${pupil}`, pupil);
      expect(school.state.speaker).toBe(pupil);
    }
    expect(school.hands).toEqual([]);
  });
});
