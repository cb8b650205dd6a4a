//! Metrics for Prometheus. Handles are made once, so that counting costs no look-up and no allocation.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
use wigwag_protocol::{CloseCode, Method, Reason};
use wigwag_session::Refused;
use wigwag_session::rates::Allowance;
use wigwag_session::refused::Refusal;

/// The `Content-Type` of [`Metrics::encode`].
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Labels whose values are known at compile time; making such a set allocates nothing.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Every figure the server counts. Share it by reference or `Arc`.
#[derive(Debug)]
pub struct Metrics {
    /// Connections that are open, whether a session is on them or not.
    pub connections: Gauge,
    /// Connections closed at once because there were too many.
    pub connections_refused: Counter,
    /// Connections that have not signed in.
    pub unsigned_connections: Gauge,
    /// Bytes of messages that have begun and not ended, on connections that have not signed in.
    pub unsigned_bytes: Gauge,
    /// Sign-ins refused because there were too many such connections, or too many such bytes.
    pub unsigned_refused: Counter,
    /// Sessions opened.
    pub sessions_opened: Counter,
    /// Deadlines of invitations that have not come yet.
    pub pending_deadlines: Gauge,
    /// Sessions closed because their device was slower than its mailbox.
    pub mailbox_overflows: Counter,
    /// Bytes that wait for devices: events in mailboxes, pages of streams, and frames that sockets do not take.
    pub backlog_bytes: Gauge,
    /// Sessions closed because all that waits for devices was more than its budget.
    pub budget_overflows: Counter,
    /// Events handed to devices.
    pub events_delivered: Counter,
    /// Sessions that went on from a cursor.
    pub resumes: Counter,
    /// Sessions whose cursor was too old.
    pub resyncs: Counter,
    /// Times a session read the store because an event had not reached it.
    pub stream_repairs: Counter,
    /// Rows of the store that could not be read and were left out.
    pub unreadable_rows: Counter,
    /// Events told to other nodes.
    pub bus_published: Counter,
    /// Events heard from other nodes.
    pub bus_heard: Counter,
    /// Messages to other nodes that were not sent: the bus was away, too slow, or would not take them.
    pub bus_dropped: Counter,
    /// Messages of other nodes that could not be understood.
    pub bus_ignored: Counter,
    /// 1 while this node is connected to the bus.
    pub bus_connected: Gauge,
    /// Nodes that live, this one included.
    pub live_nodes: Gauge,
    /// Deadlines of any node that this one found overdue and fired.
    pub overdue_fired: Counter,
    /// Sessions here that had to go because their device, or a newer one of its platform, came to another node.
    pub seats_displaced: Counter,
    webhooks: Webhooks,
    pushes: Family<[(&'static str, &'static str); 3], Counter>,
    api: Api,
    before_invite: Asked,
    before_message: Asked,
    before_group: Asked,
    commands: Vec<MethodMetrics>,
    commands_done: Family<Labels<2>, Counter>,
    command_latency: Latencies,
    frames_refused: Family<Labels<1>, Counter>,
    rate_limited: Family<Labels<1>, Counter>,
    sessions_closed: Vec<(Option<CloseCode>, Counter)>,
    commit_size: Histogram,
    commit_latency: Histogram,
    deadline_lateness: Histogram,
    store_errors: Family<Labels<1>, Counter>,
    batches_repeated: Family<Labels<1>, Counter>,
    registry: Registry,
}

