import { useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { useSay } from "./useSay.js";

/** A field for something to say. What could not be sent stays in it. */
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

/** Far below the server's limit of a frame, however many bytes a letter has. */
const MOST_LETTERS = 2_000;
