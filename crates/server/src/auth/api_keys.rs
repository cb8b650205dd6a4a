//! Keys of back ends: made and revoked by the operator, known to the server by their SHA-256 alone.
//!
//! A server with the embedded store reads them from a file in its data folder, lines `name scopes digest unixSeconds`. Servers that
//! share a store read them from there alone, so that one command reaches all of them: a file that a move has left behind does not
//! count, or a key in it could not be revoked.
//!
//! A key has 256 random bits, so a plain digest is enough: there is nothing to guess. It is looked up by that digest, and how long
//! that takes says nothing of the key.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use parking_lot::RwLock;
use ring::rand::{SecureRandom, SystemRandom};
use wigwag_protocol::rest::Scope;

use super::AuthError;
use super::handing_over::hand_over;
use super::watched::Watched;

/// Name of the file in the data folder.
pub const API_KEYS_FILE: &str = "api-keys.txt";
/// Held while the file is written anew.
const LOCK_FILE: &str = "api-keys.lock";
/// How every key begins, so that people and scanners know one when they see it.
const PREFIX: &str = "wk_";
/// Random bytes of a key.
const KEY_BYTES: usize = 32;
/// Longest text that is looked at as a key.
const LONGEST_SHOWN: usize = 128;
/// Most keys of a server. Each back end has one or two; all of them are read twice a second.
pub const MOST_KEYS: usize = 100;
/// How long keys of a shared store count without being read again. They are read twice a second, so this is a store that has been away
/// for a while; a revoked key must not count for longer than an operator would wait.
const TRUSTED_FOR: Duration = Duration::from_secs(10);
/// Longest name of a key.
const LONGEST_NAME: usize = 64;

/// The SHA-256 of a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub [u8; 32]);

impl KeyDigest {
    fn of(key: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, key.as_bytes());
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest")
    }
}

/// The name of a key: 1 to 64 letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(Arc<str>);

impl KeyName {
    /// The name, to be shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for KeyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.into()));
        }
        Err(format!("a key's name is 1 to {LONGEST_NAME} letters, digits, \"-\", \"_\" and \".\""))
    }
}

/// A key as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name. Idempotency keys belong to it.
    pub name: KeyName,
    /// What it lets its holder do, in order.
    pub scopes: Vec<Scope>,
    /// What the key is known by.
    pub digest: KeyDigest,
    /// When it was made, seconds since the epoch.
    pub created_s: u64,
}

impl ApiKey {
    /// A new key, and its text, which is nowhere else.
    pub fn make(name: KeyName, mut scopes: Vec<Scope>, created_s: u64) -> Result<(Self, String), AuthError> {
        let mut bytes = [0; KEY_BYTES];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| AuthError("the operating system gives no random bytes".to_owned()))?;
        let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        scopes.sort_unstable();
        scopes.dedup();
        Ok((Self { name, scopes, digest: KeyDigest::of(&text), created_s }, text))
    }

    /// Whether it lets its holder do what needs this scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The names of the scopes, with commas between.
    pub fn scopes_text(&self) -> String {
        let names: Vec<&str> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        names.join(",")
    }

    /// The scopes in a text of [`Self::scopes_text`]. Those of a newer version of the server are left out.
    pub fn parse_scopes(text: &str) -> Vec<Scope> {
        text.split(',').filter_map(Scope::parse).collect()
    }
}

type ByDigest = HashMap<KeyDigest, Arc<ApiKey>>;

/// The keys that count now.
#[derive(Debug)]
pub struct ApiKeys(Kept);

/// Where the keys come from.
#[derive(Debug)]
enum Kept {
    Folder(Watched<ByDigest>),
    SharedStore(RwLock<Shared>),
}

/// The keys of a shared store.
#[derive(Debug)]
struct Shared {
    keys: Arc<ByDigest>,
    /// When the reading began that found them.
    read_at: Instant,
}

impl ApiKeys {
    /// Those in the file in `data_dir`. A missing one has no keys.
    pub fn in_folder(data_dir: &Path) -> Result<Self, AuthError> {
        let file = Watched::new(data_dir.join(API_KEYS_FILE), |path| read(path).map(by_digest));
        Ok(Self(Kept::Folder(file.map_err(AuthError)?)))
    }

