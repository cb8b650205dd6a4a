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

/// As far as it was heard.
#[derive(Debug, Default)]
pub(super) struct Thread {
    version: Option<u32>,
    /// The version at which they were called into the running call, of which no event tells them the number.
    called_at: Option<u32>,
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
        let next = match (self.version, self.called_at) {
            _ if self.may_miss => version > self.version.unwrap_or(0),
            (Some(last), _) => version == last + 1,
            (None, Some(called)) => version == called || version == called + 1,
            (None, None) => true,
        };
        let (last, called, was_over) = (self.version, self.called_at, self.is_over);
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

    /// An invitation into the call.
    pub(super) fn called(
        &mut self,
        at: Option<u32>,
        opens: bool,
        is_between_two: bool,
        hearing: Hearing,
    ) -> Result<(), String> {
        if opens {
            self.version = at;
            self.is_between_two = is_between_two;
        } else if hearing == Hearing::Rings && self.version.is_none() {
            self.called_at = at;
        }
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
