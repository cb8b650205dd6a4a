//! Where NATS is, and who we are there. The client library ignores names and passwords in a URL, and might log them: they
//! are taken out.

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

/// A URL taken apart.
pub(super) struct Address {
    /// Without user and password.
    pub(super) servers: Vec<ServerAddr>,
    /// The user; or a token, when there is no password.
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

impl Address {
    /// Reads one URL, or several with commas between; who we are is taken from the first that says it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut address = Self { servers: Vec::new(), user: None, password: None };
        for part in text.split(',') {
            address.add(part.trim())?;
        }
        Ok(address)
    }

    fn add(&mut self, text: &str) -> Result<(), &'static str> {
        // The library's own words may repeat what it was given.
        let server: ServerAddr = text.parse().map_err(|_| "it is no URL of NATS")?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if self.user.is_none() {
            self.user = server.username().map(decoded);
            self.password = server.password().map(decoded);
        }
        let mut url = server.into_inner();
        if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
            return Err("it names no host");
        }
        self.servers.push(ServerAddr::from_url(url).map_err(|_| "it is no URL of NATS")?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Option<String>, Option<String>) {
        let address = Address::parse(text).unwrap();
        let servers = address.servers.iter().map(|server| server.as_url_str().to_owned()).collect();
        (servers, address.user, address.password)
    }

    #[test]
    fn users_and_tokens_are_taken_out_of_the_url() {
        let some = |text: &str| Some(text.to_owned());
        let one = vec!["nats://host:4222".to_owned()];
        assert_eq!(read("nats://host:4222"), (one.clone(), None, None));
        assert_eq!(read("nats://me:p%40ss@host:4222"), (one.clone(), some("me"), some("p@ss")));
        assert_eq!(read("nats://t0ken@host:4222"), (one, some("t0ken"), None));
        let two = vec!["tls://a".to_owned(), "tls://b:1".to_owned()];
        assert_eq!(read("tls://me:it@a, tls://b:1"), (two, some("me"), some("it")));
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for bad in ["", "http://user:secret@host", "nats://user:secret@", "nats://a,,nats://b"] {
            let why = Address::parse(bad).err().unwrap_or_else(|| panic!("{bad} was taken"));
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
