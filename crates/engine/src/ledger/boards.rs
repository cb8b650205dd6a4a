//! The boards of groups. They are read by few commands and may be long, so they are kept no longer than a batch.

use wigwag_protocol::GroupId;

use super::{Key, Ledger, found};
use crate::Stop;
use crate::board::Board;

impl Ledger {
    /// What stands on the board of a group.
    pub fn board(&self, group: &GroupId) -> Result<&Board, Stop> {
        found(&self.boards, group, || Key::Board(group.clone()))
    }

    /// The board of a group that this batch dismissed is empty, whatever is loaded.
    pub(super) fn board_loaded(&mut self, group: GroupId, board: Board) {
        let board = if self.dismissed.contains(&group) { Board::default() } else { board };
        self.boards.entry(group).or_insert(board);
    }

    pub(super) fn board_set(&mut self, group: &GroupId, board: &Board) {
        self.boards.insert(group.clone(), board.clone());
    }
}
