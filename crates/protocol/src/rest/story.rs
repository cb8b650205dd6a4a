//! The story of an invitation: what happened to it, who was told, and what waits to be told.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::CallView;
use crate::id::{Device, UserId};
use crate::invitation::InvitationView;

/// Everything that is recorded of an invitation, and of the call that it opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Story {
    /// The invitation as it is now.
    pub invitation: InvitationView,
    /// The call that it opened, as it is now; absent when it opened none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// What happened, in order: at most 500 steps with 1 MiB.
    pub steps: Vec<Step>,
    /// False when steps are missing: they are not kept any more, there are more than fit, or a stream was too long to be read through.
    pub complete: bool,
    /// Where webhooks stand with these steps, in the order of the configuration.
    pub webhooks: Vec<StoryEndpoint>,
}

/// One event of the story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// When it was decided, server time in ms.
    pub time: u64,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who did it; absent when nobody did (a deadline), or when they are none of the users whose streams were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// The device that did it; absent when a back end did, or nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// In whose streams it is, of the inviter and the first 15 invitees: their devices were told, or are when they come back. The device
    /// that did it has heard of it by its reply.
    pub told: Vec<Told>,
    /// The event as devices are told it, without what is a device's own.
    pub event: Map<String, Value>,
}

/// A place in a user's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Told {
    /// Whose stream.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Where in it.
    pub cursor: u64,
}

/// Where an endpoint of webhooks stands with the steps that it wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StoryEndpoint {
    /// Its name.
    pub endpoint: String,
    /// Where it stands.
    pub state: StoryDelivery,
    /// How often the oldest refused step was tried; with `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// When it is tried next, server time in ms; with `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<u64>,
}

/// Where an endpoint stands with a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StoryDelivery {
    /// It wants none of the steps.
    Unwanted,
    /// It was sent all of them and answered with 2xx, or they were given up after three days. What was told before the endpoint was
    /// configured is counted here too.
    Told,
    /// The last of them, or something before it, waits.
    Waiting,
    /// It refused one of them, which is tried again; later ones wait behind it.
    Refused,
}
