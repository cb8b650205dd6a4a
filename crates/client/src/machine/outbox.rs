//! What goes out of a machine: outputs in their order, and the app's commands until they are settled.

use std::collections::VecDeque;

use serde::Serialize;
use wigwag_protocol::{Method, frame};

use super::border::Output;
use super::pending::{Pending, Requests};
use crate::error::Error;
use crate::events::ClientEvent;

#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) requests: Requests,
    outputs: VecDeque<Output>,
    next_id: u64,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { requests: Requests::default(), outputs: VecDeque::new(), next_id: 1 }
    }

    pub(super) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(super) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn tell(&mut self, event: ClientEvent) {
        self.push(Output::Tell(event));
    }

    /// Takes in a command of the app's, to be sent when there is a session; gives its number.
    pub(super) fn command(&mut self, method: Method, params: &str, until: u64) -> u64 {
        let id = self.take_id();
        let method_name = method.as_str();
        let frame = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method_name}","params":{params}}}"#);
        self.requests.add(id, Pending::new(method, frame, until));
        id
    }

    /// Sends a request of the machine's own; gives its number.
    pub(super) fn ask(&mut self, method: Method, params: &impl Serialize) -> u64 {
        let id = self.take_id();
        self.push(Output::Send(frame::request(id, method, params)));
        id
    }

    /// A number that no request had before.
    pub(super) fn take_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    pub(super) fn settle(&mut self, request: u64, outcome: Result<String, Error>) {
        self.push(Output::Settle { request, outcome });
    }
}
