import { useState } from "preact/hooks";
import { download } from "../../src/kit/download.js";
import { diagramOf } from "./diagram.js";
import { Panel, State, Table, Time } from "./pieces.js";
import type { Step, Story, StoryEndpoint } from "./shapes.js";
import { counted, lasting, utc } from "./words.js";

/** What happened to an invitation: as a table, as a diagram, and what webhooks have to tell of it. */
export function StoryPanels({ story }: { story: Story }) {
  return (
    <>
      <Panel title="Story">
        {!story.complete && <p class="wrong">Steps are missing: they are not kept any more, or there are too many of them.</p>}
        <Steps steps={story.steps} />
        <p class="hint">
          Commands that were refused are not recorded, nor which of a user's devices has read its stream, nor what was pushed.
        </p>
      </Panel>
      <Diagram text={diagramOf(story)} name={story.invitation.inviteID} />
      {story.webhooks.length > 0 && <Webhooks endpoints={story.webhooks} />}
    </>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  const begin = steps[0]?.time ?? 0;
  return (
    <Table label="Story" heads={["Time (UTC)", "After", "What", "By", "Device", "In the streams of"]}>
      {steps.map((step, place) => (
        <tr key={place}>
          <td>
            <Time at={step.time} />
          </td>
          <td>{lasting(step.time - begin)}</td>
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
  const [said, setSaid] = useState("");
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setSaid("Copied.");
  };
  return (
    <Panel
      title="Sequence diagram"
      tools={
        <>
          <span role="status">{said}</span>
          {navigator.clipboard !== undefined && (
            <button type="button" class="button small" onClick={copy}>
              Copy
            </button>
          )}
          <button type="button" class="button small" onClick={() => download(`${name}.mmd`, text)}>
            Save
          </button>
        </>
      }
    >
      <p class="hint">In the language of Mermaid, which GitHub, GitLab and many wikis draw.</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the keys */}
      <section class="diagram scrolls" tabIndex={0} aria-label="Sequence diagram">
        <pre>{text}</pre>
      </section>
    </Panel>
  );
}

function Webhooks({ endpoints }: { endpoints: readonly StoryEndpoint[] }) {
  return (
    <Panel title="Webhooks">
      <Table label="Webhooks" heads={["Endpoint", "Its part of the story", ""]}>
        {endpoints.map((view) => (
          <tr key={view.endpoint}>
            <td>{view.endpoint}</td>
            <td>
              <State word={STATES[view.state].word} tone={STATES[view.state].tone} />
            </td>
            <td>{remark(view)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

const STATES = {
  unwanted: { word: "does not want it", tone: "calm" },
  told: { word: "told, or given up", tone: "good" },
  waiting: { word: "waits", tone: "waiting" },
  refused: { word: "refused", tone: "bad" },
} as const;

function remark({ attempts, nextAt }: StoryEndpoint): string {
  return attempts === undefined || nextAt === undefined ? "" : `${counted(attempts, "attempt")}, the next at ${utc(nextAt)}`;
}
