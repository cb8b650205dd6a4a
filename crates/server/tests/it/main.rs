//! Stories of the whole server: the real binary as a process, real sockets, a data folder that is thrown away.
//!
//! What the rules decide is tested in the engine; here is what only the whole can show. A story reads as what people do:
//! `alice.invites(&bob)`, `bob.hears("invitation.received")`, `world.kill()`.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod back_ends;
mod back_ends_act;
mod back_ends_deleting;
mod back_ends_lists;
mod back_ends_story;
mod back_ends_typed;
mod back_ends_users;
mod bad_input;
mod banner;
mod before_group;
mod before_invite;
mod before_message;
mod broken_frames;
mod calls;
mod cluster;
mod damage;
mod data_folder;
mod durability;
mod engines;
mod full_disk;
mod groups;
mod http;
mod invitations;
mod limits;
mod lists;
mod messages;
mod moving;
mod noise;
mod openim;
mod openim_rest;
mod operations;
mod pages;
mod presence;
mod progress;
mod push;
mod push_actions;
mod push_apns;
mod push_fcm;
mod quiet;
mod reach;
mod rolling;
mod sign_in;
mod signals;
mod start_up;
mod streams;
mod tencent_rest;
mod unfinished;
mod upgrade;
mod vectors;
mod webhooks;
mod webhooks_asked;

mod world;
