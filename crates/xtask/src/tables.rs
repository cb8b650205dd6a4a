//! The protocol's closed lists, as JSON for programs and as tables for `docs/protocol.md`.

use serde_json::{Value, json};
use wigwag_protocol::{CloseCode, Method, Reason};

use crate::contract::refusals;
use crate::source_docs;

/// The reasons' names on the wire.
pub(crate) fn names(reasons: &[Reason]) -> Vec<&'static str> {
    reasons.iter().map(|reason| reason.as_str()).collect()
}

/// `spec/errors.json`, in the order of the documentation.
pub(crate) fn errors() -> Value {
    Reason::ALL
        .iter()
        .map(|reason| {
            json!({
                "reason": reason.as_str(),
                "code": reason.code(),
                "retryable": reason.retryable(),
                "message": reason.message(),
            })
        })
        .collect()
}

/// `spec/close-codes.json`, in numeric order.
pub(crate) fn close_codes() -> Value {
    let sentences = source_docs::of_close_codes();
    CloseCode::ALL
        .iter()
        .map(|&code| {
            json!({
                "code": code.number(),
                "reason": code.reason(),
                "reconnect": CloseCode::may_reconnect(code.number()),
                "description": sentences.get(&format!("{code:?}")),
            })
        })
        .collect()
}

/// The table of errors for the documentation.
pub(crate) fn errors_table() -> String {
    let mut table = String::from("| code | reason | retryable | message |\n|---:|---|---|---|\n");
    for reason in Reason::ALL {
        let retryable = yes_no(reason.retryable());
        row(&mut table, &[&reason.code().to_string(), &code(reason.as_str()), retryable, reason.message()]);
    }
    table
}

/// The table of close codes for the documentation.
pub(crate) fn close_codes_table() -> String {
    let sentences = source_docs::of_close_codes();
    let mut table =
        String::from("| code | reason text | reconnect by yourself | meaning |\n|---:|---|---|---|\n");
    for close in CloseCode::ALL {
        let number = close.number();
        let meaning = sentences.get(&format!("{close:?}")).map_or("", String::as_str);
        let reconnect = yes_no(CloseCode::may_reconnect(number));
        row(&mut table, &[&number.to_string(), close.reason(), reconnect, meaning]);
    }
    table
}

/// The table of methods for the documentation.
pub(crate) fn methods_table() -> String {
    let sentences = source_docs::of_methods();
    let mut table = String::from("| method | what it does | refused with |\n|---|---|---|\n");
    for method in Method::ALL {
        let sentence = sentences.get(&format!("{method:?}")).map_or("", String::as_str);
        let own: Vec<String> = names(refusals(*method)).into_iter().map(code).collect();
        row(&mut table, &[&code(method.as_str()), sentence, &own.join(", ")]);
    }
    table
}

/// Reasons in a row, for a sentence.
pub(crate) fn reasons_line(reasons: &[Reason]) -> String {
    let quoted: Vec<String> = names(reasons).into_iter().map(code).collect();
    quoted.join(", ")
}

fn row(table: &mut String, cells: &[&str]) {
    table.push_str("| ");
    table.push_str(&cells.join(" | "));
    table.push_str(" |\n");
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
