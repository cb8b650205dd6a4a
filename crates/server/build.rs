//! Lists the files of the built web app, which `src/page` embeds. Without Node there are none, and the list is empty. And tells the program
//! for which machines it is built; the commit it does not tell, because cargo would compile the whole server anew for each.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where `npm run build` puts the app, seen from this crate.
const BUILT: &str = "../../web/dist";

fn main() -> io::Result<()> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUILT);
    println!("cargo::rerun-if-changed=build.rs");
    if built.is_dir() || make_empty(&built).is_ok() {
        println!("cargo::rerun-if-changed={}", built.display());
    }
    // Not WIGWAG_…: tests have it in their environment, and a server there would take it for a misspelt setting.
    println!("cargo::rustc-env=BUILD_TARGET={}", std::env::var_os("TARGET").unwrap_or_default().display());
    let mut files = Vec::new();
    collect(&built, &mut files)?;
    files.sort();
    let list = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("page.rs");
    fs::write(list, as_rust(&built, &files))
}

/// Cargo would build the server anew each time while a folder that it watches is missing, and with one that is newer than
/// the last build once more.
fn make_empty(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    File::open(folder)?.set_modified(UNIX_EPOCH)
}

/// Every file under `folder`; none when it is missing.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// `&[("index.html", include_bytes!("…")), …]`
fn as_rust(built: &Path, files: &[PathBuf]) -> String {
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(built).unwrap_or(file).to_string_lossy();
        let file = file.to_string_lossy();
        // Writing to a String cannot fail.
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),").ok();
    }
    list + "]\n"
}
