//! `cargo xtask generate | check | translated | tidy`: what is generated from the code, pages in two languages, and the house rules as
//! programs.

mod asyncapi;
mod contract;
mod definitions;
mod docs;
#[cfg(test)]
mod examples;
mod header;
mod markdown;
mod openapi;
mod outputs;
#[cfg(test)]
mod places;
mod protocol_schema;
#[cfg(test)]
mod refused_shapes;
mod source_docs;
mod tables;
mod tidy;
mod translations;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  generate   write spec/, wigwag.h, the SDK's wire types and the generated tables of docs/ from the code
  check      fail when what `generate` would write differs from what is there, or a Chinese page does not follow the English one
  translated PAGE…   say that the Chinese half of a page follows the English one again: renews its mark, takes the code over
  tidy       fail when a file breaks a rule of the house (ARCHITECTURE.md, \"Rules of direction\")";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&root(), &arguments) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

/// What was done, or what is wrong.
fn run(root: &Path, arguments: &[String]) -> Result<String, String> {
    match (arguments.first().map(String::as_str), arguments.get(1..).unwrap_or_default()) {
        (Some("generate"), []) => outputs::write(root),
        (Some("check"), []) => all([outputs::check(root), translations::check(root)]),
        (Some("translated"), pages @ [_, ..]) => translations::translated(root, pages),
        (Some("tidy"), []) => tidy::run(root),
        _ => Err(USAGE.to_owned()),
    }
}

/// The summaries of all, or the troubles of those that have some.
fn all(done: [Result<String, String>; 2]) -> Result<String, String> {
    let (fine, troubles): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    if troubles.is_empty() {
        return Ok(fine.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    }
    Err(troubles.into_iter().filter_map(Result::err).collect::<Vec<_>>().join("\n"))
}

/// The top folder of the project this program was built in.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
