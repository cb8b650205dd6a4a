//! Reaching the database: its address, the pool that reads, the writer's connection, statements and columns.

mod address;
mod columns;
mod statements;
mod writer_connection;

pub(super) use address::{DatabaseAddress, said, said_below, words};
pub(super) use columns::{About, MembersByGroup, column, group, int, members_by_group, nat, spoilt};
pub(super) use statements::Statement;
pub(super) use writer_connection::{Param, Sending, Trouble, WriterConnection, in_order};
