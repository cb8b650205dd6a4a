//! Java's programs: compiled once, and run on a JVM that checks what the library does with JNI.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, SystemTime};

/// A program that says nothing for so long waits for something that does not come; the machine may be busy with other tests.
const LONGEST_SILENCE: Duration = Duration::from_mins(2);
/// How `-Xcheck:jni` begins what it says of wrong calls, and a JVM that ends by itself what it says of that.
const COMPLAINTS: [&str; 4] =
    ["WARNING in native method", "WARNING: JNI", "FATAL ERROR in native", "# A fatal error"];

/// A program that runs.
pub(crate) struct Jvm {
    name: String,
    child: Child,
    lines: Receiver<String>,
    /// What it has said and nobody has asked for yet.
    passed_over: Vec<String>,
}

impl Jvm {
    pub(crate) fn starts(class: &str, words: &[&str]) -> Self {
        let mut command = Command::new("java");
        command.args(["-Xcheck:jni", "-Xss512k", "-XX:TieredStopAtLevel=1"]);
        command.arg(format!("-Dwigwag.library={}", library().display()));
        command.arg("-cp").arg(classes()).arg(class).args(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (tell, lines) = mpsc::channel();
        // Ends with the program, or with who listens.
        std::thread::spawn(move || said.map(|line| tell.send(line)).take_while(Result::is_ok).count());
        Self { name: class.to_owned(), child, lines, passed_over: Vec::new() }
    }

    /// The first line that begins with `words` and was not asked for yet. Replies and events come in no order, so those before it are kept.
    /// Gives what follows the words.
    pub(crate) fn says(&mut self, words: &str) -> String {
        let found = self.passed_over.iter().position(|line| line.starts_with(words));
        let line = match found {
            Some(at) => self.passed_over.remove(at),
            None => self.hears(words),
        };
        line[words.len()..].trim().to_owned()
    }

    fn hears(&mut self, words: &str) -> String {
        while let Ok(line) = self.lines.recv_timeout(LONGEST_SILENCE) {
            self.is_no_complaint(&line);
            if line.starts_with(words) {
                return line;
            }
            self.passed_over.push(line);
        }
        panic!("{} never says {words:?}, only {:#?}", self.name, self.passed_over)
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; gives the program's code.
    pub(crate) fn ends(mut self) -> Option<i32> {
        while let Ok(line) = self.lines.recv_timeout(LONGEST_SILENCE) {
            self.is_no_complaint(&line);
        }
        self.child.wait().unwrap().code()
    }

    pub(crate) fn ends_well(self) {
        let name = self.name.clone();
        assert_eq!(self.ends(), Some(0), "{name}");
    }

    fn is_no_complaint(&self, line: &str) {
        let complains = COMPLAINTS.iter().any(|complaint| line.contains(complaint));
        assert!(!complains, "{}: the JVM complains: {line}", self.name);
    }
}

impl Drop for Jvm {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The library that was built with this test: the newest of its name.
fn library() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let mut found: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("libwigwag_jni"))
        .filter(|path| path.extension().is_some_and(|kind| kind == "so" || kind == "dylib"))
        .map(|path| (modified(&path), path))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("there is no libwigwag_jni in {}", folder.display())).1
}

/// The folder of the compiled SDK, examples and tests; compiled when a source is newer.
fn classes() -> PathBuf {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/java");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("java");
    std::fs::create_dir_all(&folder).unwrap();
    // Each test is a process of its own.
    let turn = File::create(folder.join("lock")).unwrap();
    turn.lock().unwrap();
    let mut sources = Vec::new();
    for part in ["src", "examples", "test"] {
        find(&sdk.join(part), &mut sources);
    }
    let (classes, done) = (folder.join("classes"), folder.join("done"));
    let newest = sources.iter().map(|source| modified(source)).max().unwrap();
    if !done.exists() || modified(&done) < newest {
        compile(&sources, &classes);
        File::create(done).unwrap();
    }
    classes
}

fn compile(sources: &[PathBuf], classes: &Path) {
    if classes.exists() {
        std::fs::remove_dir_all(classes).unwrap();
    }
    let mut command = Command::new("javac");
    // Newer compilers say that Java 8 is old.
    command.args(["--release", "8", "-Xlint:all,-options", "-Werror", "-d"]).arg(classes).args(sources);
    let output = command.output().unwrap_or_else(|why| {
        panic!("javac does not start: {why} (on Debian and Ubuntu: apt-get install default-jdk-headless)")
    });
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
}

fn find(folder: &Path, sources: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            find(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "java") {
            sources.push(path);
        }
    }
}

fn modified(file: &Path) -> SystemTime {
    file.metadata()
        .and_then(|known| known.modified())
        .unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}
