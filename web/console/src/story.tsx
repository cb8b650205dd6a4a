import { useState } from "preact/hooks";
import { download } from "../../src/kit/download.js";
import { diagramOf } from "./diagram.js";
import { Panel, State, Table, Time } from "./pieces.js";
import type { Step, Story, StoryEndpoint } from "./shapes.js";
import type { Say } from "./strings/say.js";
import { useSay } from "./useSay.js";
import { counted, lasting, utc } from "./words.js";

/** What happened to an invitation: as a table, as a diagram, and what webhooks have to tell of it. */
export function StoryPanels({ story }: { story: Story }) {
  const say = useSay();
  return (
    <>
      <Panel title={say("story")}>
        {!story.complete && <p class="wrong">{say("story.missing")}</p>}
        <Steps steps={story.steps} />
        <p class="hint">{say("story.notRecorded")}</p>
      </Panel>
      <Diagram text={diagramOf(story)} name={story.invitation.inviteID} />
      {story.webhooks.length > 0 && <Webhooks endpoints={story.webhooks} />}
    </>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  const say = useSay();
  const begin = steps[0]?.time ?? 0;
  const heads = [say("story.time"), say("story.after"), say("story.what"), say("story.by"), say("device"), say("story.streams")];
  return (
    <Table label={say("story")} heads={heads}>
      {steps.map((step, place) => (
        <tr key={place}>
          <td>
            <Time at={step.time} />
          </td>
          <td>{lasting(say, step.time - begin)}</td>
          <td>
            <details>
              <summary>{step.type}</summary>
              <pre>{JSON.stringify(step.event, undefined, 2)}</pre>
            </details>
          </td>
          <td>{step.by ?? "–"}</td>
          <td class="id">{step.device?.deviceID ?? "–"}</td>
          <td>{step.told.map(({ userID, cursor }) => `${userID} (${cursor})`).join(", ")}</td>
        </tr>
      ))}
    </Table>
  );
}

function Diagram({ text, name }: { text: string; name: string }) {
  const say = useSay();
  const [said, setSaid] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setSaid(true);
  };
  return (
    <Panel
      title={say("story.diagram")}
      tools={
        <>
          <span role="status">{said && say("story.copied")}</span>
          {navigator.clipboard !== undefined && (
            <button type="button" class="button small" onClick={copy}>
              {say("story.copy")}
            </button>
          )}
          <button type="button" class="button small" onClick={() => download(`${name}.mmd`, text)}>
            {say("story.save")}
          </button>
        </>
      }
    >
      <p class="hint">{say("story.mermaid")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the keys */}
      <section class="diagram scrolls" tabIndex={0} aria-label={say("story.diagram")}>
        <pre>{text}</pre>
      </section>
    </Panel>
  );
}

function Webhooks({ endpoints }: { endpoints: readonly StoryEndpoint[] }) {
  const say = useSay();
  const heads = [say("story.endpoint"), say("story.part"), say("story.remark")];
  return (
    <Panel title={say("nav.webhooks")}>
      <Table label={say("nav.webhooks")} heads={heads}>
        {endpoints.map((view) => (
          <tr key={view.endpoint}>
            <td>{view.endpoint}</td>
            <td>
              <State word={say(`story.${view.state}`)} tone={TONES[view.state]} />
            </td>
            <td>{remark(say, view)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

const TONES = { unwanted: "calm", told: "good", waiting: "waiting", refused: "bad" } as const;

function remark(say: Say, { attempts, nextAt }: StoryEndpoint): string {
  if (attempts === undefined || nextAt === undefined) {
    return "";
  }
  return say(attempts === 1 ? "story.attempt" : "story.attempts", { count: counted(attempts), time: utc(nextAt) });
}
