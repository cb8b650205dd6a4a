//! A real server, and programs that are built and run.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// What a back end says in the stories of groups.
pub(crate) const NOTICE: &str = "zehn Uhr fünf \"sharp\"";

/// What a program is linked with besides the library.
const SYSTEM_LIBRARIES: [&str; 3] = ["-lpthread", "-ldl", "-lm"];
/// A program that says nothing for so long waits for something that does not come; the machine may be busy with other tests.
const LONGEST_SILENCE: Duration = Duration::from_mins(2);
/// Undefined behaviour ends the program.
const SANITIZED: [&str; 4] =
    ["-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// A server with a data folder of its own, on a port that was free.
pub(crate) struct World {
    home: TempDir,
    server: Option<Child>,
    address: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self::prepared();
        world.starts();
        world
    }

    /// The same with the key of a back end, which the server knows when it starts.
    pub(crate) fn with_back_end() -> (Self, String) {
        let mut world = Self::prepared();
        std::fs::create_dir(world.path("data")).unwrap();
        let key = world.runs(&["key", "create", "back-end", "--scopes", "read,messages"]);
        world.starts();
        (world, key)
    }

    fn prepared() -> Self {
        Self { home: tempfile::tempdir().unwrap(), server: None, address: "127.0.0.1:0".to_owned() }
    }

    /// Starts the server, after the first time on the same data and port.
    pub(crate) fn starts(&mut self) {
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(server());
        command.args(["serve", "--listen", &self.address, "--data"]).arg(self.path("data"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.split_once("://")?.1.split('/').next()?.to_owned()));
        self.address = address
            .unwrap_or_else(|| panic!("no server: {}", std::fs::read_to_string(self.path("log")).unwrap()));
        self.server = Some(child);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    pub(crate) fn token(&self, user: &str) -> String {
        self.runs(&["token", user])
    }

    /// A back end tells all members of a group something.
    pub(crate) fn notifies(&self, key: &str, group: &str, words: &str) {
        let mut command = Command::new(server());
        command.env("WIGWAG_API_KEY", key);
        command.args(["group", "notify", group, words, "--url", &format!("http://{}", self.address)]);
        said(&mut command);
    }

    /// What a command of the server's program says that works on the data folder.
    fn runs(&self, words: &[&str]) -> String {
        said(Command::new(server()).args(words).arg("--data").arg(self.path("data")))
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            // It may have ended already.
            server.kill().ok();
            server.wait().ok();
        }
    }
}

/// A program that runs.
pub(crate) struct Program {
    name: String,
    child: Child,
    typed: ChildStdin,
    lines: Receiver<String>,
    /// What it has said and nobody has asked for yet.
    passed_over: Vec<String>,
}

impl Program {
    pub(crate) fn starts(path: &Path, words: &[&str]) -> Self {
        let mut command = Command::new(path);
        command.args(words);
        Self::runs(command)
    }

    pub(crate) fn runs(mut command: Command) -> Self {
        let name = format!("{command:?}");
        command.env("UBSAN_OPTIONS", "print_stacktrace=1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|why| panic!("{name}: {why}"));
        let typed = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (tell, lines) = mpsc::channel();
        // Ends with the program, or with who listens.
        std::thread::spawn(move || said.map(|line| tell.send(line)).take_while(Result::is_ok).count());
        Self { name, child, typed, lines, passed_over: Vec::new() }
    }

    /// Types a line.
    pub(crate) fn hears(&mut self, line: &str) {
        writeln!(self.typed, "{line}").unwrap();
    }

    /// The first line that begins with `words` and was not asked for yet. Replies and events come in no order, so those before it are kept.
    /// Gives what follows the words.
    pub(crate) fn says(&mut self, words: &str) -> String {
        self.line(words, |line| line.starts_with(words))[words.len()..].trim().to_owned()
    }

    /// The same for a line that has `words` in it; gives all of it.
    pub(crate) fn shows(&mut self, words: &str) -> String {
        self.line(words, |line| line.contains(words))
    }

    fn line(&mut self, words: &str, is_it: impl Fn(&str) -> bool) -> String {
        if let Some(at) = self.passed_over.iter().position(|line| is_it(line)) {
            return self.passed_over.remove(at);
        }
        while let Ok(line) = self.lines.recv_timeout(LONGEST_SILENCE) {
            if is_it(&line) {
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

    /// Waits for the end, and that everything was said that was to be.
    pub(crate) fn ends(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub(crate) fn ends_well(self) {
        let name = self.name.clone();
        let status = self.ends();
        assert!(status.success(), "{name}: {status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/native")
}

/// The folder of this test's own program.
fn built() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// The server's program, which a test run of the whole workspace builds; the terminal client is in it.
pub(crate) fn server() -> PathBuf {
    let program = built().parent().unwrap().join("wigwag");
    assert!(program.exists(), "{} is missing: cargo build --package wigwag-server", program.display());
    program
}

/// The static library that was built with this test: the newest of its name.
fn library() -> PathBuf {
    let mut found: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(built())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "a"))
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("libwigwag"))
        .map(|path| (path.metadata().unwrap().modified().unwrap(), path))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("there is no libwigwag*.a in {}", built().display())).1
}

/// Builds a program from a source in `sdk/native`, with the sanitizers; once for all tests, until something it is made of changes.
pub(crate) fn builds(source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("native");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join(source.replace(['/', '.'], "-"));
    // Each test is a process of its own.
    let turn = File::create(program.with_extension("lock")).unwrap();
    turn.lock().unwrap();
    let (source, library) = (sdk().join(source), library());
    let headers = [sdk().join("include"), sdk().join("test/people.h")];
    let newest = headers.iter().map(|path| newest_of(path)).max().unwrap();
    let newest = newest.max(modified(&source)).max(modified(&library));
    if !program.exists() || modified(&program) < newest {
        compile(&source, &library, &program);
    }
    program
}

fn compile(source: &Path, library: &Path, program: &Path) {
    let is_c = source.extension().is_some_and(|kind| kind == "c");
    let (compiler, standard) = if is_c { ("cc", "-std=gnu11") } else { ("c++", "-std=c++17") };
    let mut command = Command::new(compiler);
    command.arg(standard).args(STRICT).args(SANITIZED);
    command.arg("-I").arg(sdk().join("include")).arg(source).arg(library);
    command.args(SYSTEM_LIBRARIES).arg("-o").arg(program);
    let output = command.output().unwrap_or_else(|why| {
        panic!("{compiler} does not start: {why} (on Debian and Ubuntu: apt-get install build-essential)")
    });
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}", source.display());
}

fn modified(file: &Path) -> SystemTime {
    file.metadata()
        .and_then(|known| known.modified())
        .unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

/// When a file, or something in a folder, was changed last.
fn newest_of(path: &Path) -> SystemTime {
    if !path.is_dir() {
        return modified(path);
    }
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|entry| newest_of(&entry)).max().unwrap()
}
