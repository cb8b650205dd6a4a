//! A request, read: its parameters, its query and its body as the operation has them, or the problem with them.

use std::sync::Arc;

use axum::extract::RawPathParams;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wigwag_protocol::Reason;
use wigwag_protocol::rest::{Operation, Problem, ProblemReason};

use crate::auth::ApiKey;
use crate::store::Once;

/// What a back end asks.
pub(super) struct Asked<O: Operation> {
    pub(super) params: O::Params,
    pub(super) query: O::Query,
    pub(super) body: O::Body,
    /// The key that it shows.
    pub(super) key: Arc<ApiKey>,
    /// The idempotency key, if the request has one.
    pub(super) once: Option<Once>,
}

impl<O: Operation> Asked<O> {
    /// The key of one of the commands that this request is made of. No back end can choose it, because it has a space; and no other
    /// request that had the same key once, and is forgotten, has the same fingerprint.
    pub(super) fn once_for(&self, part: usize) -> Option<Once> {
        let once = self.once.as_ref()?;
        let request = BASE64_URL_SAFE_NO_PAD.encode(once.fingerprint);
        Some(Once { key: format!("{} {part} {request}", once.key).into(), ..once.clone() })
    }
}

/// The parameters in the path.
pub(super) fn params<T: DeserializeOwned>(raw: &RawPathParams) -> Result<T, Box<Problem>> {
    let fields = raw.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    read(Value::Object(fields.collect()))
}

/// The parameters in the query.
pub(super) fn query<T: DeserializeOwned>(raw: &str) -> Result<T, Box<Problem>> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(raw.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| invalid(&error))
}

/// The body. One that may be empty is read as an empty object then.
pub(super) fn body<T: DeserializeOwned + Serialize>(
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<T, Box<Problem>> {
    if bytes.is_empty() {
        return read(Value::Object(Map::new()));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(ProblemReason::WrongMediaType.problem());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        if error.inner().is_data() {
            return invalid(&error);
        }
        let words = format!("the body is not valid JSON: {}", error.inner());
        Box::<Problem>::from(Reason::MalformedJson.error()).saying(words)
    })?;
    deserializer.end().map_err(|error| {
        let words = format!("the body is not one JSON value: {error}");
        Box::<Problem>::from(Reason::MalformedJson.error()).saying(words)
    })?;
    check_objects(bytes, &value)?;
    Ok(value)
}

/// Refuses lists where the schema has objects: serde takes the fields of a struct from a list as well, in their order.
fn check_objects(bytes: &[u8], value: &impl Serialize) -> Result<(), Box<Problem>> {
    if !bytes.contains(&b'[') {
        return Ok(());
    }
    let given = serde_json::from_slice(bytes);
    let (Ok(given), Ok(read)) = (given, serde_json::to_value(value)) else {
        return Err(Reason::InvalidParams.error().into());
    };
    match list_for_object(&given, &read, "") {
        None => Ok(()),
        Some(path) if path.is_empty() => {
            Err(Box::<Problem>::from(Reason::InvalidParams.error()).saying("the body must be an object"))
        }
        Some(path) => Err(Problem::invalid(&path, format!("{path}: must be an object"))),
    }
}

