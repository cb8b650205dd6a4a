import { Wigwag } from "@wigwag/sdk";
import { tokenFor } from "../session/signedIn.js";
import type { Woken } from "../session/woken.js";

/** Signs in with what is kept, for as long as it takes to register. A server that takes it no more has taken back the registration, too. */
export async function register(url: string, woken: Woken, subscription: PushSubscription): Promise<void> {
  const { userID, token } = woken;
  const client = new Wigwag({ url, userID, token: tokenFor(userID, token), cursorStore: null });
  try {
    await client.connect();
    const { endpoint = "", keys = {} } = subscription.toJSON();
    const { p256dh = "", auth = "" } = keys;
    await client.users.registerPush({ provider: "webPush", token: endpoint, keys: { p256dh, auth } });
  } finally {
    await client.close();
  }
}
