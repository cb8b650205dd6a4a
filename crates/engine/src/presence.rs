//! Who may know whether a user is online (docs/semantics.md, "Who may see who is online").

/// What one user's rows say of another who looks at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Regard {
    /// They block them.
    pub blocks: bool,
    /// They know them: they have written to them, or share a group with them that is familiar to both.
    pub knows: bool,
}

impl Regard {
    /// Whether the other may know that they are online. Of a user who does not exist there are no rows, and nobody may.
    pub fn shows_presence(self) -> bool {
        self.knows && !self.blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_known_and_not_blocked_may_know() {
        let shows = |blocks, knows| Regard { blocks, knows }.shows_presence();
        assert!(shows(false, true));
        assert!(!shows(true, true) && !shows(false, false) && !shows(true, false));
    }
}
