/** Writes to the console, as far as the level lets it. */
export interface Logger {
  debug(...words: unknown[]): void;
  log(...words: unknown[]): void;
  info(...words: unknown[]): void;
  warn(...words: unknown[]): void;
  error(...words: unknown[]): void;
}

/** What kits of Tencent's write their logs with. Nothing leaves the page. */
export interface Loggers extends Logger {
  createLogger(about: object): Logger;
}

/** Tencent's numbers: 0 trace, 1 debug, 2 information, 3 warnings, 4 errors, 5 nothing. */
let least = 3;

export function setLogLevel(level: number): void {
  least = Number.isSafeInteger(level) ? level : least;
}

const write =
  (level: number, name: "debug" | "info" | "warn" | "error") =>
  (...words: unknown[]) => {
    if (level >= least) {
      console[name](...words);
    }
  };

const logger: Logger = {
  debug: write(1, "debug"),
  log: write(2, "info"),
  info: write(2, "info"),
  warn: write(3, "warn"),
  error: write(4, "error"),
};

export const loggers: Loggers = { ...logger, createLogger: () => logger };
