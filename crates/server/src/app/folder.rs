//! The data folder: for the server's user alone, one server to it, and its database where it was.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::StartError;
use crate::auth::{KEY_FILE, REVOKED_FILE};
use crate::cluster::NODE_ID_FILE;
use crate::config::Config;

/// File of the embedded store.
pub const DATABASE: &str = "wigwag.db";
/// Its write-ahead log.
const DATABASE_LOG: &str = "wigwag.db-wal";
/// Its index of that log.
const DATABASE_INDEX: &str = "wigwag.db-shm";
/// File whose lock says that a server works in this data folder. The embedded store locks its database as well, because a file
/// that holds nothing is deleted easily.
const LOCK: &str = "wigwag.lock";
/// The files that are kept from others, whoever made them. The key is not among them: one that others could read is refused.
const PRIVATE: [&str; 6] = [DATABASE, DATABASE_LOG, DATABASE_INDEX, LOCK, REVOKED_FILE, NODE_ID_FILE];

/// Mode of the folder: names of files tell when people call.
const FOLDER_MODE: u32 = 0o700;
/// Mode of what is in it.
const FILE_MODE: u32 = 0o600;
/// What others may do with a file.
const OTHERS: u32 = 0o077;

/// One server to a data folder: two would each believe their memory. The lock ends with the file handle. Makes the folder when
/// there is none.
pub fn lock_folder(config: &Config) -> Result<File, StartError> {
    let folder = &config.data_dir;
    let explain = |error: Error| {
        StartError(format!(
            "cannot write to the data folder {}: {error}. Give the server's user write access to it, or choose another with --data",
            folder.display()
        ))
    };
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder).map_err(explain)?;
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).mode(FILE_MODE);
    let file = file.open(folder.join(LOCK)).map_err(explain)?;
    file.try_lock().map_err(|_| {
        StartError(format!(
            "another wigwag server works in the data folder {}. Stop it, or choose another folder with --data",
            folder.display()
        ))
    })?;
    Ok(file)
}

/// Takes from others what earlier versions, or a copy, have let them. The folder may be shared with other programs, so that
/// is only said. Once the server has started: one that cannot says why in one line.
pub(super) fn keep_private(folder: &Path) {
    for path in PRIVATE.map(|name| folder.join(name)) {
        let Some(mode) = mode_for_others(&path) else { continue };
        match std::fs::set_permissions(&path, Permissions::from_mode(mode & !OTHERS)) {
            Ok(()) => {
                tracing::info!(path = %path.display(), "others could open this file, and cannot any more");
            }
            Err(error) => {
                tracing::warn!(
                    %error,
                    path = %path.display(),
                    "others on this machine can open this file: make it the server's user's own, with mode 600"
                );
            }
        }
    }
    if mode_for_others(folder).is_some() {
        tracing::warn!(
            "others on this machine can look into the data folder {folder}: chmod 700 {folder}",
            folder = folder.display()
        );
    }
}

/// Says so when others can read a private key that the operator has put somewhere.
pub(super) fn warn_of_open_key(name: &str, path: &Path) {
    if mode_for_others(path).is_some_and(|mode| mode & 0o004 != 0) {
        tracing::warn!(
            "everybody on this machine can read {name} {path}: chmod o= {path}",
            path = path.display()
        );
    }
}

/// The mode of a file that others may do something with.
fn mode_for_others(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & OTHERS != 0).then_some(mode & 0o7777)
}

/// A folder that has a key but no database had one: a server that starts anew there would hide that everything is gone.
pub(super) fn check_database_is_there(config: &Config) -> Result<(), StartError> {
    if config.store.url.is_some() {
        return Ok(());
    }
    let folder = &config.data_dir;
    let had_one = if folder.join(KEY_FILE).exists() {
        "an app key"
    } else if is_filled(&folder.join(DATABASE_LOG)) {
        "a write-ahead log (wigwag.db-wal)"
    } else {
        return Ok(());
    };
    let what = match std::fs::metadata(folder.join(DATABASE)) {
        Ok(found) if found.len() > 0 => return Ok(()),
        Ok(_) => "its database, wigwag.db, is empty",
        Err(error) if error.kind() == ErrorKind::NotFound => "no database, wigwag.db",
        // The store says what is wrong with it.
        Err(_) => return Ok(()),
    };
    Err(StartError(format!(
        "the data folder {folder} has {had_one}, but {what}: it was moved, emptied or deleted. Put it back or restore a backup, or name \
         the right folder with --data. To begin with an empty database in this folder, run \"wigwag migrate\" first",
        folder = folder.display()
    )))
}

fn is_filled(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.len() > 0)
}