    /// Those of a shared store, as a reading found them that began at `read_at`.
    pub fn in_shared_store(found: Vec<ApiKey>, read_at: Instant) -> Self {
        Self(Kept::SharedStore(RwLock::new(Shared { keys: Arc::new(by_digest(found)), read_at })))
    }

    /// Whether there is one that lets its holder read.
    pub fn can_anybody_read(&self) -> bool {
        self.current().values().any(|key| key.may(Scope::Read))
    }

    /// Whether the keys were read so long ago that one of them may have been revoked since, or made. A file is read whenever it has
    /// changed.
    pub fn are_unchecked(&self, now: Instant) -> bool {
        match &self.0 {
            Kept::Folder(_) => false,
            Kept::SharedStore(shared) => now.duration_since(shared.read().read_at) > TRUSTED_FOR,
        }
    }

    /// The key of this text, if it counts.
    pub fn find(&self, text: &str) -> Option<Arc<ApiKey>> {
        if text.len() > LONGEST_SHOWN {
            return None;
        }
        self.current().get(&KeyDigest::of(text)).cloned()
    }

    fn current(&self) -> Arc<ByDigest> {
        match &self.0 {
            Kept::Folder(file) => file.current(),
            Kept::SharedStore(shared) => Arc::clone(&shared.read().keys),
        }
    }

    /// Reads the file again if it has changed; costs a stat otherwise. A shared store is read by whoever has it.
    pub fn refresh(&self) {
        if let Kept::Folder(file) = &self.0
            && file.refresh().is_some()
        {
            tracing::info!(keys = file.current().len(), "the keys of back ends have changed");
        }
    }

    /// Takes over all keys of the shared store, as a reading found them that began at `read_at`.
    pub fn learn(&self, found: Vec<ApiKey>, read_at: Instant) {
        match &self.0 {
            Kept::SharedStore(shared) => {
                *shared.write() = Shared { keys: Arc::new(by_digest(found)), read_at }
            }
            Kept::Folder(_) => {}
        }
    }
}

fn by_digest(keys: Vec<ApiKey>) -> ByDigest {
    keys.into_iter().map(|key| (key.digest, Arc::new(key))).collect()
}

/// Adds a key to the file in `data_dir`.
pub fn add_api_key(data_dir: &Path, key: &ApiKey) -> Result<(), String> {
    let _lock = lock(data_dir)?;
    let mut keys = kept_api_keys(data_dir)?;
    if keys.iter().any(|one| one.name == key.name) {
        return Err(key_name_taken(&key.name));
    }
    if keys.len() >= MOST_KEYS {
        return Err(too_many_keys());
    }
    keys.push(key.clone());
    write(data_dir, &keys)
}

/// Takes a key out of the file in `data_dir`; false when there is none of this name.
pub fn drop_api_key(data_dir: &Path, name: &KeyName) -> Result<bool, String> {
    let _lock = lock(data_dir)?;
    let mut keys = kept_api_keys(data_dir)?;
    let before = keys.len();
    keys.retain(|key| key.name != *name);
    if keys.len() == before {
        return Ok(false);
    }
    write(data_dir, &keys).map(|()| true)
}

/// The keys in the file in `data_dir`, by name.
pub fn kept_api_keys(data_dir: &Path) -> Result<Vec<ApiKey>, String> {
    read(&data_dir.join(API_KEYS_FILE))
}

/// What to say when there is a key of this name.
pub fn key_name_taken(name: &KeyName) -> String {
    format!("there is a key {name} already: choose another name, or revoke it first")
}

/// What to say when there are as many keys as may be.
pub fn too_many_keys() -> String {
    format!("there are {MOST_KEYS} keys, as many as there may be: revoke one first")
}

fn lock(data_dir: &Path) -> Result<File, String> {
    let path = data_dir.join(LOCK_FILE);
    let file = File::options().create(true).append(true).open(&path);
    let locked = file.and_then(|file| {
        hand_over(&file, &path)?;
        file.lock().map(|()| file)
    });
    locked.map_err(|error| format!("cannot lock {}: {error}", path.display()))
}

