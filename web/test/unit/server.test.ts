import { expect, it } from "vitest";
import { isThisMachine } from "../../src/session/server.js";

it.each(["localhost", "LOCALHOST", "127.0.0.1", "127.8.7.6", "[::1]"])("%s is this machine", (hostname) => {
  expect(isThisMachine(hostname)).toBe(true);
});

it.each([
  "wigwag.localhost",
  "192.168.1.5",
  "10.127.0.1",
  "127.0.0.1.example",
  "example.org",
  "[2001:db8::1]",
])("%s is another", (hostname) => {
  expect(isThisMachine(hostname)).toBe(false);
});
