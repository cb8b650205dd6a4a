//! `wigwag.h`, from the types and functions of `crates/client-ffi`.

use std::fs;
use std::path::{Path, PathBuf};

use cbindgen::{Builder, Config, DocumentationStyle, EnumConfig, Language, RenameRule};

/// Where the header stands.
pub(crate) const PATH: &str = "sdk/native/include/wigwag.h";
/// What it declares, in this order.
const SOURCES: [&str; 5] = ["types.rs", "clients.rs", "invitations.rs", "requests.rs", "json.rs"];
const FOLDER: &str = "crates/client-ffi/src/abi";

const OPENING: &str = "\
/*
 * Wigwag for C: invitations, calls, messages and groups, over one connection that is kept.
 *
 * Generated from crates/client-ffi by `cargo xtask generate`; do not edit. docs/native.md has the build lines and an example.
 *
 * What holds for every function:
 *
 * - It may be called from any thread, and from callbacks, where nothing else is said. None waits for the network but
 *   wigwag_client_close() and wigwag_shutdown().
 * - It gives a result, and does nothing unless that is WIGWAG_RESULT_OK; wigwag_last_error() then has the words.
 * - What it is given is copied before it returns. What a callback is given is valid until the callback returns. The app owns no
 *   memory of the library's, so there is nothing to free but clients.
 * - NULL, handles that were closed, and texts that are not UTF-8 get a result. Pointers to something else than the function asks for
 *   cannot be told from good ones.
 *
 * Callbacks come from threads of the library's, at most 16 for the whole process; those of one client one after the other. One that is
 * busy delays the next of its own client, and no connection. It must return: an exception or a longjmp that leaves it ends the process.
 *
 * After fork() the child may not use a library that the parent has used: every function gives WIGWAG_RESULT_FORKED there.
 */";

/// The text of the header.
pub(crate) fn text(root: &Path) -> Result<String, String> {
    let mut builder = Builder::new().with_config(config());
    for source in SOURCES {
        let place: PathBuf = root.join(FOLDER).join(source);
        fs::metadata(&place).map_err(|why| format!("{FOLDER}/{source}: {why}"))?;
        builder = builder.with_src(place);
    }
    let bindings = builder.generate().map_err(|why| format!("{PATH}: {why}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|why| format!("{PATH}: {why}"))
}

fn config() -> Config {
    Config {
        language: Language::C,
        header: Some(OPENING.to_owned()),
        include_guard: Some("WIGWAG_H".to_owned()),
        cpp_compat: true,
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Cxx,
        line_length: 120,
        tab_width: 4,
        no_includes: true,
        sys_includes: ["stddef.h", "stdint.h"].map(str::to_owned).to_vec(),
        enumeration: EnumConfig {
            rename_variants: RenameRule::ScreamingSnakeCase,
            prefix_with_name: true,
            ..EnumConfig::default()
        },
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_abi_is_declared_and_documented() {
        let root = crate::root();
        let header = text(&root).unwrap();
        for source in SOURCES {
            let code = fs::read_to_string(root.join(FOLDER).join(source)).unwrap();
            for rest in code.split("extern \"C\" fn ").skip(1) {
                let name = rest.split('(').next().unwrap();
                let declares =
                    |line: &str| !line.starts_with([' ', '/']) && line.contains(&format!("{name}("));
                let at = header.lines().position(declares);
                let at = at.unwrap_or_else(|| panic!("{name} is not declared"));
                let before = header.lines().nth(at - 1).unwrap();
                assert!(before.starts_with("///"), "{name} is not documented: {before}");
            }
        }
    }
}
