//! Access tokens, by <https://docs.livekit.io/home/get-started/authentication>: JWTs, HS256, signed with an API secret.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use wigwag_protocol::group::Profile;

use crate::auth::use_ring_for_jwts;
use crate::config::LivekitAccount;
use crate::media::Guest;

/// How far LiveKit's clock and ours may differ, s.
const LEEWAY_S: u64 = 60;

/// Most bytes of metadata with a user's `ext`. Clients put the token into the address that they connect to, which proxies bound at 8 KiB.
const MOST_METADATA: usize = 3 * 1024;

/// Makes tokens, and judges those that LiveKit makes.
pub(super) struct Signer {
    key: String,
    secret: EncodingKey,
    proof: DecodingKey,
    expected: Validation,
}

impl Signer {
    pub(super) fn new(account: &LivekitAccount) -> Self {
        use_ring_for_jwts();
        let secret = account.secret.expose().as_bytes();
        Self {
            key: account.key.clone(),
            secret: EncodingKey::from_secret(secret),
            proof: DecodingKey::from_secret(secret),
            expected: expected(&account.key),
        }
    }

    /// Lets `guest` into their room, to speak, hear and send data; nothing else.
    pub(super) fn for_guest(&self, guest: &Guest<'_>, now_s: u64, until_s: u64) -> String {
        self.sign(&Claims {
            iss: &self.key,
            sub: guest.profile.user_id.as_str(),
            nbf: now_s.saturating_sub(LEEWAY_S),
            exp: until_s,
            name: &guest.profile.nickname,
            metadata: &metadata(guest.profile),
            video: Grants {
                room: guest.room_id,
                room_join: true,
                can_publish: true,
                can_subscribe: true,
                can_publish_data: true,
            },
        })
    }

    /// Lets this server ask who is in `room`.
    pub(super) fn for_room_api(&self, room: &str, now_s: u64, until_s: u64) -> String {
        self.sign(&ApiClaims {
            iss: &self.key,
            nbf: now_s.saturating_sub(LEEWAY_S),
            exp: until_s,
            video: ApiGrants { room, room_admin: true },
        })
    }

    /// The hash of a webhook's body, from the token it came with; `None` when LiveKit did not make that, or it does not count at
    /// `now_s`.
    pub(super) fn body_hash(&self, token: &str, now_s: u64) -> Option<String> {
        let claims = decode::<WebhookClaims>(token, &self.proof, &self.expected).ok()?.claims;
        let counts =
            claims.nbf <= now_s.saturating_add(LEEWAY_S) && now_s < claims.exp.saturating_add(LEEWAY_S);
        counts.then_some(claims.sha256)
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> String {
        encode(&Header::new(Algorithm::HS256), claims, &self.secret)
            .expect("texts and numbers can always be signed")
    }
}

/// Times are checked by us, against the time that is passed in.
fn expected(key: &str) -> Validation {
    let mut expected =
        Validation { validate_exp: false, validate_aud: false, ..Validation::new(Algorithm::HS256) };
    expected.set_issuer(&[key]);
    expected.set_required_spec_claims(&["iss", "exp"]);
    expected
}

#[derive(Deserialize)]
struct WebhookClaims {
    exp: u64,
    #[serde(default)]
    nbf: u64,
    sha256: String,
}

#[derive(Serialize)]
struct ApiClaims<'a> {
    iss: &'a str,
    nbf: u64,
    exp: u64,
    video: ApiGrants<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiGrants<'a> {
    room: &'a str,
    room_admin: bool,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// The participant's identity. OpenIM's apps look users up by it.
    sub: &'a str,
    nbf: u64,
    exp: u64,
    name: &'a str,
    metadata: &'a str,
    video: Grants<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grants<'a> {
    room: &'a str,
    room_join: bool,
    can_publish: bool,
    can_subscribe: bool,
    can_publish_data: bool,
}

/// The profile as OpenIM's apps read it from a participant's metadata, with empty texts left out as there.
fn metadata(profile: &Profile) -> String {
    let with_ext = written(profile, &profile.ext);
    if with_ext.len() <= MOST_METADATA { with_ext } else { written(profile, "") }
}

fn written(profile: &Profile, ex: &str) -> String {
    let user = Shown {
        user_id: profile.user_id.as_str(),
        nickname: &profile.nickname,
        face_url: &profile.face_url,
        ex,
    };
    let participant = Participant { user, group: Nothing {}, member: Nothing {} };
    serde_json::to_string(&participant).expect("texts can always be written")
}

