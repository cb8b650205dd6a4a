// Compiled and run against the built package, as an app without "type": "module" uses it.
import sdk = require("@wigwag/sdk");

// Neither the types of a browser nor those of Node are needed.
declare const console: { log(text: string): void };

const client: sdk.Wigwag = new sdk.Wigwag({ url: "ws://127.0.0.1:1", token: "t", connectTimeoutMs: 50 });
client.on("invitation.accepted", ({ invitee, device }) => {
  const platform: number | undefined = device?.platform;
  void [invitee.toUpperCase(), platform];
});
// @ts-expect-error a function is wanted
client.on("state", "no function");

client.connect().catch((error: unknown) => {
  if (!(error instanceof sdk.WigwagError)) {
    throw new Error("connecting must fail with a WigwagError");
  }
  console.log(`cjs ${sdk.REASONS.settled.code} ${error.reason} ${client.state.status}`);
});
