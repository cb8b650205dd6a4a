import { expect, test } from "vitest";
import { sequenceDiagram } from "../../src/kit/mermaid.js";

test("a diagram has its lanes in order, and rows between them", () => {
  const rows = [
    { from: "ann", to: "server", text: "invite" },
    { from: "server", to: "bob", text: "received", isDotted: true },
    { over: ["ann", "server"], text: "the deadline" },
  ];
  expect(sequenceDiagram(["ann", "server", "bob"], rows)).toBe(
    [
      "sequenceDiagram",
      "  participant p0 as ann",
      "  participant p1 as server",
      "  participant p2 as bob",
      "  p0->>p1: invite",
      "  p1-->>p2: received",
      "  Note over p0,p1: the deadline",
      "",
    ].join("\n"),
  );
});

test("what a user chose ends no line and begins no tag", () => {
  const text = sequenceDiagram(["end; <b>#1"], [{ from: "end; <b>#1", to: "end; <b>#1", text: "one\ntwo\r" }]);
  expect(text).toBe("sequenceDiagram\n  participant p0 as end#59; #60;b#62;#35;1\n  p0->>p0: one two \n");
});
