import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Store, useStore } from "../../src/session/store.js";
import { troubleWords } from "./trouble.js";
import { useSay } from "./useSay.js";

interface Props {
  /** The words on the button. */
  label: string;
  /** What is asked before it is done. */
  question: string;
  /** What will happen, and what will not. */
  children?: ComponentChildren;
  /** Whether it takes something away. */
  danger?: boolean;
  /** For what cannot be undone: this has to be written again before it is done, under these words. */
  again?: { readonly text: string; readonly label: string };
  /** The ID of the words that say why it cannot be done. */
  barred?: string | undefined;
  /** Does it. What it resolves to is said afterwards. */
  run: () => Promise<string>;
  onDone?: () => void;
}

/** What came of the last action. It stays when the button is gone with what it was for. */
const done = new Store("");

export function Outcome() {
  const say = useSay();
  const words = useStore(done);
  return (
    <div class="outcome" role="status">
      {words !== "" && (
        <p>
          {words}
          <button type="button" class="button small" onClick={() => done.set("")}>
            {say("close")}
          </button>
        </p>
      )}
    </div>
  );
}

/** A button that asks before it does something, and says what came of it. */
export function Action({ label, question, children, danger = false, again, barred, run, onDone }: Props) {
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setAsking(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="button small"
        disabled={barred !== undefined}
        aria-describedby={barred}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
      {asking && (
        <Confirmation {...{ label, question, danger, again, run, onDone }} onClose={close}>
          {children}
        </Confirmation>
      )}
    </>
  );
}

interface Confirming extends Omit<Props, "onDone" | "again" | "barred"> {
  again: Props["again"];
  onDone: (() => void) | undefined;
  onClose: () => void;
}

/** The browser keeps the focus in a modal dialog, and closes it with Escape. What fails is said in it. */
function Confirmation({ label, question, children, danger, again, run, onDone, onClose }: Confirming) {
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [written, setWritten] = useState("");
  useEffect(() => dialog.current?.showModal(), []);

  const act = async () => {
    setBusy(true);
    done.set("");
    try {
      const words = await run();
      dialog.current?.close();
      done.set(words);
      onDone?.();
    } catch (error) {
      setWrong(troubleWords(say, error));
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} class="confirmation" aria-labelledby="question" onClose={onClose}>
      <h2 id="question">{question}</h2>
      <div class="consequences">{children}</div>
      {again !== undefined && (
        <label class="again">
          {again.label}
          <input
            value={written}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setWritten(event.currentTarget.value)}
          />
        </label>
      )}
      <p role="alert" class="wrong">
        {wrong}
      </p>
      <p class="buttons">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {say("back")}
        </button>
        <button
          type="button"
          class={`button ${danger ? "primary" : "agree"}`}
          disabled={busy || (again !== undefined && written.trim() !== again.text)}
          onClick={act}
        >
          {label}
        </button>
      </p>
    </dialog>
  );
}
