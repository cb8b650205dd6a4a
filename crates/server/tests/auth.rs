//! Sign-in as clients and operators meet it: tokens made by others and by us, keys and revocations that change.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tempfile::TempDir;
use wigwag_protocol::{Reason, UserId};
use wigwag_server::auth::{
    App, AppKey, AuthError, Authenticator, Identity, KeyOrigin, Revocation, mint_jwt, mint_user_sig, revoke,
};
use wigwag_server::config::{self, AuthConfig};

const NOW_MS: u64 = 1_790_000_000_500;
const KEY: &str = "a key for tests, 32 bytes or more";
const HOUR: Duration = Duration::from_hours(1);

/// An operator's server, as far as sign-in goes.
struct World {
    folder: TempDir,
    auth: AuthConfig,
    app: App,
}

impl World {
    fn new() -> Self {
        let app = App { sdk_app_id: 1_400_000_000, key: AppKey::new(KEY) };
        Self { folder: tempfile::tempdir().unwrap(), auth: config::parse("").unwrap().auth, app }
    }

    /// The app and the keys of the vectors.
    fn of_vectors() -> (Self, Value) {
        let vectors: Value = serde_json::from_str(include_str!("vectors/auth.json")).unwrap();
        let mut world = Self::new();
        let sdk_app_id = u32::try_from(vectors["sdkAppID"].as_u64().unwrap()).unwrap();
        world.app = App { sdk_app_id, key: AppKey::new(vectors["key"].as_str().unwrap()) };
        (world, vectors)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn has_jwks_file(&mut self, set: &Value) {
        let path = self.path("jwks.json");
        std::fs::write(&path, set.to_string()).unwrap();
        self.auth.jwks_file = Some(path);
    }

    fn starts(&self) -> Authenticator {
        self.tries_to_start().unwrap()
    }

    fn tries_to_start(&self) -> Result<Authenticator, AuthError> {
        Authenticator::new(&self.auth, self.app.clone(), self.folder.path())
    }

    fn verifies(&self, token: &str) -> Result<Identity, Reason> {
        self.starts().verify(token, NOW_MS)
    }
}

/// A JWT with this header and these claims, signed with [`KEY`] whatever the header says.
fn jwt(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, KEY.as_bytes());
    let signature = ring::hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn hs256(claims: &Value) -> String {
    jwt(&json!({"alg": "HS256", "typ": "JWT"}), claims)
}

fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

fn refused(reason: Reason) -> Result<Identity, Reason> {
    Err(reason)
}

#[test]
fn user_sigs_made_by_the_public_package_are_accepted_until_they_expire() {
    let (world, vectors) = World::of_vectors();
    let authenticator = world.starts();
    for vector in vectors["userSigs"].as_array().unwrap() {
        let (time, expire) = (vector["time"].as_u64().unwrap(), vector["expire"].as_u64().unwrap());
        let token = vector["userSig"].as_str().unwrap();
        let (issued_at_ms, expires_at_ms) = (time * 1000, (time + expire) * 1000);
        let identity =
            Identity { user: user(vector["userID"].as_str().unwrap()), issued_at_ms, expires_at_ms };
        assert_eq!(authenticator.verify(token, issued_at_ms), Ok(identity.clone()));
        assert_eq!(authenticator.verify(token, expires_at_ms - 1), Ok(identity));
        assert_eq!(authenticator.verify(token, expires_at_ms), refused(Reason::TokenExpired));
    }
}

#[test]
fn jwts_made_by_others_are_accepted_with_and_without_kid() {
    let (mut world, vectors) = World::of_vectors();
    world.has_jwks_file(&vectors["jwks"]);
    let authenticator = world.starts();
    let issued_at_ms = vectors["jwtIssuedAt"].as_u64().unwrap() * 1000;
    let expires_at_ms = vectors["jwtExpires"].as_u64().unwrap() * 1000;
    for vector in vectors["jwts"].as_array().unwrap() {
        for token in ["jwt", "withoutKid"].into_iter().filter_map(|kind| vector[kind].as_str()) {
            let identity = Identity { user: user("alice"), issued_at_ms, expires_at_ms };
            assert_eq!(authenticator.verify(token, issued_at_ms), Ok(identity), "{}", vector["alg"]);
            let late = authenticator.verify(token, expires_at_ms);
            assert_eq!(late, refused(Reason::TokenExpired), "{}", vector["alg"]);
        }
    }
}

#[test]
fn tokens_we_make_are_accepted_by_the_same_app_only() {
    let world = World::new();
    let alice = user("alice");
    let other_app = World { app: App { sdk_app_id: 7, ..world.app.clone() }, ..World::new() };
    let other_key =
        World { app: App { key: AppKey::new("another key"), ..world.app.clone() }, ..World::new() };
    let user_sig = mint_user_sig(&world.app, &alice, NOW_MS, HOUR);
    let jwt = mint_jwt(&world.auth, &world.app, &alice, NOW_MS, HOUR);
    for token in [&user_sig, &jwt] {
        let identity = world.verifies(token).unwrap();
        assert_eq!((&identity.user, identity.issued_at_ms), (&alice, 1_790_000_000_000));
        assert_eq!(identity.expires_at_ms, 1_790_003_600_000);
        assert_eq!(other_key.verifies(token), refused(Reason::TokenWrongKey));
    }
    assert_eq!(other_app.verifies(&user_sig), refused(Reason::TokenWrongApp));
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    let world = World::new();
    let identity = world.verifies(&mint_user_sig(&world.app, &user("alice"), NOW_MS, HOUR)).unwrap();
    assert!(identity.clone().claimed_by(None).is_ok());
    assert!(identity.clone().claimed_by(Some(&user("alice"))).is_ok());
    assert_eq!(identity.claimed_by(Some(&user("bob"))), refused(Reason::TokenWrongUser));
}

#[test]
fn jwts_are_judged_by_their_claims() {
    let world = World::new();
    let cases = [
        (json!({"sub": "alice", "exp": 1_790_000_001}), Ok(())),
        (json!({"sub": "alice", "exp": 1_790_000_000.75}), Ok(())),
        (json!({"sub": "alice", "exp": 1_790_000_000}), Err(Reason::TokenExpired)),
        (json!({"sub": "alice", "exp": 1_790_003_600, "aud": "x", "iss": "y"}), Ok(())),
        (json!({"sub": "alice", "exp": 1_790_003_600, "nbf": 1_790_000_030}), Ok(())),
        (json!({"sub": "alice", "exp": 1_790_003_600, "nbf": 1_790_000_300}), Err(Reason::TokenExpired)),
        (json!({"sub": "alice"}), Err(Reason::TokenMalformed)),
        (json!({"exp": 1_790_003_600}), Err(Reason::TokenMalformed)),
        (json!({"sub": "two words", "exp": 1_790_003_600}), Err(Reason::TokenMalformed)),
        (json!({"sub": "alice", "exp": "1790003600"}), Err(Reason::TokenMalformed)),
        (json!({"sub": "alice", "exp": -1}), Err(Reason::TokenMalformed)),
        (json!({"sub": "alice", "exp": 1e300}), Err(Reason::TokenMalformed)),
        (json!({"sub": 1, "exp": 1_790_003_600}), Err(Reason::TokenMalformed)),
        (json!([]), Err(Reason::TokenMalformed)),
    ];
    for (claims, expected) in cases {
        assert_eq!(world.verifies(&hs256(&claims)).map(|_| ()), expected, "{claims}");
    }
}

#[test]
fn a_jwt_cannot_choose_how_it_is_checked() {
    let (mut world, vectors) = World::of_vectors();
    world.app = World::new().app;
    world.has_jwks_file(&vectors["jwks"]);
    let claims = json!({"sub": "alice", "exp": 1_790_003_600});
    for (algorithm, reason) in [
        ("none", Reason::TokenMalformed),
        ("HS384", Reason::TokenWrongKey),
        ("RS256", Reason::TokenWrongKey),
        ("ES256", Reason::TokenWrongKey),
        ("EdDSA", Reason::TokenWrongKey),
        ("RS512", Reason::TokenWrongKey),
    ] {
        let token = jwt(&json!({"alg": algorithm, "typ": "JWT"}), &claims);
        assert_eq!(world.verifies(&token), refused(reason), "{algorithm}");
    }
}

#[test]
fn a_symmetric_key_in_a_key_set_signs_nothing() {
    let mut world = World::new();
    world.has_jwks_file(&json!({"keys": [{"kty": "oct", "kid": "k", "alg": "HS256", "k": "c2VjcmV0"}]}));
    let error = world.tries_to_start().unwrap_err().to_string();
    assert!(error.contains("jwks.json"), "{error}");
}

#[test]
fn issuer_and_audience_count_when_they_are_configured() {
    let mut world = World::new();
    world.auth.jwt_issuer = Some("https://id.example.org".to_owned());
    world.auth.jwt_audience = Some("wigwag".to_owned());
    let token =
        |iss: &str, aud: Value| hs256(&json!({"sub": "alice", "exp": 1_790_003_600, "iss": iss, "aud": aud}));
    assert!(world.verifies(&token("https://id.example.org", json!("wigwag"))).is_ok());
    assert!(world.verifies(&token("https://id.example.org", json!(["other", "wigwag"]))).is_ok());
    let other = token("https://id.example.org", json!("other"));
    assert_eq!(world.verifies(&other), refused(Reason::TokenWrongApp));
    let other = token("https://example.com", json!("wigwag"));
    assert_eq!(world.verifies(&other), refused(Reason::TokenWrongApp));
    let without = hs256(&json!({"sub": "alice", "exp": 1_790_003_600}));
    assert_eq!(world.verifies(&without), refused(Reason::TokenMalformed));
    let own = mint_jwt(&world.auth, &world.app, &user("alice"), NOW_MS, HOUR);
    assert!(world.verifies(&own).is_ok());
}

#[test]
fn tokens_of_the_second_of_a_revocation_are_refused_and_newer_ones_are_not() {
    let world = World::new();
    let authenticator = world.starts();
    let (alice, bob) = (user("alice"), user("bob"));
    let old = mint_user_sig(&world.app, &alice, NOW_MS, HOUR);
    let undated = hs256(&json!({"sub": "alice", "exp": 1_790_003_600}));
    let bobs = mint_user_sig(&world.app, &bob, NOW_MS, HOUR);
    let identity = authenticator.verify(&old, NOW_MS).unwrap();

    let revocation = Revocation::now(alice.clone(), NOW_MS);
    assert_eq!(revocation.before_ms, 1_790_000_001_000);
    revoke(world.folder.path(), &revocation).unwrap();
    assert_eq!(authenticator.refresh(), std::slice::from_ref(&revocation));
    assert_eq!(authenticator.refresh(), [], "it is told once");
    let in_the_same_second = mint_user_sig(&world.app, &alice, NOW_MS + 400, HOUR);
    let with_a_fraction = hs256(&json!({"sub": "alice", "exp": 1_790_003_600, "iat": 1_790_000_000.9}));
    for token in [&old, &undated, &in_the_same_second, &with_a_fraction] {
        assert_eq!(authenticator.verify(token, NOW_MS), refused(Reason::TokenRevoked), "{token}");
    }
    assert!(!authenticator.still_counts(&identity, NOW_MS));
    assert!(authenticator.verify(&bobs, NOW_MS).is_ok());

    let then = NOW_MS + revocation.over_in_ms(NOW_MS);
    assert_eq!(then, revocation.before_ms);
    let new = mint_user_sig(&world.app, &alice, then, HOUR);
    let new_jwt = hs256(&json!({"sub": "alice", "exp": 1_790_003_600, "iat": 1_790_000_001}));
    assert!(authenticator.verify(&new, then).is_ok() && authenticator.verify(&new_jwt, then).is_ok());
    assert_eq!(authenticator.verify(&undated, then), refused(Reason::TokenRevoked));
}

#[test]
fn revocations_of_a_shared_store_count_beside_those_of_the_folder() {
    let world = World::new();
    let authenticator = world.starts();
    let of = |name: &str, before_ms| Revocation { user: user(name), before_ms };
    let (alice, bob) = (of("alice", NOW_MS + 500), of("bob", NOW_MS + 500));
    revoke(world.folder.path(), &bob).unwrap();
    authenticator.refresh();
    assert_eq!(authenticator.learn(vec![alice.clone()], true), std::slice::from_ref(&alice));
    assert_eq!(authenticator.learn(vec![alice.clone()], false), [], "it is told once");
    assert_eq!(authenticator.learn(Vec::new(), false), [], "nothing was added lately");
    let accepts =
        |name| authenticator.verify(&mint_user_sig(&world.app, &user(name), NOW_MS, HOUR), NOW_MS).is_ok();
    assert_eq!((accepts("alice"), accepts("bob"), accepts("carol")), (false, false, true));
    authenticator.learn(Vec::new(), true);
    assert_eq!((accepts("alice"), accepts("bob")), (true, false), "its row was deleted");
}

#[test]
fn a_bad_line_does_not_hide_the_other_revocations() {
    let world = World::new();
    let lines = "# comment\n\nalice\nalice soon\nalice 1790000001\nalice 5\n";
    std::fs::write(world.path("revoked.txt"), lines).unwrap();
    let token = mint_user_sig(&world.app, &user("alice"), NOW_MS, HOUR);
    assert_eq!(world.verifies(&token), refused(Reason::TokenRevoked));
}

#[test]
fn a_changed_key_set_is_taken_over_and_a_broken_one_is_not() {
    let (mut world, vectors) = World::of_vectors();
    let issued_at_ms = vectors["jwtIssuedAt"].as_u64().unwrap() * 1000;
    let (rsa, ec) = (&vectors["jwks"]["keys"][0], &vectors["jwks"]["keys"][1]);
    let ec_token = vectors["jwts"][2]["jwt"].as_str().unwrap();
    world.has_jwks_file(&json!({"keys": [rsa]}));
    let authenticator = world.starts();
    assert_eq!(authenticator.verify(ec_token, issued_at_ms), refused(Reason::TokenWrongKey));
    world.has_jwks_file(&json!({"keys": [rsa, ec, {"kty": "new"}]}));
    authenticator.refresh();
    assert!(authenticator.verify(ec_token, issued_at_ms).is_ok());
    std::fs::write(world.path("jwks.json"), "half a fi").unwrap();
    authenticator.refresh();
    assert!(authenticator.verify(ec_token, issued_at_ms).is_ok());
}

/// Answers each request with the next of these bodies, on an address of its own.
fn identity_provider(bodies: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for body in bodies {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(stream.try_clone().unwrap()).lines();
            assert!(
                request.map_while(Result::ok).any(|line| line.is_empty()),
                "headers end with an empty line"
            );
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    url
}

/// The network takes the time it takes, so this asks until the answer is there, or ten seconds are over.
fn becomes_accepted(authenticator: &Authenticator, token: &str, now_ms: u64) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if authenticator.verify(token, now_ms).is_ok() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn a_key_set_is_fetched_at_the_start_and_again_for_an_unknown_key() {
    let (mut world, vectors) = World::of_vectors();
    let issued_at_ms = vectors["jwtIssuedAt"].as_u64().unwrap() * 1000;
    let (rsa, ec) = (&vectors["jwks"]["keys"][0], &vectors["jwks"]["keys"][1]);
    let (first, second) = (json!({"keys": [rsa]}), json!({"keys": [rsa, ec]}));
    world.auth.jwks_url = Some(identity_provider(vec![first.to_string(), second.to_string()]));
    let authenticator = world.starts();
    let token = |index: usize| vectors["jwts"][index]["jwt"].as_str().unwrap();
    assert!(becomes_accepted(&authenticator, token(1), issued_at_ms));
    assert!(becomes_accepted(&authenticator, token(2), issued_at_ms + 60_000));
}

#[test]
fn a_development_key_is_made_once_for_its_owner_alone() {
    let world = World::new();
    let data_dir = world.folder.path();
    let find = || AppKey::find(&world.auth, data_dir);
    assert!(AppKey::load(&world.auth, data_dir).is_err() && find().unwrap().is_none());
    let (made, origin) = AppKey::generate(data_dir).unwrap();
    let file = data_dir.join("app.key");
    assert_eq!(origin, KeyOrigin::Generated(file.clone()));
    assert_owner_only(&file);
    let (kept, origin) = find().unwrap().unwrap();
    assert_eq!(origin, KeyOrigin::Kept(file.clone()));
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim().len(), 64);

    let token = mint_user_sig(&App { sdk_app_id: 1, key: made }, &user("alice"), NOW_MS, HOUR);
    let server = World { app: App { sdk_app_id: 1, key: kept }, ..World::new() };
    assert!(server.verifies(&token).is_ok());

    for open in [0o644, 0o640, 0o620] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(open)).unwrap();
        let error = find().unwrap_err().to_string();
        assert!(error.contains(&format!("mode {open:o}")) && error.contains("chmod 600"), "{error}");
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(find().unwrap().is_some());

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&file, "").unwrap();
    let error = find().unwrap_err().to_string();
    assert!(error.contains("app.key") && error.contains("delete"), "{error}");
}