/// Histograms of how long requests took, by method.
type Latencies = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// The same for requests of back ends, by operation.
type ByOperation = Family<[(&'static str, String); 1], Histogram, fn() -> Histogram>;

/// The outcome of a request that was carried out.
const OK: &str = "ok";

/// What every successful command of one method touches.
#[derive(Debug)]
struct MethodMetrics {
    succeeded: Counter,
    latency: Histogram,
}

/// What endpoints of webhooks are told.
#[derive(Debug)]
struct Webhooks {
    deliveries: Family<[(&'static str, String); 2], Counter>,
    waiting: Family<[(&'static str, String); 1], Gauge>,
    oldest: Family<[(&'static str, String); 1], Gauge>,
}

impl Webhooks {
    fn new(r: &mut Registry) -> Self {
        let words = "Attempts to tell endpoints of webhooks of an event, by outcome";
        Self {
            deliveries: register(r, "webhook_deliveries", words),
            waiting: register(r, "webhook_waiting", "Events that wait for an endpoint of webhooks"),
            oldest: register(
                r,
                "webhook_oldest_seconds",
                "Age of the oldest event that waits for an endpoint",
            ),
        }
    }
}

/// Requests of back ends.
#[derive(Debug)]
struct Api {
    requests: Family<[(&'static str, String); 2], Counter>,
    /// By operation, of which there are as many as the API has.
    latency: ByOperation,
}

/// Before what a back end is asked.
#[derive(Debug, Clone, Copy)]
pub enum Before {
    /// An invitation.
    Invite,
    /// A message.
    Message,
    /// Somebody who comes to a group.
    Group,
}

/// Questions of one kind.
#[derive(Debug)]
struct Asked {
    outcomes: Family<Labels<1>, Counter>,
    latency: Histogram,
}

impl Api {
    fn new(r: &mut Registry) -> Self {
        Self {
            requests: register(r, "api_requests", "Requests of back ends, by operation and outcome"),
            latency: {
                let words = "From the head of a back end's request to its answer, by operation";
                let family = Family::new_with_constructor(latency_histogram as fn() -> Histogram);
                r.register_with_unit("api_latency", words, Unit::Seconds, family.clone());
                family
            },
        }
    }
}

impl Asked {
    fn before_invites(r: &mut Registry) -> Self {
        let words = "From a question before an invitation to its answer";
        Self {
            outcomes: register(r, "before_invite", "Questions before invitations, by outcome"),
            latency: seconds(r, "before_invite_latency", words),
        }
    }

    fn before_messages(r: &mut Registry) -> Self {
        let words = "From a question before a message to its answer";
        Self {
            outcomes: register(r, "before_message", "Questions before messages, by outcome"),
            latency: seconds(r, "before_message_latency", words),
        }
    }

    fn before_groups(r: &mut Registry) -> Self {
        let words = "From a question before somebody comes to a group to its answer";
        Self {
            outcomes: register(r, "before_group", "Questions before somebody comes to a group, by outcome"),
            latency: seconds(r, "before_group_latency", words),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All figures at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("wigwag");
        let r = &mut registry;
        let commands_done: Family<Labels<2>, Counter> =
            register(r, "commands", "Requests carried out or refused, by method and outcome");
        let command_latency = command_latency(r);
        Self {
            connections: register(r, "connections", "Open connections"),
            connections_refused: register(r, "connections_refused", "Connections over the limit"),
            unsigned_connections: register(r, "unsigned_connections", "Connections that have not signed in"),
            unsigned_bytes: register(r, "unsigned_bytes", "Bytes of unfinished messages before sign-in"),
            unsigned_refused: register(r, "unsigned_refused", "Connections refused before their sign-in"),
            sessions_opened: register(r, "sessions_opened", "Sessions opened"),
            sessions_closed: sessions_closed(r),
            pending_deadlines: register(r, "pending_deadlines", "Deadlines yet to come"),
            mailbox_overflows: register(r, "mailbox_overflows", "Sessions closed for slowness"),
            backlog_bytes: register(r, "backlog_bytes", "Bytes that wait for devices"),
            budget_overflows: register(
                r,
                "budget_overflows",
                "Sessions closed because too much waits for all",
            ),
            events_delivered: register(r, "events_delivered", "Events handed to devices"),
            resumes: register(r, "resumes", "Sessions that went on from a cursor"),
            resyncs: register(r, "resyncs", "Sessions whose cursor was too old"),
            rate_limited: register(
                r,
                "rate_limited",
                "Requests refused for coming too fast, by what was too fast",
            ),
            stream_repairs: register(r, "stream_repairs", "Times a session read the store to fill a gap"),
            unreadable_rows: register(r, "unreadable_rows", "Rows of the store left out as unreadable"),
            bus_published: register(r, "bus_published", "Events told to other nodes"),
            bus_heard: register(r, "bus_heard", "Events heard from other nodes"),
            bus_dropped: register(r, "bus_dropped", "Messages to other nodes that were not sent"),
            bus_ignored: register(r, "bus_ignored", "Messages of other nodes that were not understood"),
            bus_connected: register(r, "bus_connected", "Whether this node is connected to the bus"),
            live_nodes: register(r, "live_nodes", "Nodes that live"),
            overdue_fired: register(r, "overdue_fired", "Deadlines found overdue in the store and fired"),
            seats_displaced: register(r, "seats_displaced", "Sessions that went because of another node's"),
            webhooks: Webhooks::new(r),
            pushes: register(r, "pushes", "Attempts to wake a device, or to say that a ring is over"),
            api: Api::new(r),
            before_invite: Asked::before_invites(r),
            before_message: Asked::before_messages(r),
            before_group: Asked::before_groups(r),
            frames_refused: register(r, "frames_refused", "Frames that named no method we know, by reason"),
            store_errors: register(r, "store_errors", "Failures of the store, by kind"),
            batches_repeated: register(r, "batches_repeated", "Batches begun again, by cause (PostgreSQL)"),
            commands: method_metrics(&commands_done, &command_latency),
            commands_done,
            command_latency,
            commit_size: commit_size(r),
            commit_latency: seconds(
                r,
                "commit_latency",
                "From the first command of a commit to its disk write",
            ),
            deadline_lateness: seconds(
                r,
                "deadline_lateness",
                "From a deadline to the moment the server acts on it",
            ),
            registry,
        }
    }

    /// A request was answered: carried out, or refused for a reason, `latency` after it was read.
    pub fn command_done(&self, method: Method, outcome: Result<(), Reason>, latency: Duration) {
        let metrics = &self.commands[method as usize];
        metrics.latency.observe(latency.as_secs_f64());
        match outcome {
            Ok(()) => {
                metrics.succeeded.inc();
            }
            Err(reason) => {
                self.commands_done.get_or_create(&command(method.as_str(), reason.as_str())).inc();
            }
        }
    }

    /// A request of a back end was carried out, or refused for a reason, `latency` after its head was read. Operations and reasons are
    /// few; nothing of the request itself may be among them.
    pub fn api_answered(
        &self,
        operation: &'static str,
        outcome: Result<(), impl ToString>,
        latency: Duration,
    ) {
        let outcome = outcome.map_or_else(|reason| reason.to_string(), |()| OK.to_owned());
        self.api.requests.get_or_create(&[("operation", operation.to_owned()), ("outcome", outcome)]).inc();
        let latency = latency.as_secs_f64();
        self.api.latency.get_or_create(&[("operation", operation.to_owned())]).observe(latency);
    }

    /// A back end was asked before something, or could not be.
    pub fn asked_before(&self, what: Before, outcome: &'static str) {
        self.asked(what).outcomes.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// This long after a question there was an answer, or none was waited for any more.
    pub fn answered_before(&self, what: Before, latency: Duration) {
        self.asked(what).latency.observe(latency.as_secs_f64());
    }

    fn asked(&self, what: Before) -> &Asked {
        match what {
            Before::Invite => &self.before_invite,
            Before::Message => &self.before_message,
            Before::Group => &self.before_group,
        }
    }

    /// The same for a function of OpenIM's clients. Of these many a server has only those that its clients call.
    pub fn function_done(&self, function: &'static str, outcome: Result<(), Reason>, latency: Duration) {
        self.command_latency.get_or_create(&[("method", function)]).observe(latency.as_secs_f64());
        let outcome = outcome.map_or_else(Reason::as_str, |()| OK);
        self.commands_done.get_or_create(&command(function, outcome)).inc();
    }

    /// A frame was refused before its method was known.
    pub fn frame_refused(&self, reason: Reason) {
        self.frames_refused.get_or_create(&[("reason", reason.as_str())]).inc();
    }

    /// A request was refused; counted when it came too fast.
    pub fn refused<F>(&self, refused: &Refused<F>) {
        if let Some(of) = too_fast(refused) {
            self.rate_limited.get_or_create(&[("of", of)]).inc();
        }
    }

    /// A session ended: closed by us with a code, or (`None`) by the client or the network.
    pub fn session_closed(&self, code: Option<CloseCode>) {
        if let Some((_, counter)) = self.sessions_closed.iter().find(|(of, _)| *of == code) {
            counter.inc();
        }
    }

    /// A commit of this many commands took this long.
    pub fn committed(&self, commands: usize, took: Duration) {
        self.commit_size.observe(u32::try_from(commands).unwrap_or(u32::MAX).into());
        self.commit_latency.observe(took.as_secs_f64());
    }

    /// A deadline was acted on this late.
    pub fn deadline_fired(&self, late: Duration) {
        self.deadline_lateness.observe(late.as_secs_f64());
    }

    /// The store failed in this way, such as `busy` or `full`.
    pub fn store_failed(&self, kind: &'static str) {
        self.store_errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// A batch has to begin again, because others had its rows or were faster.
    pub fn batch_repeated(&self, why: &'static str) {
        self.batches_repeated.get_or_create(&[("cause", why)]).inc();
    }

    /// Attempts to tell an endpoint of webhooks of an event came to this.
    pub fn webhooks_done(&self, endpoint: &str, outcome: &'static str, events: u64) {
        let labels = [("endpoint", endpoint.to_owned()), ("outcome", outcome.to_owned())];
        self.webhooks.deliveries.get_or_create(&labels).inc_by(events);
    }

    /// An attempt to wake a device (`ring`), or to tell it that the ring is over, came to this.
    pub fn push_done(&self, provider: &'static str, note: &'static str, outcome: &'static str) {
        self.pushes.get_or_create(&[("provider", provider), ("note", note), ("outcome", outcome)]).inc();
    }

    /// So many events wait for an endpoint of webhooks, the oldest for so many seconds.
    pub fn webhooks_wait(&self, endpoint: &str, waiting: u64, oldest_s: u64) {
        let labels = [("endpoint", endpoint.to_owned())];
        let figure = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.webhooks.waiting.get_or_create(&labels).set(figure(waiting));
        self.webhooks.oldest.get_or_create(&labels).set(figure(oldest_s));
    }

    /// What waits for an endpoint of webhooks is another node's to say.
    pub fn webhooks_gone(&self, endpoint: &str) {
        let labels = [("endpoint", endpoint.to_owned())];
        self.webhooks.waiting.remove(&labels);
        self.webhooks.oldest.remove(&labels);
    }

    /// All figures as OpenMetrics text; see [`METRICS_CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes every byte");
        text
    }
}

/// What came too fast, if that is why.
fn too_fast<F>(refused: &Refused<F>) -> Option<&'static str> {
    match refused {
        Refused::TooFast(of, _) => Some(of.name()),
        Refused::ByServer(refusal) => match **refusal {
            Refusal::UserTooFast(_) => Some(Allowance::Commands.name()),
            Refusal::GroupTooFast(_) => Some("group"),
            Refusal::Rules(_)
            | Refusal::Displaced
            | Refusal::KeyTaken
            | Refusal::NoSuchPush
            | Refusal::UnknownPushService
            | Refusal::ByHook(_)
            | Refusal::HookSilent
            | Refusal::Failed(_) => None,
        },
        Refused::Fault(_)
        | Refused::SignIn(_)
        | Refused::NotRegistered
        | Refused::Disabled
        | Refused::Deleted
        | Refused::OpenedTooSlowly
        | Refused::NotSignedIn
        | Refused::AlreadyOpen
        | Refused::NeverSent => None,
    }
}

fn register<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn command(method: &'static str, outcome: &'static str) -> Labels<2> {
    [("method", method), ("outcome", outcome)]
}

fn command_latency(registry: &mut Registry) -> Latencies {
    let latency = Latencies::new_with_constructor(latency_histogram);
    registry.register_with_unit(
        "command_latency",
        "From reading a request to its reply, by method",
        Unit::Seconds,
        latency.clone(),
    );
    latency
}

fn method_metrics(commands: &Family<Labels<2>, Counter>, latency: &Latencies) -> Vec<MethodMetrics> {
    let of = |method: &Method| MethodMetrics {
        succeeded: commands.get_or_create_owned(&command(method.as_str(), OK)),
        latency: latency.get_or_create_owned(&[("method", method.as_str())]),
    };
    Method::ALL.iter().map(of).collect()
}

fn sessions_closed(registry: &mut Registry) -> Vec<(Option<CloseCode>, Counter)> {
    let family: Family<[(&str, String); 1], Counter> = register(
        registry,
        "sessions_closed",
        "Sessions ended, by close code; \"none\" when the client or the network did it",
    );
    let codes = CloseCode::ALL.into_iter().map(Some).chain([None]);
    codes
        .map(|code| {
            let label = code.map_or_else(|| "none".to_owned(), |code| code.number().to_string());
            (code, family.get_or_create_owned(&[("code", label)]))
        })
        .collect()
}

fn commit_size(registry: &mut Registry) -> Histogram {
    // 1 to 1024 commands; store.max_batch is 512 by default.
    let histogram = Histogram::new(exponential_buckets(1.0, 2.0, 11));
    registry.register("commit_commands", "Commands in one commit", histogram.clone());
    histogram
}

fn seconds(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = latency_histogram();
    registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
    histogram
}

/// 0.1 ms to 6.5 s: from half the latency budget's tenth to what nobody waits for.
fn latency_histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 2.0, 17))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.command_done(Method::Invite, Ok(()), Duration::from_micros(250));
        metrics.command_done(Method::Invite, Err(Reason::UnknownUser), Duration::from_micros(50));
        metrics.function_done("SignalingInvite", Ok(()), Duration::from_micros(250));
        metrics.function_done("SignalingInvite", Err(Reason::UnknownUser), Duration::from_micros(50));
        metrics.session_closed(Some(CloseCode::Replaced));
        metrics.session_closed(None);
        metrics.committed(3, Duration::from_millis(1));
        metrics.store_failed("full");
        metrics.connections.inc();
        let text = metrics.encode();
        for line in [
            "wigwag_commands_total{method=\"signaling.invite\",outcome=\"ok\"} 1",
            "wigwag_commands_total{method=\"signaling.invite\",outcome=\"unknownUser\"} 1",
            "wigwag_command_latency_seconds_count{method=\"signaling.invite\"} 2",
            "wigwag_commands_total{method=\"SignalingInvite\",outcome=\"ok\"} 1",
            "wigwag_commands_total{method=\"SignalingInvite\",outcome=\"unknownUser\"} 1",
            "wigwag_command_latency_seconds_count{method=\"SignalingInvite\"} 2",
            "wigwag_sessions_closed_total{code=\"4500\"} 1",
            "wigwag_sessions_closed_total{code=\"none\"} 1",
            "wigwag_commit_commands_sum 3.0",
            "wigwag_store_errors_total{kind=\"full\"} 1",
            "wigwag_connections 1",
        ] {
            assert!(text.lines().any(|is| is == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn methods_are_found_by_their_number() {
        for (index, method) in Method::ALL.iter().enumerate() {
            assert_eq!(*method as usize, index);
        }
    }
}
