//! Stories over real sockets: what the app sees when connections break.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;
use wigwag_protocol::params::{Answer, GroupList};
use wigwag_protocol::{InviteId, Reason, UserId};

use super::CALL_CAPACITY;
use crate::machine::MOST_PENDING;
use crate::scripted::Scripted;
use crate::{
    Client, ClientEvent, ConnectionState, CursorStore, Error, Events, FileCursor, StopReason, StreamPlace,
    Token, requests,
};

fn blocked() -> Value {
    json!({"type": "user.blocked", "userID": "eve"})
}

fn acted(cursor: u64) -> Value {
    json!({"inviteID": "i", "cursor": cursor, "time": 1, "version": 2})
}

fn answer() -> Answer {
    requests::answer(InviteId::parse("i").unwrap())
}

/// The cursor of the next event of the stream.
async fn next_cursor(events: &mut Events) -> u64 {
    loop {
        if let ClientEvent::Happened(happened) = events.next().await.expect("the client has stopped") {
            return happened.cursor;
        }
    }
}

async fn stop_reason(events: &mut Events) -> StopReason {
    loop {
        if let ClientEvent::State(ConnectionState::Stopped(reason)) = events.next().await.unwrap() {
            return reason;
        }
    }
}

#[tokio::test]
async fn a_broken_connection_is_resumed_without_loss_or_repeat() {
    let server = Scripted::start().await;
    let (client, mut events) = Client::builder(server.url(), "t").start().unwrap();
    let mut first = server.signs_in(10).await;
    first.tells(11, blocked()).await;
    first.tells(12, blocked()).await;
    assert_eq!(next_cursor(&mut events).await, 11);
    let accepting = client.accept(&answer());
    let asked = first.hears("signaling.accept").await;
    drop(first);

    let mut second = server.accepts().await;
    let params = second.opens(12, 15).await;
    assert_eq!(params["cursor"], 12);
    second.tells(12, blocked()).await;
    second.tells(13, blocked()).await;
    second.tells(15, json!({"type": "user.blocked", "userID": "eve", "after": 13})).await;
    second.catches_up(15).await;
    let again = second.hears("signaling.accept").await;
    assert_eq!(again, asked);
    second.replies(&again, acted(16)).await;
    assert_eq!(accepting.await.unwrap().cursor, Some(16));
    second.tells(17, blocked()).await;
    for cursor in [12, 13, 15, 17] {
        assert_eq!(next_cursor(&mut events).await, cursor);
    }
}

#[tokio::test]
async fn the_invite_id_is_known_before_the_reply() {
    let server = Scripted::start().await;
    let (client, _events) = Client::builder(server.url(), "t").start().unwrap();
    let inviting = client.invite(requests::invite(UserId::parse("bob").unwrap()));
    let invite_id = inviting.invite_id().clone();
    let mut connection = server.signs_in(1).await;
    let request = connection.hears("signaling.invite").await;
    assert_eq!(request["params"]["inviteID"], invite_id.as_str());
    assert_eq!(request["params"]["timeout"], 30);
    connection.refuses(&request, Reason::UnknownUser).await;
    assert!(matches!(inviting.await, Err(Error::Refused(body)) if body.code == 20003));
}

#[tokio::test]
async fn the_stored_cursor_follows_the_app_and_not_the_socket() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileCursor::new(folder.path().join("cursor"));
    let place = |cursor| StreamPlace { user_id: Some(UserId::parse("alice").unwrap()), cursor };
    store.save(&place(10)).unwrap();
    let server = Scripted::start().await;
    let (client, mut events) =
        Client::builder(server.url(), "t").cursor_store(store.clone()).start().unwrap();
    let mut connection = server.signs_in(10).await;
    let request = connection.hears("signaling.listOpen").await;
    connection.replies(&request, json!({"invitations": []})).await;
    for cursor in 11..=13 {
        connection.tells(cursor, blocked()).await;
    }
    assert_eq!(next_cursor(&mut events).await, 11);
    assert_eq!(next_cursor(&mut events).await, 12);
    let asked = client.groups(&GroupList::default());
    let request = connection.hears("group.list").await;
    connection.replies(&request, json!({"groups": []})).await;
    assert!(asked.await.unwrap().groups.is_empty());
    client.close().await;
    // 12 is in the app's hand and 13 in its queue; only 11 is done.
    assert_eq!(store.load().unwrap(), Some(place(11)));
}

