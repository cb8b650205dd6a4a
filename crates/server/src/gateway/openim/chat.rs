//! Messages and conversations.

use serde_json::Value;
use wigwag_engine::{Command, ConversationId, Reply};
use wigwag_protocol::error::Reason;
use wigwag_protocol::event::{ConversationPinned, MessageRead, MessageRevoked};
use wigwag_protocol::message::{ConversationView, Message, Peer};
use wigwag_protocol::params::Direction;
use wigwag_session::codec::openim::asked::{History, Where};
use wigwag_session::codec::openim::chat::{
    self, Conversation, Draft, Line, Making, Page, Receipt, Revocation, Seen, Sending, Sent, Which,
};
use wigwag_session::codec::openim::event::Name;
use wigwag_session::codec::openim::frame::{self, Answer, json};
use wigwag_session::codec::openim::people::role_level;
use wigwag_session::codec::openim::{Dialect, Error};
use wigwag_session::refused::Refusal;

use super::driver::Speaker;
use super::lookup::{Lookup, MESSAGES};
use super::program::{Outcome, Program};
use super::unread::COUNTED;

/// Pages that are read to fill one page of a client, from which the traces of calls are left out.
const MOST_PAGES: usize = 5;
/// Messages that a receipt names at most: what a screen or two can show.
const RECEIPTS: usize = 50;

impl Program<'_> {
    pub(super) fn name_of(&self, peer: &Peer) -> String {
        chat::conversation_id(self.me.dialect, &self.me.user, peer)
    }

    pub(super) fn create(&self, draft: &Draft) -> Answer {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let platform = self.me.platform.number();
        let making = Making { client_msg_id: &id, sender: &self.me.user, platform, time: self.now };
        Answer::Json(chat::draft(self.me.dialect, draft, &making).to_string())
    }

    pub(super) async fn send(&mut self, sending: Sending) -> Outcome {
        let command = Command::sending(sending.command()?).map_err(Refusal::from)?;
        match self.own_command(command).await? {
            Reply::Sent(sent) => {
                let place =
                    Sent { message_id: &sent.message_id, time: sent.time, seq: sent.seq.unwrap_or(0) };
                Ok(Answer::Json(sending.sent(self.me.dialect, &self.me.user, &place).to_string()))
            }
            Reply::Acted(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Joined(_)
            | Reply::Done(_) => Err(Error::because(Reason::Internal)),
        }
    }

    /// Apps have the line shown that says how a call ended; it is theirs alone and is not kept.
    pub(super) fn insert(&self, sending: Sending) -> Answer {
        let place = Sent { message_id: "", time: self.now, seq: 0 };
        Answer::Json(sending.sent(self.me.dialect, &self.me.user, &place).to_string())
    }

    pub(super) async fn revoke(&mut self, place: &Where, which: Which) -> Outcome {
        let peer = self.peer(place)?;
        let seq = match which {
            Which::Seq(seq) => seq,
            Which::Client(name) => {
                let found = self.lookup.message_named(&peer, &name).await?;
                found.and_then(|message| message.seq).ok_or_else(|| Error::because(Reason::UnknownMessage))?
            }
        };
        self.quietly(Command::RevokeMessage { peer, seq }).await
    }

    /// Up to the newest of these messages, or of all.
    pub(super) async fn mark_read(&mut self, place: &Where, messages: &[String]) -> Outcome {
        let peer = self.peer(place)?;
        let (newest, _) = self.lookup.history(&peer, None, Direction::Older, MESSAGES).await?;
        let is_meant = |message: &&Message| {
            messages.is_empty() || messages.iter().any(|name| name == chat::client_msg_id(message))
        };
        let seq = newest.iter().find(is_meant).or(newest.first()).and_then(|message| message.seq);
        match seq {
            Some(seq) => self.quietly(Command::MarkRead { peer, seq }).await,
            None => Ok(Answer::Nothing),
        }
    }

    pub(super) async fn history(&self, wish: History) -> Outcome {
        let peer = self.peer(&wish.place)?;
        let start = match (wish.min_seq, wish.start.is_empty()) {
            (0, true) => None,
            (0, false) => {
                let found = self.lookup.message_named(&peer, &wish.start).await?;
                Some(
                    found
                        .and_then(|message| message.seq)
                        .ok_or_else(|| Error::because(Reason::UnknownMessage))?,
                )
            }
            (seq, _) => Some(seq),
        };
        let (mut messages, is_end) = self.page(&peer, &wish, start).await?;
        if !wish.forward {
            messages.reverse();
        }
        let chat = ChatNews { lookup: &self.lookup, me: self.me };
        let last_min_seq = messages.first().and_then(|message| message.seq).unwrap_or(0);
        let message_list = chat.shown(&peer, &messages).await?;
        if !wish.advanced {
            return Ok(Answer::of(&message_list));
        }
        Ok(Answer::of(&Page { message_list, last_min_seq, is_end, err_code: 0, err_msg: "" }))
    }

    /// Messages beside `start` in the order of the direction, without traces, and whether nothing follows.
    async fn page(
        &self,
        peer: &Peer,
        wish: &History,
        start: Option<u64>,
    ) -> Result<(Vec<Message>, bool), Error> {
        let direction = if wish.forward { Direction::Newer } else { Direction::Older };
        let beside =
            |seq: u64| if wish.forward { Some(seq + 1) } else { seq.checked_sub(1).filter(|seq| *seq > 0) };
        let mut from_seq = match start {
            Some(seq) => match beside(seq) {
                Some(next) => Some(next),
                None => return Ok((Vec::new(), true)),
            },
            None => None,
        };
        let mut kept = Vec::new();
        for _ in 0..MOST_PAGES {
            let limit = wish.count.saturating_sub(kept.len()).max(1);
            let (page, complete) = self.lookup.history(peer, from_seq, direction, limit).await?;
            let (last, read) = (page.last().and_then(|message| message.seq), page.len());
            kept.extend(page.into_iter().filter(|message| !chat::is_trace(message)));
            from_seq = last.and_then(beside);
            if complete || from_seq.is_none() {
                return Ok((kept, true));
            }
            // A page ends by bytes as well, and what it has then is enough for one frame.
            if kept.len() >= wish.count || read < limit {
                break;
            }
        }
        Ok((kept, false))
    }
}

