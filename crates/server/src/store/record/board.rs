//! The record of a group's board.

use wigwag_engine::Board;

use crate::store::{StoreError, bad_record};

/// The record of a board.
pub(in crate::store) fn board(board: &Board) -> Result<String, StoreError> {
    serde_json::to_string(board).map_err(|error| bad_record(&error))
}

/// The board of a record.
pub(in crate::store) fn read_board(record: &str) -> Result<Board, StoreError> {
    serde_json::from_str(record).map_err(|error| bad_record(&error))
}

/// What is wrong with a record that is none; `None` when nothing is.
pub(in crate::store) fn unreadable_board(record: &str) -> Option<String> {
    read_board(record).err().map(|error| error.to_string())
}