#[tokio::test]
async fn a_new_token_is_fetched_when_the_old_one_has_expired() {
    let server = Scripted::start().await;
    let asked = Arc::new(AtomicU32::new(0));
    let token = Token::provider(move || {
        let count = asked.fetch_add(1, Ordering::Relaxed);
        async move { Ok(format!("token {count}")) }
    });
    let (_client, _events) = Client::builder(server.url(), token).start().unwrap();
    let mut first = server.accepts().await;
    assert_eq!(first.opens(1, 1).await["token"], "token 0");
    first.closes(4502).await;
    let mut second = server.accepts().await;
    assert_eq!(second.opens(1, 1).await["token"], "token 1");
}

#[tokio::test]
async fn a_replaced_device_stops_for_good() {
    let server = Scripted::start().await;
    let (client, mut events) = Client::builder(server.url(), "t").start().unwrap();
    let mut connection = server.signs_in(1).await;
    let waiting = client.groups(&GroupList::default());
    connection.hears("group.list").await;
    connection.closes(4500).await;
    assert!(matches!(waiting.await, Err(Error::Stopped(StopReason::Closed(4500)))));
    assert_eq!(stop_reason(&mut events).await, StopReason::Closed(4500));
    assert!(matches!(
        client.groups(&GroupList::default()).await,
        Err(Error::Stopped(StopReason::Closed(4500)))
    ));
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn connect_tells_why_the_sign_in_was_refused() {
    let server = Scripted::start().await;
    let connecting = tokio::spawn(Client::builder(server.url(), "t").connect());
    let mut connection = server.accepts().await;
    let request = connection.hears("session.open").await;
    connection.refuses(&request, Reason::TokenWrongKey).await;
    let refused = connecting.await.unwrap();
    assert!(
        matches!(&refused, Err(Error::Stopped(StopReason::SignInRefused(body))) if body.code == 70009),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_app_that_asks_while_its_queue_is_full_gets_its_reply_and_then_every_event() {
    let server = Scripted::start().await;
    let (client, mut events) = Client::builder(server.url(), "t").event_capacity(2).start().unwrap();
    let mut first = server.signs_in(0).await;
    for cursor in 1..=8 {
        first.tells(cursor, blocked()).await;
    }
    let asking = client.groups(&GroupList::default());
    let request = first.hears("group.list").await;
    first.replies(&request, json!({"groups": []})).await;
    // Nothing is taken from the queue meanwhile.
    assert!(asking.await.is_ok());

    let serving = tokio::spawn(async move {
        let mut second = server.accepts().await;
        let request = second.hears("session.open").await;
        let cursor = request["params"]["cursor"].as_u64().unwrap();
        let limits = json!({"dataBytes": 9, "frameBytes": 9, "invitees": 9, "commandsPerSecond": 9, "commandBurst": 9});
        let result = json!({"userID": "alice", "time": 1, "cursor": cursor, "head": 8, "pingInterval": 30, "limits": limits});
        second.replies(&request, result).await;
        for next in cursor + 1..=8 {
            second.tells(next, blocked()).await;
        }
        second.catches_up(8).await;
        second
    });
    for cursor in 1..=8 {
        assert_eq!(next_cursor(&mut events).await, cursor);
    }
    drop(serving.await.unwrap());
}

#[tokio::test]
async fn the_book_is_as_new_as_what_was_heard_and_own_acts_come_before_their_reply() {
    let server = Scripted::start().await;
    let (client, mut events) = Client::builder(server.url(), "t").own_acts(true).start().unwrap();
    let mut connection = server.signs_in(10).await;
    let ring = json!({
        "type": "invitation.received", "inviteID": "i", "inviter": "bob", "inviteeList": ["alice"], "data": "hello",
        "timeout": 30, "remainingMs": 30000, "version": 1, "device": {"deviceID": "x", "platform": 7}
    });
    connection.tells(11, ring).await;
    assert_eq!(next_cursor(&mut events).await, 11);
    let open = client.invitations();
    assert_eq!((open.len(), open[0].invite_id.as_str()), (1, "i"));
    assert!(open[0].remaining_ms.is_some_and(|left| left <= 30_000));

    let accepting = client.accept(&answer());
    let request = connection.hears("signaling.accept").await;
    connection.replies(&request, acted(12)).await;
    assert_eq!(accepting.await.unwrap().cursor, Some(12));
    assert!(client.invitations().is_empty());
    let mut told = Vec::new();
    while let Some(event) = events.try_next() {
        told.extend(if let ClientEvent::Happened(happened) = event {
            Some((happened.cursor, happened.own))
        } else {
            None
        });
    }
    assert_eq!(told, [(12, true)]);
    let ended = client.invitation(&InviteId::parse("i").unwrap()).unwrap();
    assert_eq!(
        (ended.version, ended.invitees[0].state),
        (2, wigwag_protocol::invitation::InviteeState::Accepted)
    );
}

#[tokio::test]
async fn the_session_ends_when_nobody_holds_it() {
    let server = Scripted::start().await;
    let connecting = tokio::spawn(Client::builder(server.url(), "t").connect());
    let mut connection = server.signs_in(1).await;
    let (client, events) = connecting.await.unwrap().unwrap();
    drop((client, events));
    connection.hears("session.close").await;
}

#[tokio::test]
async fn a_client_with_its_fill_of_requests_closes_at_once_and_answers_each() {
    let server = Scripted::start().await;
    let (client, _events) =
        Client::builder(server.url(), "t").request_timeout(Duration::from_hours(1)).start().unwrap();
    let mut connection = server.signs_in(1).await;
    // One more than the machine and its queue take.
    let asking = (0..=MOST_PENDING + CALL_CAPACITY).map(|_| client.groups(&GroupList::default()));
    let asking: Vec<_> = asking.map(tokio::spawn).collect();
    for _ in 0..MOST_PENDING {
        connection.hears("group.list").await;
    }
    let closing = tokio::spawn(async move { client.close().await });
    connection.hears("session.close").await;
    drop(connection);
    closing.await.unwrap();
    for asked in asking {
        let outcome = asked.await.unwrap();
        assert!(matches!(outcome, Err(Error::Stopped(StopReason::Asked))), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_was_asked_for_before_the_close_is_sent_before_it() {
    let server = Scripted::start().await;
    let connecting = tokio::spawn(Client::builder(server.url(), "t").connect());
    let mut connection = server.signs_in(1).await;
    let (client, _events) = connecting.await.unwrap().unwrap();
    let asking: Vec<_> = (0..20).map(|_| client.groups(&GroupList::default())).collect();
    let closing = tokio::spawn(async move { client.close().await });
    for _ in &asking {
        connection.hears("group.list").await;
    }
    connection.hears("session.close").await;
    drop(connection);
    closing.await.unwrap();
}

#[tokio::test]
async fn a_server_with_a_certificate_of_its_own_is_reached_over_tls() {
    let (server, trust) = certified();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("wss://localhost:{}", listener.local_addr().unwrap().port());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = TlsAcceptor::from(server).accept(stream).await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        socket.next().await.unwrap().unwrap().into_text().unwrap().to_string()
    });
    let (_client, _events) = Client::builder(url, "t").tls(trust).start().unwrap();
    assert!(serving.await.unwrap().contains("session.open"));
}

/// A server's settings with a new certificate for `localhost`, and a client's that trust it.
fn certified() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let server = server.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let server = server.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    (Arc::new(server), Arc::new(client.with_root_certificates(roots).with_no_client_auth()))
}
