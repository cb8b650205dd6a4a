//! Where lines come from and where they go: a prompt with line editing, or a pipe.

use std::io::{self, BufRead, Write};
use std::thread;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, ExternalPrinter, Helper};
use tokio::sync::mpsc;

use crate::usage::USAGES;

/// Lines as they are typed.
pub(super) struct Lines {
    typed: mpsc::Receiver<io::Result<String>>,
    /// Lets the prompt be shown again, once for each line: a prompt that is shown when the program ends would leave the
    /// terminal in raw mode.
    prompt: Option<std::sync::mpsc::SyncSender<()>>,
    prompted: bool,
}

impl Lines {
    pub(super) fn plain(typed: mpsc::Receiver<io::Result<String>>) -> Self {
        Self { typed, prompt: None, prompted: false }
    }

    /// The next line; `None` at the end of the input. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<io::Result<String>> {
        if let Some(prompt) = self.prompt.as_ref().filter(|_| !self.prompted) {
            // Without a reader the end of the input follows.
            self.prompted = prompt.try_send(()).is_ok();
        }
        let line = self.typed.recv().await;
        self.prompted = false;
        line
    }
}

/// Lines read ahead of their execution.
const READ_AHEAD: usize = 16;
const PROMPT: &str = "wigwag> ";

/// Where lines are printed.
pub(super) enum Screen {
    /// Above the prompt.
    Prompt(Box<dyn ExternalPrinter + Send>),
    /// One after the other.
    Plain(Box<dyn Write + Send>),
}

impl Screen {
    pub(super) fn print(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Prompt(printer) => printer.print(format!("{line}\n")).map_err(io::Error::other),
            Self::Plain(out) => {
                writeln!(out, "{line}")?;
                out.flush()
            }
        }
    }
}

/// Reads standard input without line editing, on a thread of its own: it may wait for ever.
pub(super) fn piped() -> Lines {
    let (out, lines) = mpsc::channel(READ_AHEAD);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            if out.blocking_send(line).is_err() {
                return;
            }
        }
    });
    Lines::plain(lines)
}

/// Shows a prompt with line editing, history and completion of command names.
pub(super) fn prompted() -> io::Result<(Lines, Screen)> {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor: Editor<Names, MemHistory> =
        Editor::with_history(config, MemHistory::new()).map_err(io::Error::other)?;
    editor.set_helper(Some(Names));
    let printer = editor.create_external_printer().map_err(io::Error::other)?;
    let (out, typed) = mpsc::channel(READ_AHEAD);
    let (prompt, wanted) = std::sync::mpsc::sync_channel(1);
    thread::spawn(move || {
        while wanted.recv().is_ok() {
            let line = match editor.readline(PROMPT) {
                Ok(line) => Ok(line),
                Err(ReadlineError::Interrupted | ReadlineError::Eof) => return,
                Err(error) => Err(io::Error::other(error)),
            };
            if out.blocking_send(line).is_err() {
                return;
            }
        }
    });
    Ok((Lines { typed, prompt: Some(prompt), prompted: false }, Screen::Prompt(Box::new(printer))))
}

/// Completes the first word.
struct Names;

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = &line[..at];
        let mut names: Vec<String> = USAGES
            .iter()
            .filter(|usage| usage.name.starts_with(typed))
            .map(|usage| format!("{} ", usage.name))
            .collect();
        names.dedup();
        Ok((0, names))
    }
}

impl Hinter for Names {
    type Hint = String;
}

impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}
