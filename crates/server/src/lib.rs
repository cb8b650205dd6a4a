//! The Wigwag server as a library; the binary `wigwag` is a thin shell around it.
//!
//! ```text
//!  frame ───▶ gateway ──┐                    ┌─ load ────▶ tables
//!  deadline ─▶ timers ──┴▶ door ──▶ store ───┼─ decide ──▶ engine   (pure: rules only)
//!                                            └─ commit ──▶ one transaction
//!                                               │
//!                                           Committed
//!                                               ▼
//!                                            router ─▶ mailboxes ─▶ gateway ─▶ frames
//! ```
//!
//! Modules in the order a command passes them, then what stands around them.

pub mod app;
pub mod bus;
pub mod cluster;
pub mod door;
pub mod gateway;
pub mod media;
pub mod push;
pub mod rates;
pub mod router;
pub mod store;
pub mod timers;

pub mod api;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod listener;
pub mod page;
pub mod telemetry;
mod tencent;
pub mod tls;
pub mod watching;
pub mod webhooks;
pub mod zones;
