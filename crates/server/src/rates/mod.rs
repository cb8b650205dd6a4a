//! Who has used how much of what they may ask for.
//!
//! Which request draws on which allowance, and the arithmetic, are rules: [`wigwag_session::rates`]. Here is what is kept:
//!
//! - [`Rates`] has the allowances of every user who is here or was until a moment ago, in memory, for this node. A session takes
//!   its user's from there at the sign-in, holds them, and asks them for each frame.
//! - [`Bucket`] is one allowance of its own, for what no user answers for.
//! - [`kept`] is for stores, which count a group's messages, and with several nodes a user's commands too, in rows that they
//!   lock anyway.

mod bucket;
pub mod kept;
mod users;

pub use bucket::Bucket;
pub use users::{Rates, UserPaces, UserRates};
