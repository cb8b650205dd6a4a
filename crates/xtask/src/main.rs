//! `cargo xtask generate | check | tidy`: what is generated from the code, and the house rules as programs.

mod asyncapi;
mod contract;
mod definitions;
mod docs;
#[cfg(test)]
mod examples;
mod header;
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
mod typescript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  generate   write spec/, wigwag.h, the SDK's wire types and the generated tables of docs/ from the code
  check      fail when what `generate` would write differs from what is there
  tidy       fail when a file breaks a rule of the house (ARCHITECTURE.md, \"Rules of direction\")";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match arguments.as_slice() {
        [task] => task.as_str(),
        _ => "",
    };
    let done = match task {
        "generate" => outputs::write(&root()),
        "check" => outputs::check(&root()),
        "tidy" => tidy::run(&root()),
        _ => Err(USAGE.to_owned()),
    };
    match done {
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

/// The top folder of the project this program was built in.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
