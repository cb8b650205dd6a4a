//! Who signs in, and where. Python has checked the types; what the values must be is checked here.

use std::time::Duration;

use pyo3::prelude::*;
use wigwag_client::protocol::{DeviceId, IdError, Platform, UserId};
use wigwag_client::{Builder, Client, FileCursor, Token};

use crate::guard::wrong;

#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Options {
    pub(crate) url: String,
    /// None: it is asked for.
    pub(crate) token: Option<String>,
    user_id: Option<String>,
    device_id: Option<String>,
    platform: Option<i64>,
    cursor_file: Option<std::path::PathBuf>,
    own_acts: bool,
    request_timeout_ms: u64,
    event_capacity: usize,
}

impl Options {
    pub(crate) fn builder(self, token: Token) -> PyResult<Builder> {
        let mut builder = Client::builder(self.url, token)
            .own_acts(self.own_acts)
            .request_timeout(Duration::from_millis(self.request_timeout_ms))
            .event_capacity(self.event_capacity);
        if let Some(user_id) = given(self.user_id, UserId::parse)? {
            builder = builder.user(user_id);
        }
        if let Some(device_id) = given(self.device_id, DeviceId::parse)? {
            builder = builder.device_id(device_id);
        }
        if let Some(number) = self.platform {
            let platform = u8::try_from(number).ok().and_then(Platform::new);
            builder =
                builder.platform(platform.ok_or_else(|| wrong("platform must be a number from 1 to 11"))?);
        }
        if let Some(path) = self.cursor_file {
            builder = builder.cursor_store(FileCursor::new(path));
        }
        Ok(builder)
    }
}

/// An identifier that may be left out.
fn given<T>(text: Option<String>, read: fn(&str) -> Result<T, IdError>) -> PyResult<Option<T>> {
    text.map(|text| parse(&text, read)).transpose()
}

/// An identifier, or why it is none.
pub(crate) fn parse<T>(text: &str, read: fn(&str) -> Result<T, IdError>) -> PyResult<T> {
    read(text).map_err(|why| wrong(why.to_string()))
}
