//! The rules, tried: as a table, with random operations against a model, and as stories.

mod by_message;
mod call_invariants;
mod call_matrix;
mod call_model;
mod call_properties;
mod invariants;
mod matrix;
mod model;
mod operation;
mod properties;
mod stories;
mod stories_around;
mod stories_board;
mod stories_bounds;
mod stories_calls;
mod stories_cancel;
mod stories_lasting;
mod stories_lists;
mod stories_notices;
mod stories_quiet;
mod stories_reach;
mod stories_signal;
mod stories_status;
mod stories_two_groups;
mod wanted;
mod world;
