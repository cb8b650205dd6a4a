import type { WithPeer } from "../api/caller.js";
import type { Wigwag } from "../client.js";
import { present } from "../present.js";
import { ACTION_OF, messageOf, readSignalingText } from "../signalingText.js";
import type { Acted, CallWish, Message, MessageSend, MessageSent, SignalingText, UserId } from "../wire/index.js";
import { wishOf } from "./engineCalls.js";

/** An invitation into a call that a package such as `tsignaling` sends as a message. */
export interface SpokenInvite {
  readonly text: SignalingText;
  readonly call: CallWish;
}

/** The invitation that a message is; undefined for any other message. */
export function spokenInvite({ type, content }: WithPeer<MessageSend>): SpokenInvite | undefined {
  const text = type === "custom" ? readSignalingText(String(content.data)) : undefined;
  const call = text?.actionType === ACTION_OF["invitation.received"] ? wishOf(text.data) : undefined;
  return text === undefined || call === undefined ? undefined : { text, call };
}

/** Invites by the method, because a message cannot say into which call it invites. The message in the conversation is the same. */
export function sendInvite(client: Wigwag, wish: WithPeer<MessageSend>, { text, call }: SpokenInvite): Promise<Acted> {
  const { inviteID, inviteeList, groupID, data, timeout } = text;
  const { excludedFromUnread, excludedFromLastMessage, offlinePushInfo } = wish;
  const onlineUserOnly = wish.onlineUserOnly === true || text.onlineUserOnly;
  const common = {
    ...{ inviteID, data, timeout, onlineUserOnly, call },
    ...present({ excludedFromUnread, excludedFromLastMessage, offlinePushInfo }),
  };
  return groupID === ""
    ? client.signaling.invite({ invitee: wish.userID ?? inviteeList[0] ?? "", ...common })
    : client.signaling.inviteInGroup({ groupID, inviteeList, ...common });
}

/** What `message.send` would have replied. */
export function sentBy({ message, time }: Acted): MessageSent {
  return { messageID: "", conversation: "", ...message, time };
}

/** What those who are in a call would have answered, had the server not done it for them: the package knows of no other way. */
export function busyAnswers({ text }: SpokenInvite, { call, time, version }: Acted, me: UserId, data: string): Message[] {
  return (call?.busyLineUserIDList ?? []).map((invitee) => {
    const actionType = ACTION_OF["invitation.rejected"];
    const answer = { ...text, inviter: me, inviteeList: [invitee], actionType, timeout: 0, data };
    return messageOf({ text: answer, sender: invitee, place: undefined, time, version });
  });
}
