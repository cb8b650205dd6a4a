//! What an answer means: `{"allow": true}`, perhaps with `offlinePushInfo` or `leftOut`, or `{"allow": false}`, perhaps with `code` and `message`.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use wigwag_protocol::{UserId, free_json};
use wigwag_session::refused::HookRefusal;

use crate::store::Grant;
use crate::webhooks::form::Form;
use crate::webhooks::sender::Answer;

/// The numbers that Tencent leaves to back ends of apps, so no client takes one for something else.
const CODES: std::ops::RangeInclusive<i64> = 120_001..=130_000;
/// Longest words, bytes: a line that an app may show.
const WORDS_BYTES: usize = 256;

/// What a back end says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may be done so.
    Allowed(Grant),
    /// It may not.
    Refused(HookRefusal),
    /// Nothing that can be understood. Words for the log, without anything that it said.
    Silent(String),
}

impl Verdict {
    /// For figures.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Allowed(_) => "allowed",
            Self::Refused(_) => "refused",
            Self::Silent(_) => "unanswered",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    allow: bool,
    code: Option<Value>,
    message: Option<Value>,
    offline_push_info: Option<Box<RawValue>>,
    left_out: Option<Vec<UserId>>,
}

/// Reads an answer in this form.
pub(super) fn read(answer: &Answer, form: &Form, push_bytes: usize) -> Verdict {
    if !(200..300).contains(&answer.status) {
        return Verdict::Silent(format!("it answers with status {}", answer.status));
    }
    match form {
        Form::Standard(_) => standard(answer, push_bytes),
        Form::Tencent(_) => tencent(answer),
    }
}

/// What Tencent's back ends answer to a callback.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CalledBack {
    error_code: i64,
    error_info: Option<Value>,
    #[serde(rename = "RefusedMembers_Account", default)]
    refused: Vec<UserId>,
}

/// 0 allows. Anything else refuses, also 2, with which theirs lets the sender believe that it was sent: nothing is confirmed here that was
/// not done.
fn tencent(answer: &Answer) -> Verdict {
    let Ok(said) = serde_json::from_slice::<CalledBack>(&answer.body) else {
        return Verdict::Silent(
            "its answer is no JSON object with the number ErrorCode and readable RefusedMembers_Account, or too long".to_owned(),
        );
    };
    match said.error_code {
        0 => Verdict::Allowed(Grant { push_info: None, left_out: said.refused }),
        code => Verdict::Refused(refusal(Some(code), said.error_info.as_ref())),
    }
}

/// A refusal counts whatever else is in it; a permission only when all of it can be carried out.
fn standard(answer: &Answer, push_bytes: usize) -> Verdict {
    let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
        return Verdict::Silent(
            "its answer is no JSON object with the boolean allow and a readable leftOut, or too long"
                .to_owned(),
        );
    };
    if !said.allow {
        return Verdict::Refused(refusal(said.code.as_ref().and_then(Value::as_i64), said.message.as_ref()));
    }
    let left_out = said.left_out.unwrap_or_default();
    match said.offline_push_info.map(free_json::object).transpose() {
        Ok(None) => Verdict::Allowed(Grant { push_info: None, left_out }),
        Ok(Some(info)) if info.get().len() <= push_bytes => {
            Verdict::Allowed(Grant { push_info: Some(info.get().to_owned()), left_out })
        }
        Ok(Some(_)) => Verdict::Silent(format!("its offlinePushInfo has more than {push_bytes} bytes")),
        // What is wrong with it may quote it.
        Err(_) => Verdict::Silent("its offlinePushInfo is no object that can be passed on".to_owned()),
    }
}

fn refusal(code: Option<i64>, words: Option<&Value>) -> HookRefusal {
    let code = code.filter(|code| CODES.contains(code));
    let words = words.and_then(Value::as_str).map(shortened).filter(|words| !words.is_empty());
    HookRefusal { code: code.and_then(|code| i32::try_from(code).ok()), words }
}

