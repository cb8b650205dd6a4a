//! Everything that `wigwag.h` declares.

pub mod clients;
pub mod invitations;
pub mod json;
pub mod requests;
pub mod types;
