import type { Quiet } from "@wigwag/sdk";
import { useId } from "preact/hooks";
import type { Notices } from "../kit/notices.js";
import { Segments } from "../kit/preferenceChoices.js";
import { language } from "../kit/preferences.js";
import { useSay } from "../kit/useSay.js";
import { clockOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { Language, Say } from "../strings/say.js";
import type { QuietHours } from "./quietHours.js";
import { type Chosen, chosenOf } from "./settings.js";

/** The choice when calls make no sound, on all of the user's devices. */
export function QuietChoice({ hours, notices }: { hours: QuietHours; notices: Notices }) {
  const say = useSay();
  const spoken = useStore(language);
  const settings = useStore(hours.settings);
  const more = useId();
  const chosen = settings && chosenOf(settings, Date.now());
  const choices = (["off", "hour", "morning", "nights"] as const).map((choice) => [choice, say(`quiet.${choice}`)] as const);
  const choose = (choice: Chosen) => {
    if (choice !== "other") {
      void notices.attempt(() => hours.choose(choice));
    }
  };
  return (
    <fieldset class="choice wake" aria-describedby={more} disabled={settings === undefined}>
      <legend>{say("quiet.legend")}</legend>
      <Segments<Chosen> chosen={chosen ?? "off"} choices={choices} onChoose={choose} />
      <p id={more} class="hint" role="status">
        {settings === undefined || chosen === undefined ? say("quiet.looking") : wordsOf(say, spoken, settings, chosen)}
      </p>
    </fieldset>
  );
}

function wordsOf(say: Say, spoken: Language, { until = 0, timeZone = "" }: Quiet, chosen: Chosen): string {
  switch (chosen) {
    case "off":
      return say("quiet.offMore");
    case "hour":
    case "morning":
      return say("quiet.untilMore", { time: clockOf(until, Date.now(), spoken) });
    case "nights":
      return say("quiet.nightsMore", { zone: timeZone });
    case "other":
      return say("quiet.otherMore");
  }
}