/// As much as fits, without what would break a line.
fn shortened(words: &str) -> String {
    let mut short = String::new();
    for letter in words.chars().filter(|letter| !letter.is_control()) {
        if short.len() + letter.len_utf8() > WORDS_BYTES {
            break;
        }
        short.push(letter);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::form::Caller;

    fn said(body: &str) -> Verdict {
        read(&answer(body), &Form::Standard(Vec::new()), 64)
    }

    fn called_back(body: &str) -> Verdict {
        let caller = Caller { sdk_app_id: 1, token: "t0ken".to_owned() };
        read(&answer(body), &Form::Tencent(caller), 64)
    }

    fn answer(body: &str) -> Answer {
        Answer { status: 200, retry_after: None, body: body.as_bytes().to_vec() }
    }

    fn allowed(push_info: Option<&str>, left_out: &[&str]) -> Verdict {
        let left_out = left_out.iter().map(|name| UserId::parse(name).unwrap()).collect();
        Verdict::Allowed(Grant { push_info: push_info.map(str::to_owned), left_out })
    }

    fn refused(code: Option<i32>, words: Option<&str>) -> Verdict {
        Verdict::Refused(HookRefusal { code, words: words.map(str::to_owned) })
    }

    #[test]
    fn an_answer_allows_or_refuses() {
        assert_eq!(said(r#"{"allow":true}"#), allowed(None, &[]));
        assert_eq!(said(r#"{"allow":true,"offlinePushInfo":null,"more":1}"#), allowed(None, &[]));
        assert_eq!(said(r#"{"allow":true,"leftOut":["bob"]}"#), allowed(None, &["bob"]));
        let replaced = allowed(Some(r#"{"title":"Taxi"}"#), &[]);
        assert_eq!(said(r#"{"allow":true,"offlinePushInfo":{"title":"Taxi"}}"#), replaced);
        assert_eq!(said(r#"{"allow":false}"#), refused(None, None));
        let answer = r#"{"allow":false,"code":120001,"message":"no credit"}"#;
        assert_eq!(said(answer), refused(Some(120_001), Some("no credit")));
    }

    #[test]
    fn a_back_end_of_tencents_allows_with_zero() {
        assert_eq!(called_back(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#), allowed(None, &[]));
        let some = r#"{"ErrorCode":0,"RefusedMembers_Account":["bob","carol"]}"#;
        assert_eq!(called_back(some), allowed(None, &["bob", "carol"]));
        for (code, kept) in [(1, None), (2, None), (120_000, None), (120_001, Some(120_001)), (-1, None)] {
            let body =
                format!(r#"{{"ActionStatus":"OK","ErrorCode":{code},"ErrorInfo":"no credit","MsgBody":[]}}"#);
            assert_eq!(called_back(&body), refused(kept, Some("no credit")), "{code}");
        }
        for body in ["", "{}", r#"{"allow":true}"#, r#"{"ErrorCode":"0"}"#, r#"{"ErrorCode":0"#] {
            assert!(matches!(called_back(body), Verdict::Silent(_)), "{body}");
        }
    }

    #[test]
    fn a_refusal_counts_whatever_else_is_wrong() {
        for code in ["120000", "130001", "70001", "-1", "120001.5", "\"120001\"", "99999999999999"] {
            assert_eq!(said(&format!(r#"{{"allow":false,"code":{code}}}"#)), refused(None, None), "{code}");
        }
        assert_eq!(said(r#"{"allow":false,"code":130000,"message":7}"#), refused(Some(130_000), None));
        assert_eq!(
            said(r#"{"allow":false,"offlinePushInfo":7,"message":"a\u0000\nb"}"#),
            refused(None, Some("ab"))
        );
        // 255 bytes, and then one of three.
        let long = format!("{}€", "x".repeat(255));
        let answer = serde_json::json!({"allow": false, "message": long}).to_string();
        assert_eq!(said(&answer), refused(None, Some(&"x".repeat(255))));
    }

    #[test]
    fn what_cannot_be_carried_out_is_no_permission() {
        for body in ["", "true", "{}", r#"{"allow":"yes"}"#, r#"{"allow":null}"#, r#"{"allow":true"#] {
            assert!(matches!(said(body), Verdict::Silent(_)), "{body}");
        }
        for info in ["7", "[]", r#"{"a":1,"a":2}"#, &format!("{{\"a\":\"{}\"}}", "x".repeat(57))] {
            let body = format!(r#"{{"allow":true,"offlinePushInfo":{info}}}"#);
            assert!(matches!(said(&body), Verdict::Silent(_)), "{body}");
        }
        let longest = format!("{{\"a\":\"{}\"}}", "x".repeat(56));
        let body = format!(r#"{{"allow":true,"offlinePushInfo":{longest}}}"#);
        assert_eq!(said(&body), allowed(Some(&longest), &[]));
        for wrong in [r#""bob""#, r#"["no name"]"#, "[7]"] {
            let body = format!(r#"{{"allow":true,"leftOut":{wrong}}}"#);
            assert!(matches!(said(&body), Verdict::Silent(_)), "{body}");
            let body = format!(r#"{{"ErrorCode":0,"RefusedMembers_Account":{wrong}}}"#);
            assert!(matches!(called_back(&body), Verdict::Silent(_)), "{body}");
        }
        for status in [199, 302, 403, 500] {
            let answer = Answer { status, retry_after: None, body: br#"{"allow":true}"#.to_vec() };
            assert!(matches!(read(&answer, &Form::Standard(Vec::new()), 64), Verdict::Silent(_)), "{status}");
        }
    }
}
