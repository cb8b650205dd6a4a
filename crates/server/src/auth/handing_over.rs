//! Whose the files in a data folder are: commands are run as root, and the server as somebody else.

use std::fs::{File, Metadata};
use std::io::Result;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Gives what root has written into a folder to whoever the folder belongs to, because the server reads it as them. What cannot be given,
/// in a container without the right to, stays root's: the server may be root there as well, and says so when it is not.
pub(super) fn hand_over(file: &File, path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (folder, written) = (folder.metadata()?, file.metadata()?);
    if written.uid() == 0 && folder.uid() != 0 && is_alone_at(&written, path)? {
        fchown(file, Some(folder.uid()), Some(folder.gid())).ok();
    }
    Ok(())
}

/// Whether the file is in this folder and nowhere else. The folder's owner may have put a link there to a file that is not theirs to have.
fn is_alone_at(written: &Metadata, path: &Path) -> Result<bool> {
    let here = path.symlink_metadata()?;
    Ok(written.is_file()
        && written.nlink() == 1
        && (here.dev(), here.ino()) == (written.dev(), written.ino()))
}

#[cfg(test)]
mod tests {
    use std::fs::hard_link;
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    /// Nobody's, on Debian and elsewhere.
    const NOBODY: u32 = 65_534;

    /// A folder that is somebody else's, which only root can make.
    fn folder_of_nobody() -> Option<tempfile::TempDir> {
        let folder = tempfile::tempdir().unwrap();
        let is_root = folder.path().metadata().unwrap().uid() == 0;
        let given = is_root && chown(folder.path(), Some(NOBODY), Some(NOBODY)).is_ok();
        given.then_some(folder)
    }

    fn owner(file: &File) -> (u32, u32) {
        let metadata = file.metadata().unwrap();
        (metadata.uid(), metadata.gid())
    }

    #[test]
    fn what_is_written_into_ones_own_folder_stays_ones_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api.keys");
        let file = File::create(&path).unwrap();
        let before = owner(&file);
        hand_over(&file, &path).unwrap();
        assert_eq!(owner(&file), before);
    }

    #[test]
    fn what_root_writes_belongs_to_the_folders_owner() {
        let Some(folder) = folder_of_nobody() else { return };
        let path = folder.path().join("api.keys");
        let file = File::create(&path).unwrap();
        hand_over(&file, &path).unwrap();
        assert_eq!(owner(&file), (NOBODY, NOBODY));
    }

    #[test]
    fn a_link_gives_nothing_of_root_away() {
        let Some(folder) = folder_of_nobody() else { return };
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let [soft, hard] = ["soft", "hard"].map(|name| folder.path().join(name));
        symlink(elsewhere.path(), &soft).unwrap();
        hard_link(elsewhere.path(), &hard).unwrap();
        for path in [soft, hard] {
            let file = File::options().append(true).open(&path).unwrap();
            hand_over(&file, &path).unwrap();
            assert_eq!(owner(&file).0, 0, "{}", path.display());
        }
    }
}
