import { useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { useSay } from "./useSay.js";

/** A field for a message. The text stays in it when it cannot be sent. */
export function Composer({ placeholder, onSay }: { placeholder: string; onSay: (text: string) => Promise<boolean> }) {
  const say = useSay();
  const [text, setText] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (text.trim() !== "" && (await onSay(text))) {
      setText("");
    }
  };
  return (
    <form class="composer" onSubmit={submit}>
      <input
        value={text}
        maxLength={MOST_LETTERS}
        placeholder={placeholder}
        aria-label={placeholder}
        autoComplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button
        type="submit"
        class="tool send"
        disabled={text.trim() === ""}
        aria-label={say("talk.send")}
        title={say("talk.send")}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}

/** Keeps a message far below the server's limit for a frame, even with four bytes a letter. */
const MOST_LETTERS = 2_000;