fn assert_owner_only(file: &Path) {
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_small_token_that_inflates_to_much_is_refused() {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&vec![b' '; 5_000_000]).unwrap();
    let compressed = zlib.finish().unwrap();
    let token = base64::prelude::BASE64_STANDARD.encode(compressed);
    let token = token.replace('+', "*").replace('/', "-").replace('=', "_");
    assert!(token.len() < 8 * 1024);
    assert_eq!(World::new().verifies(&token), refused(Reason::TokenMalformed));
}

proptest! {
    #[test]
    fn a_cut_token_is_refused(cut in any::<Index>(), jwt in any::<bool>()) {
        let world = World::new();
        let token = if jwt {
            mint_jwt(&world.auth, &world.app, &user("alice"), NOW_MS, HOUR)
        } else {
            // Without the padding, which may be missing.
            mint_user_sig(&world.app, &user("alice"), NOW_MS, HOUR).trim_end_matches('_').to_owned()
        };
        prop_assert!(world.verifies(&token[..cut.index(token.len())]).is_err());
    }

    #[test]
    fn a_changed_character_never_changes_the_user(at in any::<Index>(), to in "[!-~]", jwt in any::<bool>()) {
        let world = World::new();
        let alice = user("alice");
        let mut token = if jwt {
            mint_jwt(&world.auth, &world.app, &alice, NOW_MS, HOUR)
        } else {
            mint_user_sig(&world.app, &alice, NOW_MS, HOUR)
        };
        let at = at.index(token.len());
        token.replace_range(at..=at, &to);
        // It may still be accepted: some bits of base64 and zlib mean nothing.
        prop_assert!(world.verifies(&token).is_ok_and(|identity| identity.user == alice) || world.verifies(&token).is_err());
    }

    #[test]
    fn garbage_is_refused_without_panic(token in "\\PC{0,300}") {
        prop_assert!(World::new().verifies(&token).is_err());
    }

    #[test]
    fn garbage_that_looks_like_a_token_is_refused_without_panic(token in "[A-Za-z0-9*_.-]{0,300}") {
        prop_assert!(World::new().verifies(&token).is_err());
    }

    #[test]
    fn any_document_in_the_right_wrapping_is_refused_without_panic(json in "\\PC{0,200}") {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(json.as_bytes()).unwrap();
        let token = base64::prelude::BASE64_STANDARD.encode(zlib.finish().unwrap());
        let token = token.replace('+', "*").replace('/', "-").replace('=', "_");
        prop_assert_eq!(World::new().verifies(&token), refused(Reason::TokenMalformed));
    }
}
