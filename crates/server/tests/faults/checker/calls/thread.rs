//! What one user has heard of one call.

/// What a step means for the user themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    Enters,
    Rings,
    RingsNoMore,
    /// They left, or will not come.
    Goes,
    /// It is about others.
    Others,
}

/// The versions that an invitation into a running call gave it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calling {
    /// The version with which its inviter came in, or `at` if they were in the call before. Members of the call's group may hear
    /// of it although they ring by the next one only.
    pub(super) from: u32,
    /// The version at which its invitees ring.
    pub(super) at: u32,
}

/// As far as it was heard.
#[derive(Debug, Default)]
pub(super) struct Thread {
    version: Option<u32>,
    /// Where they were called into the running call, of which no event tells them the number.
    called: Option<Calling>,
    /// Whether the events of its one invitation are its steps still.
    pub(super) is_between_two: bool,
    is_over: bool,
    joined: bool,
    rings: bool,
    /// It is a group's that they are not in, and they neither ring nor are in the call: they are not told of the next steps.
    pub(super) may_miss: bool,
}

impl Thread {
    pub(super) fn version(&self) -> Option<u32> {
        self.version
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn has_joined(&self) -> bool {
        self.joined
    }

    pub(super) fn is_inside(&self) -> bool {
        self.joined || self.rings
    }

    /// A step with its version: the next one, and none after the end.
    pub(super) fn step(&mut self, version: u32, hearing: Hearing, ends: Option<&str>) -> Result<(), String> {
        let next = match (self.version, self.called) {
            _ if self.may_miss => version > self.version.unwrap_or(0),
            (Some(last), _) => version == last + 1,
            (None, Some(Calling { from, at })) => (from..=at + 1).contains(&version),
            (None, None) => true,
        };
        let (last, called, was_over) = (self.version, self.called.map(|called| called.at), self.is_over);
        self.version = Some(version);
        self.may_miss = false;
        let goes_on = self.moves(hearing);
        self.ends(ends);
        if was_over {
            return Err(format!("is told version {version} after the end"));
        }
        if !next {
            return Err(format!("is told version {version} after {last:?} (called at {called:?})"));
        }
        goes_on
    }

    /// An invitation into the running call.
    pub(super) fn called(&mut self, calling: Option<Calling>, hearing: Hearing) -> Result<(), String> {
        if hearing == Hearing::Rings && self.version.is_none() {
            self.called = calling;
        }
        self.moves(hearing)
    }

    /// The invitation that opens the call.
    pub(super) fn opens(&mut self, is_between_two: bool, hearing: Hearing) -> Result<(), String> {
        self.version = Some(1);
        self.is_between_two = is_between_two;
        self.moves(hearing)
    }

    /// A step that an event of the invitation tells without its version.
    pub(super) fn unnumbered_step(&mut self, hearing: Hearing, ends: Option<&str>) -> Result<(), String> {
        self.version = self.version.map(|version| version + 1);
        let goes_on = self.moves(hearing);
        self.ends(ends);
        goes_on
    }

    pub(super) fn moves(&mut self, hearing: Hearing) -> Result<(), String> {
        let comes = matches!(hearing, Hearing::Enters | Hearing::Rings);
        if comes && self.is_over {
            return Err("comes in after the end".to_owned());
        }
        match hearing {
            Hearing::Enters => (self.joined, self.rings) = (true, false),
            Hearing::Rings => self.rings = !self.joined,
            Hearing::RingsNoMore => self.rings = false,
            Hearing::Goes => (self.joined, self.rings) = (false, false),
            Hearing::Others => {}
        }
        Ok(())
    }

    pub(super) fn ends(&mut self, ends: Option<&str>) {
        if ends.is_some() {
            (self.is_over, self.joined, self.rings) = (true, false, false);
        }
    }
}
