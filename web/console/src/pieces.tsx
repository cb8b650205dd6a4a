import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { linkTo, type Section } from "./route.js";
import { troubleWords } from "./trouble.js";
import type { Answer } from "./useAnswer.js";
import { useSay } from "./useSay.js";
import { utc } from "./words.js";

/** A part of a page, under a title. */
export function Panel({ title, tools, children }: { title: string; tools?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="card">
      <header class="card-head">
        <h2>{title}</h2>
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** What was read, or why it is not there. What is there stays, with the trouble above it, while reading again fails. */
export function Read<T>({ answer, children }: { answer: Answer<T>; children: (value: T) => ComponentChildren }) {
  const say = useSay();
  const { value, problem } = answer;
  return (
    <>
      {problem !== undefined && (
        <p class="wrong" role="alert">
          {troubleWords(say, problem)}
        </p>
      )}
      {value === undefined && problem === undefined && <p class="hint">{say("reading")}</p>}
      {value !== undefined && children(value)}
    </>
  );
}

/** A table that scrolls by itself where the window is narrow. */
export function Table({ label, heads, children }: { label: string; heads: readonly string[]; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the keys
    <section class="scrolls" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** Pairs of a name and a value. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Time({ at }: { at: number | undefined }) {
  return at === undefined ? <>–</> : <time dateTime={new Date(at).toISOString()}>{utc(at)}</time>;
}

export function Link({ section, id }: { section: Section; id: string }) {
  return (
    <a class="id" href={linkTo(section, id)}>
      {id}
    </a>
  );
}

/** A word that says how something stands. */
export function State({ word, tone = "calm" }: { word: string; tone?: "calm" | "good" | "bad" | "waiting" }) {
  return <span class={`state state-${tone}`}>{word}</span>;
}

/** Leads to something by its ID. */
export function Finder({ section, label }: { section: Section; label: string }) {
  const say = useSay();
  const [id, setId] = useState("");
  const go = (event: Event) => {
    event.preventDefault();
    if (id.trim() !== "") {
      location.hash = linkTo(section, id.trim());
      setId("");
    }
  };
  return (
    <search>
      <form class="finder" onSubmit={go}>
        <label for="finder">{label}</label>
        <input
          id="finder"
          value={id}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setId(event.currentTarget.value)}
        />
        <button type="submit" class="button">
          {say("find")}
        </button>
      </form>
    </search>
  );
}

/** Pages of a list: the first one, and those that were asked for. */
export function Pages({
  next,
  isFirst,
  onTurn,
}: {
  next: string | undefined;
  isFirst: boolean;
  onTurn: (after?: string) => void;
}) {
  const say = useSay();
  return next === undefined && isFirst ? null : (
    <p class="buttons">
      {!isFirst && (
        <button type="button" class="button small" onClick={() => onTurn()}>
          {say("page.first")}
        </button>
      )}
      {next !== undefined && (
        <button type="button" class="button small" onClick={() => onTurn(next)}>
          {say("page.next")}
        </button>
      )}
    </p>
  );
}
