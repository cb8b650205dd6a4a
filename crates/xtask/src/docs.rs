//! Generated parts of hand-written pages, between `<!-- generated: NAME -->` and `<!-- end -->`.

use crate::contract::{EVERY_CHANGE, EVERY_FRAME, EVERY_REQUEST};
use crate::tables;

const END: &str = "<!-- end -->";

/// `page` with every generated part replaced by what the code says now.
pub(crate) fn refreshed(page: &str) -> Result<String, String> {
    let mut fresh = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let (name, after) = after.split_once(" -->\n").ok_or("a generated part has no name")?;
        let (_, after) =
            after.split_once(END).ok_or_else(|| format!("the generated part {name} has no end"))?;
        let part = part(name)?;
        fresh.extend([before, "<!-- generated: ", name, " -->\n", part.trim_end(), "\n", END]);
        rest = after;
    }
    fresh.push_str(rest);
    Ok(fresh)
}

fn part(name: &str) -> Result<String, String> {
    match name {
        "methods" => Ok(tables::methods_table()),
        "errors" => Ok(tables::errors_table()),
        "close codes" => Ok(tables::close_codes_table()),
        "errors of every request" => Ok(errors_of_every_request()),
        _ => Err(format!("nothing generates a part called {name}")),
    }
}

fn errors_of_every_request() -> String {
    let line = tables::reasons_line;
    format!(
        "- any frame: {}\n- any request: {}\n- any request that would change something: {}\n",
        line(EVERY_FRAME),
        line(EVERY_REQUEST),
        line(EVERY_CHANGE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let page = "above\n<!-- generated: close codes -->\nold\n<!-- end -->\nbelow\n";
        let fresh = refreshed(page).unwrap();
        assert!(fresh.starts_with("above\n<!-- generated: close codes -->\n| code |"));
        assert!(fresh.ends_with("|\n<!-- end -->\nbelow\n"));
        assert_eq!(refreshed(&fresh).unwrap(), fresh);
    }

    #[test]
    fn an_unknown_or_unfinished_part_is_an_error() {
        assert!(refreshed("<!-- generated: weather -->\n<!-- end -->").is_err());
        assert!(refreshed("<!-- generated: errors -->\n").is_err());
    }
}
