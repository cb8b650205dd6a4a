//! The protocol's closed lists as TypeScript: methods, reasons, close codes.

use serde_json::Value;
use wigwag_protocol::{CloseCode, Method, Reason};

use super::schema::{choices, comment, is_required, kind, sorted, type_of};
use crate::contract::refusals;
use crate::definitions::{Definitions, MethodSchemas};
use crate::source_docs;
use crate::tables::names;

/// What each method takes and gives, for the compiler and for checks at run time.
pub(super) fn methods(all: &Definitions) -> String {
    format!("{}\n{}", method_map(all), shapes(all))
}

/// Reasons and close codes.
pub(super) fn errors() -> String {
    format!("{}\n{}", reasons(), close_codes())
}

fn method_map(all: &Definitions) -> String {
    let sentences = source_docs::of_methods();
    let mut text = String::from("/** What each method takes and gives. */\nexport interface Methods {\n");
    for MethodSchemas { method, params, result } in &all.methods {
        let sentence = sentences.get(&format!("{method:?}")).map_or("", String::as_str);
        text += &comment(&(sentence.to_owned() + &refused(*method)), "  ");
        text.extend([format!(
            "  \"{}\": {{ params: {}; result: {} }};\n",
            method.as_str(),
            type_of(params),
            type_of(result)
        )]);
    }
    text + "}\n\n/** The name of a method. */\nexport type Method = keyof Methods;\n"
}

fn refused(method: Method) -> String {
    let reasons: Vec<String> = names(refusals(method)).into_iter().map(|name| format!("`{name}`")).collect();
    if reasons.is_empty() { String::new() } else { format!(" Refused with {}.", reasons.join(", ")) }
}

/// The kinds of the params' fields, for checks before anything is sent. As one text each, because every app downloads them.
fn shapes(all: &Definitions) -> String {
    let mut text = String::from(
        "/**\n * The parameters of each method, with their kinds after a colon: `integer`, `boolean`, `object`, `string[]` or the values \
         allowed with `|`\n * between; a `string` has none. `?` at the end of what may be left out. Lists of objects are\n * not among them: the server judges what is in them.\n */\nexport const PARAM_KINDS = {\n",
    );
    for MethodSchemas { method, params, .. } in &all.methods {
        let schema = all.all.get(&type_of(params)).unwrap_or(&Value::Null);
        let fields = schema.get("properties").and_then(Value::as_object);
        let fields = fields.map(sorted).into_iter().flatten().filter(|(_, of)| !lists_objects(all, of));
        let fields = fields.map(|(name, of)| {
            let kind = kind_of(all, of);
            let kind = if kind == "string" { String::new() } else { format!(":{kind}") };
            let mark = if is_required(schema, name) { "" } else { "?" };
            format!("{name}{kind}{mark}")
        });
        let fields: Vec<String> = fields.collect();
        text.extend([format!("  \"{}\": \"{}\",\n", method.as_str(), fields.join(" "))]);
    }
    text + "} as const satisfies Record<Method, string>;\n"
}

fn lists_objects(all: &Definitions, schema: &Value) -> bool {
    let items = schema.get("items").filter(|_| kind(schema) == Some("array"));
    items.is_some_and(|items| kind_of(all, items) == "object")
}

fn kind_of(all: &Definitions, schema: &Value) -> String {
    if let Some(choices) = choices(schema) {
        let values: Vec<&str> = choices.iter().filter_map(|choice| choice.get("const")?.as_str()).collect();
        return values.join("|");
    }
    let name = type_of(schema);
    match (all.all.get(&name), kind(schema)) {
        (Some(definition), _) => kind_of(all, definition),
        (None, Some("array")) => "string[]".to_owned(),
        (None, Some(kind)) => kind.to_owned(),
        (None, None) => "object".to_owned(),
    }
}

fn reasons() -> String {
    let mut text = String::from(
        "/** Why the server refuses a request: the number that the field knows, and whether the same request can succeed later. */\n\
         export const REASONS = {\n",
    );
    for reason in Reason::ALL {
        text += &comment(&sentence(reason.message()), "  ");
        text.extend([format!(
            "  {}: {{ code: {}, retryable: {} }},\n",
            reason.as_str(),
            reason.code(),
            reason.retryable()
        )]);
    }
    text + "} as const;\n\n/** A reason that the server gives. */\nexport type Reason = keyof typeof REASONS;\n"
}

fn close_codes() -> String {
    let sentences = source_docs::of_close_codes();
    let mut text = String::from(
        "/** Why the server closed a session. From 4500 to 4999: something has to change before the next one. */\nexport const CLOSE_CODES = {\n",
    );
    for code in CloseCode::ALL {
        let name = format!("{code:?}");
        text += &comment(sentences.get(&name).map_or("", String::as_str), "  ");
        text.extend([format!("  {}: {},\n", lower_first(&name), code.number())]);
    }
    text + "} as const;\n"
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str() + "."
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;

    use super::*;
    use crate::definitions::collect;

    #[test]
    fn the_kinds_of_parameters_are_told() {
        let text = methods(&collect(&SchemaSettings::draft2020_12()));
        let invite =
            text.lines().find(|line| line.starts_with("  \"signaling.inviteInGroup\": \"call")).unwrap();
        for kind in [
            " groupID ",
            " inviteeList:string[] ",
            " notify:members|parties? ",
            " timeout:integer?",
            " offlinePushInfo:object? ",
        ] {
            assert!(invite.contains(kind), "{kind} in {invite}");
        }
        assert!(text.contains("  \"session.close\": \"\",\n"));
    }

    #[test]
    fn reasons_and_close_codes_are_complete() {
        let text = errors();
        assert!(text.contains("  inviteIDTaken: { code: 8012, retryable: false },\n"));
        assert!(text.contains("  resumeElsewhere: 4001,\n"));
    }
}