#[derive(Serialize)]
struct Participant<'a> {
    #[serde(rename = "userInfo")]
    user: Shown<'a>,
    #[serde(rename = "groupInfo")]
    group: Nothing,
    #[serde(rename = "groupMemberInfo")]
    member: Nothing,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(rename = "userID")]
    user_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    nickname: &'a str,
    #[serde(rename = "faceURL", skip_serializing_if = "str::is_empty")]
    face_url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    ex: &'a str,
}

/// `{}`: which group it is, is said by the call's events.
#[derive(Serialize)]
struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::{Value, json};
    use wigwag_protocol::UserId;

    const SECRET: &str = "a secret that only these tests know";

    fn account() -> LivekitAccount {
        let config = format!(
            "[calls]\nprovider = \"livekit\"\n[calls.livekit]\nurl = \"wss://l.example\"\nkey = \"APIkey\"\nsecret = \"{SECRET}\""
        );
        crate::config::parse(&config).unwrap().calls.livekit.account().unwrap()
    }

    fn profile(ext: &str) -> Profile {
        Profile {
            user_id: UserId::parse("alice").unwrap(),
            nickname: "Alice \"A\"".to_owned(),
            face_url: "https://f.example/a.png".to_owned(),
            ext: ext.to_owned(),
        }
    }

    #[test]
    fn a_token_lets_one_user_into_one_room() {
        let guest = Guest { profile: &profile("x"), room_id: "r 1", ring_ms: 0 };
        let token = Signer::new(&account()).for_guest(&guest, 1_700_000_000, 4_000_000_000);
        let claims = decode::<Value>(
            &token,
            &DecodingKey::from_secret(SECRET.as_bytes()),
            &Validation::new(Algorithm::HS256),
        );
        let metadata = json!({
            "userInfo": { "userID": "alice", "nickname": "Alice \"A\"", "faceURL": "https://f.example/a.png", "ex": "x" },
            "groupInfo": {}, "groupMemberInfo": {},
        });
        let claims = claims.unwrap().claims;
        assert_eq!(serde_json::from_str::<Value>(claims["metadata"].as_str().unwrap()).unwrap(), metadata);
        let expected = json!({
            "iss": "APIkey", "sub": "alice", "nbf": 1_699_999_940, "exp": 4_000_000_000_u64, "name": "Alice \"A\"",
            "metadata": claims["metadata"],
            "video": { "room": "r 1", "roomJoin": true, "canPublish": true, "canSubscribe": true, "canPublishData": true },
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_webhook_counts_with_livekits_signature_until_its_token_expires() {
        let signer = Signer::new(&account());
        let claims = json!({ "iss": "APIkey", "nbf": 1_000_000, "exp": 1_000_300, "sha256": "h" });
        let token = signer.sign(&claims);
        let at = |now_s| signer.body_hash(&token, now_s);
        assert_eq!(at(1_000_000 - LEEWAY_S), Some("h".to_owned()));
        assert_eq!(at(1_000_000 - LEEWAY_S - 1), None, "not yet");
        assert_eq!(at(1_000_299 + LEEWAY_S), Some("h".to_owned()));
        assert_eq!(at(1_000_300 + LEEWAY_S), None, "no more");
        for (claim, other) in [("iss", json!("other")), ("exp", json!(null)), ("sha256", json!(null))] {
            let mut claims = claims.clone();
            claims[claim] = other;
            assert_eq!(signer.body_hash(&signer.sign(&claims), 1_000_000), None, "{claim}");
        }
        let forger = Signer { secret: EncodingKey::from_secret(b"another"), ..Signer::new(&account()) };
        assert_eq!(signer.body_hash(&forger.sign(&claims), 1_000_000), None);
        assert_eq!(signer.body_hash("", 1_000_000), None);
    }

    #[test]
    fn empty_texts_are_left_out() {
        let nobody = Profile { nickname: String::new(), face_url: String::new(), ..profile("") };
        assert_eq!(
            metadata(&nobody),
            r#"{"userInfo":{"userID":"alice"},"groupInfo":{},"groupMemberInfo":{}}"#
        );
    }

    #[test]
    fn an_ext_that_would_make_the_address_too_long_is_left_out() {
        let room = MOST_METADATA - metadata(&profile("x")).len() + 1;
        assert_eq!(metadata(&profile(&"x".repeat(room))).len(), MOST_METADATA);
        assert_eq!(metadata(&profile(&"x".repeat(room + 1))), metadata(&profile("")));
    }
}