/// Where `given` has a list and what was read of it is an object.
fn list_for_object(given: &Value, read: &Value, path: &str) -> Option<String> {
    match (given, read) {
        (Value::Array(_), Value::Object(_)) => Some(path.to_owned()),
        (Value::Object(given), Value::Object(read)) => given.iter().find_map(|(name, value)| {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            list_for_object(value, read.get(name)?, &below)
        }),
        (Value::Array(given), Value::Array(read)) => {
            let mut pairs = given.iter().zip(read).enumerate();
            pairs.find_map(|(place, (given, read))| list_for_object(given, read, &format!("{path}[{place}]")))
        }
        (_, _) => None,
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Box<Problem>> {
    serde_path_to_error::deserialize(value).map_err(|error| invalid(&error))
}

fn invalid<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Box<Problem> {
    let path = error.path().to_string();
    let words = error.inner().to_string();
    if path == "." {
        return Box::<Problem>::from(Reason::InvalidParams.error()).saying(words);
    }
    Problem::invalid(&path, format!("{path}: {words}"))
}

/// Refuses a list that is empty or longer than `most`.
pub(super) fn check_count(field: &str, count: usize, most: usize) -> Result<(), Box<Problem>> {
    if (1..=most).contains(&count) {
        return Ok(());
    }
    Err(Problem::invalid(field, format!("{field}: must have 1 to {most} entries")))
}

/// The number of rows of a page.
pub(super) fn page_limit(given: Option<u32>, usual: u32, most: u32) -> Result<usize, Box<Problem>> {
    let limit = given.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Err(Problem::invalid("limit", format!("limit: must be 1 to {most}")))
}

/// The name under which the request's idempotency key is kept.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<Arc<str>>, Box<Problem>> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| is_key(text) && values.next().is_none());
    text.map(|text| Some(text.into())).ok_or_else(|| ProblemReason::IdempotencyKeyMalformed.problem())
}

fn is_key(text: &str) -> bool {
    (1..=wigwag_protocol::rest::IDEMPOTENCY_KEY_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use wigwag_protocol::rest::block::BlockedPage;
    use wigwag_protocol::rest::user::{ImportUsers, UserWish};

    use super::*;

    fn json() -> HeaderMap {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        HeaderMap::from_iter([(CONTENT_TYPE, kind)])
    }

    #[test]
    fn what_breaks_the_schema_is_named_by_its_path() {
        let import = br#"{"users": [{"userID": "alice"}, {"userID": "bob", "nickname": 7}]}"#;
        let problem = body::<ImportUsers>(&json(), import).unwrap_err();
        assert_eq!((problem.status, problem.field.as_deref()), (422, Some("users[1].nickname")));
        let problem = body::<UserWish>(&json(), br#"{"nickName": "A"}"#).unwrap_err();
        assert_eq!((problem.status, problem.field.as_deref()), (422, Some("nickName")));
        let problem = query::<BlockedPage>("limit=many").unwrap_err();
        assert_eq!((problem.status, problem.field.as_deref()), (422, Some("limit")));
        assert_eq!(query::<BlockedPage>("limit=7&after=bob").unwrap().limit, Some(7));
    }

    #[test]
    fn a_list_is_no_object() {
        for (text, path) in [("[]", None), (r#"["A"]"#, None), (r#"{"reach": ["known"]}"#, Some("reach"))] {
            let problem = body::<UserWish>(&json(), text.as_bytes()).unwrap_err();
            assert_eq!((problem.status, problem.field.as_deref()), (422, path), "{text}");
        }
        let problem = body::<ImportUsers>(&json(), br#"{"users": [{"userID": "a"}, ["b"]]}"#).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("users[1]"));
        assert!(body::<ImportUsers>(&json(), br#"{"users": [{"userID": "a"}]}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_told_apart() {
        for text in ["{", "{} {}", "{\"ext\": ", "\u{1}"] {
            assert_eq!(body::<UserWish>(&json(), text.as_bytes()).unwrap_err().status, 400, "{text}");
        }
        assert_eq!(body::<UserWish>(&HeaderMap::new(), b"{}").unwrap_err().status, 415);
        assert_eq!(body::<UserWish>(&HeaderMap::new(), b"").unwrap(), UserWish::default());
    }

    #[test]
    fn an_idempotency_key_is_visible_ascii_and_bounded() {
        let with = |text: &str| {
            let value = HeaderValue::from_bytes(text.as_bytes()).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert("idempotency-key", value);
            idempotency_key(&headers)
        };
        assert_eq!(with(&"k".repeat(128)).unwrap().as_deref().map(str::len), Some(128));
        for text in ["", "two words", "é", &"k".repeat(129)] {
            assert_eq!(with(text).unwrap_err().status, 422, "{text}");
        }
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
    }
}