/// Conversations.
impl Program<'_> {
    pub(super) async fn conversations(&self, offset: usize, count: usize) -> Outcome {
        let views = self.lookup.conversations(offset.saturating_add(count)).await?;
        self.lines(views.into_iter().skip(offset).take(count).collect()).await
    }

    pub(super) async fn conversations_named(&self, names: &[String]) -> Outcome {
        let views = self.lookup.conversations(usize::MAX).await?;
        let is_named = |view: &ConversationView| {
            chat::peer_shown(view).is_some_and(|peer| names.contains(&self.name_of(&peer)))
        };
        self.lines(views.into_iter().filter(is_named).collect()).await
    }

    /// A conversation without messages is shown empty: apps ask for it before they send the first.
    pub(super) async fn conversation(&self, peer: &Peer) -> Outcome {
        let chat = ChatNews { lookup: &self.lookup, me: self.me };
        let view = self.lookup.conversation(peer).await?;
        Ok(Answer::of(&chat.line(peer, view.as_ref()).await?))
    }

    pub(super) async fn unread(&self) -> Outcome {
        let chat = ChatNews { lookup: &self.lookup, me: self.me };
        Ok(Answer::Json(chat.unread().await?.to_string()))
    }

    async fn lines(&self, views: Vec<ConversationView>) -> Outcome {
        let chat = ChatNews { lookup: &self.lookup, me: self.me };
        let mut lines = Vec::new();
        for view in &views {
            if let Some(peer) = chat::peer_shown(view) {
                lines.push(chat.line(&peer, Some(view)).await?);
            }
        }
        Ok(Answer::list(lines))
    }
}

/// Messages and conversations, looked up for one user.
pub(super) struct ChatNews<'a> {
    pub(super) lookup: &'a Lookup,
    pub(super) me: &'a Speaker,
}

