//! The node's name, kept in its data folder.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::store::shared::NodeId;

/// File in the data folder.
pub const NODE_ID_FILE: &str = "node-id";
/// While it is written.
const UNFINISHED: &str = "node-id.new";

/// Why a node has no name; one line that says what to do.
#[derive(Debug)]
pub struct NodeIdError(PathBuf, String);

impl fmt::Display for NodeIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.display(), self.1)
    }
}

impl std::error::Error for NodeIdError {}

/// The name this data folder has; a new one at the first start.
pub fn load_or_make(data_dir: &Path) -> Result<NodeId, NodeIdError> {
    if let Some(node) = load(data_dir)? {
        return Ok(node);
    }
    let node = NodeId(Uuid::new_v4());
    keep(data_dir, node)?;
    Ok(node)
}

/// The name this data folder has, if it has one.
pub fn load(data_dir: &Path) -> Result<Option<NodeId>, NodeIdError> {
    let path = data_dir.join(NODE_ID_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Uuid::try_parse(text.trim()).map(|name| Some(NodeId(name))).map_err(|_| {
            let why = "it does not hold a node's name (a UUID): delete it, and the node gets a new one";
            NodeIdError(path, why.to_owned())
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(NodeIdError(path, format!("cannot be read: {error}. Give the server's user access")))
        }
    }
}

/// Whether a server that may have others beside it has worked in this data folder.
pub fn has_node_id(data_dir: &Path) -> bool {
    data_dir.join(NODE_ID_FILE).exists()
}

/// Gives the data folder this name. Written aside and renamed, so that a crash leaves no half of a name.
pub fn keep(data_dir: &Path, NodeId(name): NodeId) -> Result<(), NodeIdError> {
    let path = data_dir.join(NODE_ID_FILE);
    let unfinished = data_dir.join(UNFINISHED);
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    let written = file.and_then(|mut file| writeln!(file, "{name}"));
    written.and_then(|()| std::fs::rename(&unfinished, &path)).map_err(|error| {
        NodeIdError(path, format!("cannot be written: {error}. Give the server's user write access"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_name() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = load_or_make(one.path()).unwrap();
        assert_eq!(load_or_make(one.path()).unwrap(), name);
        assert_ne!(load_or_make(two.path()).unwrap(), name);
    }

    #[test]
    fn a_damaged_name_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NODE_ID_FILE), "node seven").unwrap();
        let error = load_or_make(folder.path()).unwrap_err().to_string();
        assert!(error.contains(NODE_ID_FILE) && error.contains("delete it"), "{error}");
    }
}
