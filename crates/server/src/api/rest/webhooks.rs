//! Endpoints of webhooks: looked at, paused, told again, tried.
//!
//! No command changes them, so a wish has the time of its first request ([`wished`](super::wished)), and is heard once.

use wigwag_protocol::rest::operations::{
    ListEndpoints, PauseEndpoint, ReplayEndpoint, ResumeEndpoint, TestEndpoint,
};
use wigwag_protocol::rest::webhook::{EndpointParams, Endpoints};
use wigwag_protocol::rest::{Changed, Operation, Problem, ProblemReason};

use super::asked::Asked;
use super::{Answer, Answered, BackEnds, failed};
use crate::clock::wall_ms;
use crate::store::StoreError;
use crate::webhooks::{Change, Wished};

impl Answer for ListEndpoints {
    async fn answer(api: &BackEnds, _asked: Asked<Self>) -> Answered<Self> {
        let endpoints = api.webhooks.list().await.map_err(|error| store_failed(&error))?;
        Ok(Endpoints { endpoints })
    }
}

impl Answer for PauseEndpoint {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.change(asked, Change::Pause, "paused").await
    }
}

impl Answer for ResumeEndpoint {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.change(asked, Change::Resume, "resumed").await
    }
}

impl Answer for ReplayEndpoint {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let since = asked.body.since;
        if since < api.webhooks.replayable_since() {
            return Err(Problem::invalid("since", "since: must be at most seven days ago"));
        }
        api.change(asked, Change::Replay { since }, "told again").await
    }
}

impl Answer for TestEndpoint {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let EndpointParams { endpoint } = asked.params;
        api.knows(&endpoint)?;
        let Wished { at, .. } = api.wished(wall_ms(), asked.once).await?;
        api.webhooks.test(&endpoint, at).await.ok_or_else(|| unknown(endpoint))
    }
}

impl BackEnds {
    async fn change<O>(&self, asked: Asked<O>, change: Change, done: &str) -> Result<Changed, Box<Problem>>
    where
        O: Operation<Params = EndpointParams>,
    {
        let EndpointParams { endpoint } = asked.params;
        self.knows(&endpoint)?;
        let wished = self.wished(wall_ms(), asked.once).await?;
        self.webhooks.change(&endpoint, change, wished).await.map_err(|error| store_failed(&error))?;
        tracing::info!(endpoint, "an endpoint of webhooks is {done}");
        Ok(Changed { time: wished.at })
    }

    fn knows(&self, endpoint: &str) -> Result<(), Box<Problem>> {
        if self.webhooks.has(endpoint) { Ok(()) } else { Err(unknown(endpoint.to_owned())) }
    }
}

fn unknown(endpoint: String) -> Box<Problem> {
    let mut problem = ProblemReason::UnknownEndpoint.problem().at("endpoint");
    problem.id = Some(endpoint);
    problem
}

pub(super) fn store_failed(error: &StoreError) -> Box<Problem> {
    tracing::error!(%error, "a request about an endpoint of webhooks failed");
    failed(error.failure())
}
