/** What this worker uses of its global scope: TypeScript's library of workers cannot be compiled beside that of pages. */
export interface WorkerScope {
  readonly location: { readonly href: string; readonly origin: string };
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(of: { readonly type: "window"; readonly includeUncontrolled: true }): Promise<readonly WindowClient[]>;
    openWindow(address: string): Promise<WindowClient | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<E extends keyof WorkerEvents>(type: E, listener: (event: WorkerEvents[E]) => void): void;
}

export interface WindowClient {
  readonly url: string;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  postMessage(message: unknown, ports: MessagePort[]): void;
}

export interface WorkerEvents {
  readonly install: Lasting;
  readonly push: Lasting & { readonly data: { text(): string } | null };
  /** `action`: the button that was pressed; empty when the notification itself was. */
  readonly notificationclick: Lasting & { readonly notification: Notification; readonly action: string };
  readonly pushsubscriptionchange: Lasting & { readonly newSubscription?: PushSubscription | null };
}

interface Lasting {
  waitUntil(done: Promise<unknown>): void;
}
