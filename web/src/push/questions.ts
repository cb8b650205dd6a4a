/** What the service worker asks the app's pages. Each answers true or false; one that hangs or is another app's does not answer. */
export type Question =
  /** Whether the page is the user's and knows of the invitation, so that it rings and stops by itself. */
  | { readonly ask: "heard"; readonly userID: string; readonly inviteID: string }
  /** To show what a notification is about, if the page is the user's. `rings`: whether it rang when it was shown. */
  | {
      readonly ask: "show";
      readonly userID: string;
      readonly inviteID: string;
      readonly to: string;
      readonly rings: boolean;
      /** Whether the user has accepted the call; workers before the one with buttons do not say. */
      readonly accepts?: boolean;
    }
  /** To decline the call, if it rings in the page. */
  | { readonly ask: "decline"; readonly userID: string; readonly inviteID: string }
  /** To register the browser's new subscription, if the page is the user's. */
  | { readonly ask: "register"; readonly userID: string };

/** Reads a question; undefined for other messages. */
export function readQuestion(message: unknown): Question | undefined {
  const question = message as Partial<Record<string, unknown>> | null | undefined;
  if (typeof question !== "object" || question === null || typeof question.userID !== "string") {
    return undefined;
  }
  switch (question.ask) {
    case "register":
      return question as Question;
    case "heard":
    case "decline":
      return typeof question.inviteID === "string" ? (question as Question) : undefined;
    case "show":
      return typeof question.inviteID === "string" && typeof question.to === "string" ? (question as Question) : undefined;
    default:
      return undefined;
  }
}

/** Answers the worker's questions in this page. Returns the function that ends it. */
export function answerQuestions(answer: (question: Question) => boolean): () => void {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  const hear = ({ data, ports }: MessageEvent) => {
    const question = readQuestion(data);
    if (question !== undefined) {
      ports[0]?.postMessage(answer(question));
    }
  };
  serviceWorker?.addEventListener("message", hear);
  serviceWorker?.startMessages();
  return () => serviceWorker?.removeEventListener("message", hear);
}