impl ChatNews<'_> {
    /// The frames for a message that has come, and for its conversation. `is_own`: the reply has shown it.
    pub(super) async fn received(&self, message: &Message, is_own: bool) -> Result<Vec<String>, Refusal> {
        let mut frames = Vec::new();
        if chat::is_trace(message) {
            return Ok(frames);
        }
        let Some(peer) = self.peer_of(&message.conversation) else { return Ok(frames) };
        if !is_own {
            let shown = self.shown(&peer, std::slice::from_ref(message)).await?;
            let in_list = self.me.dialect.pick(self.me.in_batches, true);
            frames.extend(shown.iter().map(|object| {
                if in_list {
                    frame::event(Name::OnRecvNewMessages, &json(&[object]))
                } else {
                    frame::event(Name::OnRecvNewMessage, &object.to_string())
                }
            }));
        }
        if message.seq.is_some() {
            frames.extend(self.changed(&peer, message.seq == Some(1)).await?);
        }
        Ok(frames)
    }

    pub(super) async fn revoked(&self, event: &MessageRevoked, time: u64) -> Result<Vec<String>, Refusal> {
        self.lookup.traces().forget(&event.place.conversation);
        let Some(peer) = self.peer_of(&event.place.conversation) else { return Ok(Vec::new()) };
        let Some(message) = self.lookup.message_at(&peer, event.place.seq).await? else {
            return Ok(Vec::new());
        };
        let name = chat::client_msg_id(&message);
        let revoker = self.lookup.profile(&event.by).await?;
        let sender = self.lookup.profile(&message.sender).await?;
        let role = match &message.group_id {
            Some(group) => self
                .lookup
                .members_named(group, std::slice::from_ref(&event.by))
                .await?
                .first()
                .map_or(0, |member| role_level(self.me.dialect, member.role)),
            None => 0,
        };
        let revocation = Revocation {
            revoker: &event.by,
            revoker_role: role,
            client_msg_id: name,
            revoker_nickname: revoker.as_ref().map_or("", |profile| &profile.nickname),
            revoke_time: time,
            source_message_send_time: message.time,
            source_sender: &message.sender,
            source_message_sender_nickname: sender.as_ref().map_or("", |profile| &profile.nickname),
            session_type: self.me.dialect.session_type(message.group_id.is_some()),
            seq: event.place.seq,
        };
        let mut frames = Vec::new();
        if self.me.dialect == Dialect::Two {
            frames.push(frame::event(Name::OnRecvMessageRevoked, name));
        }
        frames.push(frame::event(Name::OnNewRecvMessageRevoked, &json(&revocation)));
        frames.extend(self.changed(&peer, false).await?);
        Ok(frames)
    }

    /// The sender learns what was read; the reader's other devices that it is read.
    pub(super) async fn read(&self, event: &MessageRead, time: u64) -> Result<Vec<String>, Refusal> {
        let Some(peer) = self.peer_of(&event.conversation) else { return Ok(Vec::new()) };
        if event.reader == self.me.user {
            return self.changed(&peer, false).await;
        }
        if let Peer::Group(_) = peer {
            return Ok(Vec::new());
        }
        let (messages, _) = self.lookup.history(&peer, Some(event.seq), Direction::Older, RECEIPTS).await?;
        let mine =
            messages.iter().filter(|message| message.sender == self.me.user && !chat::is_trace(message));
        let names: Vec<String> = mine.map(|message| chat::client_msg_id(message).to_owned()).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let receipt = Receipt::of(&event.reader, names, time);
        Ok(vec![frame::event(Name::OnRecvC2CReadReceipt, &json(&[receipt]))])
    }

    /// The conversation is told as it is now.
    pub(super) async fn pinned(&self, event: &ConversationPinned) -> Result<Vec<String>, Refusal> {
        match self.peer_of(&event.conversation) {
            Some(peer) => self.changed(&peer, false).await,
            None => Ok(Vec::new()),
        }
    }

    /// OpenIM has no event for a conversation that has left the list. What was unread in it no longer counts.
    pub(super) async fn deleted(&self) -> Result<Vec<String>, Refusal> {
        let unread = self.unread().await?;
        Ok(vec![frame::event(Name::OnTotalUnreadMessageCountChanged, &unread.to_string())])
    }

    fn peer_of(&self, conversation: &str) -> Option<Peer> {
        Some(chat::peer_in(&ConversationId::parse(conversation)?, &self.me.user))
    }

    /// The frames that say how a conversation is now.
    async fn changed(&self, peer: &Peer, is_new: bool) -> Result<Vec<String>, Refusal> {
        let Some(view) = self.lookup.conversation(peer).await? else { return Ok(Vec::new()) };
        let line = [self.line(peer, Some(&view)).await?];
        let name = if is_new { Name::OnNewConversation } else { Name::OnConversationChanged };
        let unread = self.unread().await?;
        Ok(vec![
            frame::event(name, &json(&line)),
            frame::event(Name::OnTotalUnreadMessageCountChanged, &unread.to_string()),
        ])
    }

    /// How much is unread, without the traces of calls in the newest conversations.
    async fn unread(&self) -> Result<u64, Refusal> {
        let (newest, all) = self.lookup.conversations_and_unread(COUNTED).await?;
        let mut traces = 0;
        for view in &newest {
            if let Some(peer) = chat::peer_shown(view) {
                traces += self.traces_in(&peer, view).await?;
            }
        }
        Ok(all.saturating_sub(traces))
    }

    async fn unread_in(&self, peer: &Peer, view: &ConversationView) -> Result<u64, Refusal> {
        Ok(view.unread.saturating_sub(self.traces_in(peer, view).await?))
    }

    /// How many of the unread messages are traces of calls, as far as the newest show it.
    async fn traces_in(&self, peer: &Peer, view: &ConversationView) -> Result<u64, Refusal> {
        let known = self.lookup.traces().of(view);
        if let Some(known) = known {
            return Ok(known);
        }
        let (newest, _) = self.lookup.history(peer, None, Direction::Older, MESSAGES).await?;
        let is_counted = |message: &&Message| {
            message.seq.is_some_and(|seq| seq > view.read_seq)
                && message.sender != self.me.user
                && !message.options.excluded_from_unread
                && chat::is_trace(message)
        };
        let traces = newest.iter().filter(is_counted).count() as u64;
        self.lookup.traces().learn(view, traces);
        Ok(traces)
    }

    /// A line of the list.
    async fn line(&self, peer: &Peer, view: Option<&ConversationView>) -> Result<Conversation, Refusal> {
        let (name, face_url) = match peer {
            Peer::User(user) => {
                let profile = self.lookup.profile(user).await?;
                profile.map_or_else(
                    || (user.to_string(), String::new()),
                    |profile| (profile.nickname, profile.face_url),
                )
            }
            Peer::Group(group) => {
                let group = self.lookup.group(group).await?;
                (group.map_or_else(String::new, |group| group.name), String::new())
            }
        };
        let (unread, latest) = match view {
            Some(view) => (self.unread_in(peer, view).await?, self.latest(peer, view).await?),
            None => (0, None),
        };
        let is_pinned = view.is_some_and(|view| view.pinned);
        let line = Line { peer, name: &name, face_url: &face_url, unread, is_pinned, latest };
        Ok(Conversation::of(self.me.dialect, &self.me.user, line))
    }

    /// The newest message that is no trace, among the newest.
    async fn latest(&self, peer: &Peer, view: &ConversationView) -> Result<Option<(Value, u64)>, Refusal> {
        let Some(last) = &view.last_message else { return Ok(None) };
        let message = if chat::is_trace(last) {
            let (newest, _) = self.lookup.history(peer, None, Direction::Older, MESSAGES).await?;
            let is_shown =
                |message: &Message| !chat::is_trace(message) && !message.options.excluded_from_last_message;
            newest.into_iter().find(is_shown)
        } else {
            Some(last.clone())
        };
        let Some(message) = message else { return Ok(None) };
        let time = message.time;
        let shown = self.shown_in(std::slice::from_ref(&message), view).await?;
        Ok(shown.into_iter().next().map(|object| (object, time)))
    }

    /// Messages of a conversation as objects.
    async fn shown(&self, peer: &Peer, messages: &[Message]) -> Result<Vec<Value>, Refusal> {
        match self.lookup.conversation(peer).await? {
            Some(view) => self.shown_in(messages, &view).await,
            None => self.objects(messages, |_| 0).await,
        }
    }

    async fn shown_in(&self, messages: &[Message], view: &ConversationView) -> Result<Vec<Value>, Refusal> {
        let read_seq = |message: &Message| {
            if message.sender == self.me.user { view.peer_read_seq.unwrap_or(0) } else { view.read_seq }
        };
        self.objects(messages, read_seq).await
    }

    async fn objects(
        &self,
        messages: &[Message],
        read_seq: impl Fn(&Message) -> u64,
    ) -> Result<Vec<Value>, Refusal> {
        let mut senders: Vec<_> = messages.iter().map(|message| message.sender.clone()).collect();
        senders.sort_unstable();
        senders.dedup();
        let profiles = self.lookup.profiles(&senders).await?;
        let object = |message: &Message| {
            let sender = profiles.iter().find(|profile| profile.user_id == message.sender);
            Seen { message, sender, viewer: &self.me.user, read_seq: read_seq(message) }
                .object(self.me.dialect)
        };
        Ok(messages.iter().map(object).collect())
    }
}
