import { useState } from "preact/hooks";
import { download } from "../kit/download.js";
import { Icon } from "../kit/icons.js";
import { timelineShown } from "../kit/preferences.js";
import { Scroller } from "../kit/scroller.js";
import { useSay } from "../kit/useSay.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import { diagramOf, framesOf, shareable } from "./report.js";
import { type Arrow, isQuiet } from "./trace.js";
import type { Tracer } from "./tracer.js";

interface Props {
  tracer: Tracer;
  /** Whether something else covers it. */
  hidden: boolean;
}

/** The frames of this page as a sequence diagram, newest last. */
export function Timeline({ tracer, hidden }: Props) {
  const say = useSay();
  const { arrows } = useStore(tracer.trace);
  const [media, setMedia] = useState(false);
  const [quiet, setQuiet] = useState(false);
  const shown = arrows.filter((arrow) => (media || arrow.topic !== "media") && (quiet || !isQuiet(arrow)));
  const titles = { me: say("timeline.me"), server: say("timeline.server"), others: say("timeline.others") };
  const save = (kind: string, text: string) => download(`wigwag-${stamp(Date.now())}.${kind}`, text);
  return (
    <aside class="timeline" inert={hidden} aria-label={say("timeline.title")}>
      <header>
        <h2>{say("timeline.title")}</h2>
        <button
          type="button"
          class="tool"
          aria-label={say("timeline.hide")}
          title={say("timeline.hide")}
          onClick={() => timelineShown.set(false)}
        >
          <Icon name="close" />
        </button>
        <p class="hint">{say("timeline.lead")}</p>
        <div class="timeline-tools">
          <Check label={say("timeline.media")} checked={media} onChange={setMedia} />
          <Check label={say("timeline.quiet")} checked={quiet} onChange={setQuiet} />
          <span class="timeline-buttons">
            <button type="button" class="button small" onClick={() => save("json", framesOf(shown))}>
              {say("timeline.saveFrames")}
            </button>
            <button type="button" class="button small" onClick={() => save("mmd", diagramOf(shown, titles))}>
              {say("timeline.saveDiagram")}
            </button>
            <button type="button" class="button small" onClick={() => tracer.clear()}>
              {say("timeline.clear")}
            </button>
          </span>
        </div>
        <div class="lanes" aria-hidden="true">
          <span>{say("timeline.me")}</span>
          <span>{say("timeline.server")}</span>
          <span>{say("timeline.others")}</span>
        </div>
      </header>
      <Scroller count={shown.length} label={say("timeline.title")}>
        {shown.length === 0 ? <p class="nothing">{say("timeline.empty")}</p> : <Rows arrows={shown} />}
      </Scroller>
    </aside>
  );
}

function Rows({ arrows }: { arrows: readonly Arrow[] }) {
  return (
    <ol class="arrows">
      {arrows.map((arrow) => (
        <li key={arrow.id}>
          <Row arrow={arrow} />
        </li>
      ))}
    </ol>
  );
}

function Row({ arrow }: { arrow: Arrow }) {
  const say = useSay();
  const [opened, setOpened] = useState(false);
  const { kind, name, hint, json, inviteID, at } = arrow;
  const face = (
    <>
      <span class="arrow-time digits">{clock(at)}</span>
      <span class="arrow-name">{name}</span>
      {hint !== undefined && <span class="arrow-hint">{hint}</span>}
      {inviteID !== undefined && <span class="arrow-invite digits">{inviteID.slice(-4)}</span>}
      {arrow.actor !== undefined && <span class="arrow-actor">{nameOf(arrow.actor)}</span>}
      <span class="arrow-line" aria-hidden="true" />
      <span class="unseen">{say(`timeline.${kind}`)}</span>
    </>
  );
  if (json === undefined) {
    return <p class={`arrow arrow-${kind} arrow-${name}`}>{face}</p>;
  }
  return (
    <>
      <button
        type="button"
        class={`arrow arrow-${kind} from-${arrow.from} to-${arrow.to}`}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        {face}
      </button>
      {opened && <Frame json={json} />}
    </>
  );
}

function Check({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}
    </label>
  );
}

/** A frame as it was on the wire, but for secrets. */
function Frame({ json }: { json: string }) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  const text = shareable(json);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div class="arrow-frame">
      <pre class="arrow-json">{text}</pre>
      {navigator.clipboard !== undefined && (
        <button type="button" class="button small" onClick={copy}>
          {say("timeline.copy")}
        </button>
      )}
      <span role="status" class="hint">
        {copied && say("timeline.copied")}
      </span>
    </div>
  );
}

/** The time as it may stand in the name of a file. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(":", "-");
}

/** Minutes, seconds and ms. Hours are left out, because an invitation rarely lasts that long. */
function clock(at: number): string {
  return new Date(at).toISOString().slice(14, 23);
}
