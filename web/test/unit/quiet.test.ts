import { describe, expect, it } from "vitest";
import { type Chosen, chosenOf, settingsOf } from "../../src/quiet/settings.js";

/** 2026-11-29, a quarter to seven in the evening here. */
const NOW = new Date(2026, 10, 29, 18, 45).getTime();
const KEPT = { except: ["mum"], push: "none" } as const;

function chosen(choice: Exclude<Chosen, "other">) {
  return settingsOf(choice, { ...KEPT, except: [...KEPT.except], until: 1 }, NOW, "Europe/Berlin");
}

describe("the menu's choices", () => {
  it.each([
    "off",
    "hour",
    "morning",
    "nights",
  ] as const)("%s is read as it was chosen, and keeps what it does not offer", (choice) => {
    expect(chosenOf(chosen(choice), NOW)).toBe(choice);
    expect(chosen(choice)).toMatchObject(KEPT);
  });

  it("end when they say", () => {
    expect(chosen("off")).toEqual(KEPT);
    expect(chosen("hour").until).toBe(NOW + 3_600_000);
    expect(chosen("morning").until).toBe(new Date(2026, 10, 30, 7).getTime());
    expect(settingsOf("morning", {}, new Date(2026, 10, 30, 6, 59).getTime(), "UTC").until).toBe(
      new Date(2026, 10, 30, 7).getTime(),
    );
    expect(chosen("nights")).toMatchObject({
      hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 1_320, to: 420 }],
      timeZone: "Europe/Berlin",
    });
    expect(chosenOf(chosen("hour"), NOW + 3_600_000)).toBe("off");
  });

  it("know what was set elsewhere", () => {
    const span = { days: [1], from: 0, to: 60 };
    for (const quiet of [{ until: NOW + 9 * 86_400_000 }, { hours: [span] }, { ...chosen("nights"), until: NOW + 1 }]) {
      expect(chosenOf(quiet, NOW), JSON.stringify(quiet)).toBe("other");
    }
  });
});
