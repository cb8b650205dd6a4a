import { type IceServer, Wigwag } from "@wigwag/sdk";

const asked = new URLSearchParams(location.search);
const client = new Wigwag({ url: asked.get("server") ?? "ws://127.0.0.1:8710", token: asked.get("token") ?? "" });
const part = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

function show(screen: "ready" | "calling" | "ringing" | "talking", words: string): void {
  document.body.className = screen;
  part("words").textContent = words;
}

client.connect().then(
  ({ userID }) => show("ready", `You are ${userID}.`),
  (error: Error) => show("ready", error.message),
);

type Call = { inviteID: string; callID: string; peer: string; iceServers?: IceServer[]; connection?: Promise<RTCPeerConnection> };
let call: Call | undefined;

function over(words: string): void {
  call?.connection?.then((connection) => {
    for (const { track } of connection.getSenders()) track?.stop();
    connection.close();
  });
  call = undefined;
  show("ready", words);
}
const failed = (error: Error) => over(error.message);

async function ring(peer: string): Promise<void> {
  show("calling", `Calling ${peer} …`);
  const { inviteID, call: made } = await client.signaling.invite({ invitee: peer, call: { mediaType: "video" }, timeout: 30 });
  if (made === undefined || made.busyLineUserIDList !== undefined) return over(`${peer} is in another call.`);
  call = { inviteID: made.accepted ?? inviteID, callID: made.callID, peer, iceServers: made.media.iceServers ?? [] };
  if (made.accepted !== undefined) show("talking", `In a call with ${peer}, who called at the same time.`);
}

part("ring").onsubmit = (submitted) => {
  submitted.preventDefault();
  ring(part<HTMLInputElement>("who").value).catch(failed);
};

client.on("invitation.received", ({ inviteID, inviter, call: ringing, self }) => {
  if (self || ringing === undefined || call !== undefined) return;
  call = { inviteID, callID: ringing.callID, peer: inviter };
  show("ringing", `${inviter} calls.`);
});

async function accept(ringing: Call): Promise<void> {
  const { call: entered } = await client.signaling.accept({ inviteID: ringing.inviteID });
  ringing.iceServers = entered?.media.iceServers ?? [];
  show("talking", `In a call with ${ringing.peer}.`);
}

part("accept").onclick = () => call && accept(call).catch(failed);

async function connect({ iceServers = [] }: Call): Promise<RTCPeerConnection> {
  const connection = new RTCPeerConnection({ iceServers });
  connection.ontrack = ({ streams: [stream] }) => Object.assign(part("theirs"), { srcObject: stream });
  const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  Object.assign(part("mine"), { srcObject: camera });
  for (const track of camera.getTracks()) connection.addTrack(track, camera);
  return connection;
}

async function describe({ callID, peer }: Call, connection: RTCPeerConnection): Promise<void> {
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== "complete") {
    await new Promise((resolve) => connection.addEventListener("icegatheringstatechange", resolve, { once: true }));
  }
  await client.calls.signal({ callID, to: peer, data: JSON.stringify(connection.localDescription) });
}

client.on("invitation.accepted", async ({ inviteID, invitee, self }) => {
  if (call?.inviteID !== inviteID) return;
  if (self) return over("Answered on another device.");
  show("talking", `In a call with ${invitee}.`);
  call.connection = connect(call);
  describe(call, await call.connection).catch(failed);
});

client.on("call.signal", async ({ callID, data }) => {
  if (call?.callID !== callID) return;
  call.connection ??= connect(call);
  const [talking, connection, description] = [call, await call.connection, JSON.parse(data)];
  await connection.setRemoteDescription(description);
  if (description.type === "offer") describe(talking, connection).catch(failed);
});

part("end").onclick = () => {
  if (call !== undefined) client.calls.hangUp({ callID: call.callID }).catch(console.warn);
  over("You hung up.");
};

client.on("invitation.rejected", ({ inviteID, invitee }) => call?.inviteID === inviteID && over(`${invitee} declined.`));
client.on("invitation.cancelled", ({ inviteID, inviter }) => call?.inviteID === inviteID && over(`You missed ${inviter}.`));
client.on("invitation.timedOut", ({ inviteID }) => call?.inviteID === inviteID && over("No answer."));
client.on("call.hungUp", ({ callID, userID }) => call?.callID === callID && over(`${userID} hung up.`));
client.on("call.ended", ({ callID }) => call?.callID === callID && over("The call is over."));
