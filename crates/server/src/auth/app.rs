//! The app and its secret key.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::handing_over::hand_over;
use crate::config::AuthConfig;

/// Name of the generated key's file in the data folder.
pub const KEY_FILE: &str = "app.key";

/// Extension of the key's file while it is written.
const UNFINISHED: &str = "key.new";

/// Bytes of a fingerprint: nobody looks for two apps that have the same.
const FINGERPRINT_BYTES: usize = 16;

/// Random bytes in a generated key; written as twice as many hex digits.
const GENERATED_BYTES: usize = 32;

/// The app whose users sign in: its number and its secret.
#[derive(Debug, Clone)]
pub struct App {
    /// The number in every UserSig.
    pub sdk_app_id: u32,
    /// The secret behind every UserSig and HS256 JWT.
    pub key: AppKey,
}

impl App {
    /// The same for two servers that accept each other's tokens; the key cannot be found from it.
    pub fn fingerprint(&self) -> String {
        let signed = hmac::sign(&self.key.hmac, format!("server of app {}", self.sdk_app_id).as_bytes());
        hex(signed.as_ref().get(..FINGERPRINT_BYTES).unwrap_or_default())
    }
}

/// The app's secret key, ready for HMAC-SHA256. Debug output does not show it.
#[derive(Clone)]
pub struct AppKey {
    text: String,
    hmac: hmac::Key,
}

/// Where an app key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOrigin {
    /// `auth.key`
    Configured,
    /// This file, which was there already.
    Kept(PathBuf),
    /// This file, which was made now.
    Generated(PathBuf),
}

/// Why there is no app key; one line that says what to do.
#[derive(Debug)]
pub struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

impl AppKey {
    /// A key as the operator knows it: the text itself is the secret, as in Tencent's console.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), hmac: hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()) }
    }

    /// A new random key, kept in `data_dir` from now on.
    pub fn generate(data_dir: &Path) -> Result<(Self, KeyOrigin), KeyError> {
        let path = data_dir.join(KEY_FILE);
        let text = random_hex()?;
        write_secret(&path, &text).map_err(|error| cannot("write the app key to", &path, &error))?;
        Ok((Self::new(&text), KeyOrigin::Generated(path)))
    }

    /// The configured key, or the one a server keeps in `data_dir`. Makes none: a token signed with a key that no
    /// server has would only be refused later.
    pub fn load(auth: &AuthConfig, data_dir: &Path) -> Result<Self, KeyError> {
        Self::find(auth, data_dir)?.map(|(key, _)| key).ok_or_else(|| {
            KeyError(format!(
                "there is no app key in {}: start \"wigwag serve\" there once, or name the server's folder with --data \
                 or its configuration with --config, or set WIGWAG_AUTH_KEY as it is set for the server",
                data_dir.display()
            ))
        })
    }

    /// The configured key, or the one kept in `data_dir`, if there is any.
    pub fn find(auth: &AuthConfig, data_dir: &Path) -> Result<Option<(Self, KeyOrigin)>, KeyError> {
        if let Some(key) = &auth.key {
            return Ok(Some((Self::new(key.expose()), KeyOrigin::Configured)));
        }
        let path = data_dir.join(KEY_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) if text.trim().len() == 2 * GENERATED_BYTES => {
                refuse_if_open(&path)?;
                Ok(Some((Self::new(text.trim()), KeyOrigin::Kept(path))))
            }
            Ok(_) => Err(KeyError(format!(
                "{} does not hold an app key of {} characters: put the key back, or delete the file to get a new one \
                 (tokens made with the old one are then refused)",
                path.display(),
                2 * GENERATED_BYTES
            ))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot("read the app key from", &path, &error)),
        }
    }

    /// Whether this is the key, in a time that does not tell how much of it is right.
    pub(crate) fn is(&self, text: &str) -> bool {
        let other = Self::new(text);
        self.has_signed(&[], other.sign(&[]).as_ref())
    }

    /// The secret itself.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.hmac, message)
    }

    /// Compares in constant time.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.hmac, message, signature).is_ok()
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppKey(secret)")
    }
}

fn random_hex() -> Result<String, KeyError> {
    let mut bytes = [0; GENERATED_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        KeyError("the operating system gives no random bytes: set auth.key yourself".to_owned())
    })?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]) {
        text.extend(char::from_digit(nibble.into(), 16));
    }
    text
}

/// Writes a file only its owner may read, whole or not at all: a server that is killed here must not leave half a key.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension(UNFINISHED);
    // A file that a killed server left keeps its mode when it is written again.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    hand_over(&file, &beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

/// Whoever can read the key can sign in as anybody, and nobody would see it.
fn refuse_if_open(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|error| cannot("look at", path, &error))?;
    let mode = metadata.permissions().mode() & 0o777;
    let open = mode & 0o077;
    if open == 0 {
        return Ok(());
    }
    Err(KeyError(format!(
        "others on this machine may open the app key {path} (mode {mode:o}), and could sign in as anybody: chmod 600 {path}. If somebody \
         may have read it, delete the file to get a new key (tokens made with the old one are then refused)",
        path = path.display()
    )))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> KeyError {
    KeyError(format!(
        "cannot {what} {}: {error}; give the server a folder it may write to (data_dir, --data), or set auth.key",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_with_the_same_app_and_key_know_each_other() {
        let key = "a key that only tests know, 32 bytes and more";
        let shown = |sdk_app_id, key: &str| App { sdk_app_id, key: AppKey::new(key) }.fingerprint();
        assert_eq!(shown(7, key), shown(7, key));
        assert_eq!(shown(7, key).len(), 2 * FINGERPRINT_BYTES);
        assert_ne!(shown(7, key), shown(8, key));
        assert_ne!(shown(7, key), shown(7, "another key that only tests know, 32 bytes"));
    }

    #[test]
    fn what_a_killed_server_wrote_of_a_key_does_not_stop_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let auth = crate::config::parse("").unwrap().auth;
        std::fs::write(folder.path().join("app.key.new"), "0a1b").unwrap();
        let (made, origin) = AppKey::generate(folder.path()).unwrap();
        assert_eq!(origin, KeyOrigin::Generated(folder.path().join(KEY_FILE)));
        assert_eq!(AppKey::load(&auth, folder.path()).unwrap().text(), made.text());
        assert!(!folder.path().join("app.key.new").exists());
    }
}