/// Writes the file anew, whole or not at all.
fn write(data_dir: &Path, keys: &[ApiKey]) -> Result<(), String> {
    let path = data_dir.join(API_KEYS_FILE);
    write_beside(&path, keys).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn write_beside(path: &Path, keys: &[ApiKey]) -> std::io::Result<()> {
    let beside: PathBuf = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    hand_over(&file, &beside)?;
    for key in keys {
        let digest = BASE64_URL_SAFE_NO_PAD.encode(key.digest.0);
        writeln!(file, "{} {} {digest} {}", key.name, key.scopes_text(), key.created_s)?;
    }
    file.sync_all()?;
    std::fs::rename(beside, path)
}

fn read(path: &Path) -> Result<Vec<ApiKey>, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("cannot read the keys in {}: {error}", path.display())),
    }
}

/// A bad line is reported and passed over: a key that cannot be read does not count.
fn parse(text: &str) -> Vec<ApiKey> {
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match parse_line(line) {
            Some(key) => keys.push(key),
            None if line.trim().is_empty() || line.starts_with('#') => {}
            None => tracing::error!(line = number, "{API_KEYS_FILE}: a line without effect"),
        }
    }
    keys.sort_by(|one, other| one.name.cmp(&other.name));
    keys
}

fn parse_line(line: &str) -> Option<ApiKey> {
    let mut parts = line.split_ascii_whitespace();
    let (name, scopes, digest, created) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digest: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()?;
    Some(ApiKey {
        name: name.parse().ok()?,
        scopes: ApiKey::parse_scopes(scopes),
        digest: KeyDigest(digest),
        created_s: created.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str) -> (ApiKey, String) {
        ApiKey::make(name.parse().unwrap(), vec![Scope::Users, Scope::Read, Scope::Users], 1_700_000_000)
            .unwrap()
    }

    #[test]
    fn a_key_counts_until_it_is_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ApiKeys::in_folder(folder.path()).unwrap();
        let (key, text) = made("billing");
        assert_eq!(key.scopes, [Scope::Read, Scope::Users]);
        assert!(text.starts_with("wk_") && text.len() == 3 + 43, "{text}");
        add_api_key(folder.path(), &key).unwrap();
        assert!(!keys.can_anybody_read());
        keys.refresh();
        assert!(keys.can_anybody_read());
        assert_eq!(keys.find(&text).as_deref(), Some(&key));
        assert_eq!(keys.find(&text[..text.len() - 1]), None);
        assert_eq!(kept_api_keys(folder.path()).unwrap(), std::slice::from_ref(&key));
        let kept = std::fs::read_to_string(folder.path().join(API_KEYS_FILE)).unwrap();
        assert!(!kept.contains(&text[3..]), "the key itself is nowhere");
        assert!(drop_api_key(folder.path(), &key.name).unwrap());
        assert!(!drop_api_key(folder.path(), &key.name).unwrap());
        keys.refresh();
        assert_eq!(keys.find(&text), None);
    }

    #[test]
    fn keys_of_a_shared_store_count_for_ten_seconds_without_being_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (start, (key, text)) = (Instant::now(), made("billing"));
        let at = |seconds| start + Duration::from_secs(seconds);
        let keys = ApiKeys::in_shared_store(vec![key.clone()], start);
        assert!(!keys.are_unchecked(at(10)));
        assert!(keys.are_unchecked(at(10) + Duration::from_millis(1)));
        keys.learn(vec![key.clone()], at(20));
        assert!(!keys.are_unchecked(at(30)));
        assert_eq!(keys.find(&text).as_deref(), Some(&key));
        let file = ApiKeys::in_folder(folder.path()).unwrap();
        assert!(!file.are_unchecked(at(1_000)), "a file is looked at whenever it changes");
    }

    #[test]
    fn names_are_used_once_and_keys_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        add_api_key(folder.path(), &made("billing").0).unwrap();
        assert!(add_api_key(folder.path(), &made("billing").0).unwrap_err().contains("already"));
        for number in 1..MOST_KEYS {
            add_api_key(folder.path(), &made(&format!("key-{number}")).0).unwrap();
        }
        assert!(add_api_key(folder.path(), &made("one-more").0).unwrap_err().contains("100 keys"));
        for name in ["", "two words", "é", &"x".repeat(LONGEST_NAME + 1)] {
            assert!(name.parse::<KeyName>().is_err(), "{name}");
        }
    }
}
