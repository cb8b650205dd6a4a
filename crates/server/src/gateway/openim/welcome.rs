//! A connection of OpenIM's client before its Login is answered.

use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::{DeviceId, Platform, Reason, UserId};
use wigwag_session::codec::openim::asked::{self, Login};
use wigwag_session::codec::openim::error::Kind;
use wigwag_session::codec::openim::event::Name;
use wigwag_session::codec::openim::frame::{self, Heading};
use wigwag_session::codec::openim::{Dialect, Error, OpenIm};
use wigwag_session::{FirstAsked, Refused};

use crate::gateway::Gateway;
use crate::gateway::greeting::{First, Turned, Welcome};

/// The function that signs in.
const LOGIN: &str = "Login";

/// What is known of a client that connects.
pub(super) struct Hello {
    /// Said in the query alone; `None` when it is no platform's number.
    platform: Option<Platform>,
    /// These clients have no name of their own, so each connection is a device.
    device_id: Option<DeviceId>,
    /// A guess until the first Login shows it.
    dialect: Dialect,
    login: Option<Login>,
}

impl Hello {
    /// Reads the query. Its values are not encoded, so names that have `&` or `#` in them may stand before what is read.
    pub(super) fn by_query(query: &str) -> Self {
        let platform = query.rsplit("&platformID=").next().and_then(|rest| rest.split('&').next());
        let number = platform.and_then(|number| number.parse().ok());
        let dialect = if query.contains("&operationID=") { Dialect::Three } else { Dialect::Two };
        let device_id = DeviceId::parse(&format!("openim-{}", uuid::Uuid::new_v4().simple())).ok();
        Self { platform: number.and_then(Platform::new), device_id, dialect, login: None }
    }

    /// Who has signed in.
    pub(super) fn login(self) -> Option<Login> {
        self.login
    }

    fn open(&mut self, frame: &frame::Incoming) -> Result<SessionOpen, Error> {
        let login = asked::login(frame)?;
        self.dialect = login.dialect;
        let platform = self.platform;
        let platform =
            platform.ok_or_else(|| Error::arguments("the address names no platformID from 1 to 11"))?;
        let open = SessionOpen {
            token: login.token.clone(),
            user_id: Some(login.user.clone()),
            device_id: self.device_id.clone().ok_or_else(|| Error::because(Reason::Internal))?,
            platform,
            cursor: None,
        };
        self.login = Some(login);
        Ok(open)
    }
}

impl Welcome for Hello {
    type Codec = OpenIm;

    fn hear(&mut self, text: &str, most: usize) -> First<OpenIm> {
        let frame = match frame::read(text, most) {
            Ok(frame) => frame,
            Err(frame::Unread { heading, error }) => {
                let unread = Some(reason_of(&error));
                return First { id: Some(heading), asked: FirstAsked::Wrong(error), unread };
            }
        };
        let asked = if frame.heading.name == LOGIN {
            self.open(&frame).map_or_else(FirstAsked::Wrong, FirstAsked::Open)
        } else {
            FirstAsked::Other
        };
        First { id: Some(frame.heading), asked, unread: None }
    }

    /// After a refused Login the newer client says of each later one that it has signed in already, unless it is told that its
    /// token is over. The older one only tells its app, which is right when it is the token's fault.
    fn refuse(&self, id: Option<Heading>, refused: Refused<Error>) -> Turned {
        let is_token = matches!(
            refused,
            Refused::SignIn(_) | Refused::NotRegistered | Refused::Disabled | Refused::Deleted
        );
        let heading = id.unwrap_or_default();
        let is_login = heading.name == LOGIN;
        let error = Error::from(refused);
        let mut frames = vec![frame::refusal(self.dialect, &heading, &error)];
        if is_login && self.dialect.pick(is_token, true) {
            frames.push(frame::event(Name::OnUserTokenExpired, ""));
        }
        Turned { frames, reason: reason_of(&error) }
    }

    async fn kept(&self, gateway: &Gateway, user: &UserId) -> Option<u64> {
        gateway.places.kept(&gateway.door, user, self.platform?).await
    }
}

/// The reason that an error is counted under.
pub(super) fn reason_of(error: &Error) -> Reason {
    match error.kind() {
        Kind::NotJson => Reason::MalformedJson,
        Kind::TooLarge => Reason::FrameTooLarge,
        Kind::NoSuchFunction | Kind::NotSupported => Reason::UnknownMethod,
        Kind::Arguments => Reason::InvalidParams,
        Kind::NotSignedIn => Reason::NotSignedIn,
        Kind::AllBusy => Reason::AlreadyInCall,
        Kind::ByBackEnd(_) => Reason::RefusedByHook,
        Kind::Because(reason) => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_found_behind_names_that_are_not_encoded() {
        let platform = |query| Hello::by_query(query).platform.map(Platform::number);
        let table = [
            ("sendID=bob&token=t&platformID=5", Some(5)),
            ("sendID=a&platformID=9&token=x=&y&platformID=2&operationID=o", Some(2)),
            ("sendID=bob&token=t&platformID=12", None),
            ("sendID=bob&token=t&platformID=", None),
            ("sendID=bob", None),
            ("", None),
        ];
        for (query, expected) in table {
            assert_eq!(platform(query), expected, "{query}");
        }
    }
}
