//! How `wigwag user` and `wigwag group` ask a server: over its API for back ends (docs/rest.md), as any back end does. What they
//! may do is what their key may do.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, Body, http};
use wigwag_protocol::rest::{Changed, Operation, Problem, Verb};

use super::client::reachable;
use super::{CliError, Source, say};
use crate::config;

/// For a whole request: the server answers within 30 s, or says that it cannot.
const TIME_LIMIT: Duration = Duration::from_secs(40);
/// Longest answer that is read, bytes. The largest is a page of a hundred groups with 4 KiB of text of the app, each character of
/// which may take six.
const LONGEST_ANSWER: u64 = 8 * 1024 * 1024;

/// Which server is asked, with which key, and how its answer is printed.
#[derive(Debug, Clone, Args)]
pub struct BackEndArgs {
    /// Address of the server, such as https://signal.example.org [default: that of the local configuration]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// File that holds the key [default: the key is in the environment variable WIGWAG_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,

    /// Which local server.
    #[command(flatten)]
    pub source: Source,
}

impl BackEndArgs {
    /// The server, ready to be asked.
    pub(super) fn server(&self) -> Result<ServerApi, CliError> {
        let config = Agent::config_builder()
            .timeout_global(Some(TIME_LIMIT))
            .http_status_as_error(false)
            // The key is for this server alone.
            .max_redirects(0);
        let base = self.address()?;
        // What is not encrypted is near, and a proxy must not see its key.
        let config =
            if base.starts_with("https://") && self.url.is_some() { config } else { config.proxy(None) };
        Ok(ServerApi { agent: config.build().into(), base, key: self.key()? })
    }

    /// Prints what was answered: as it is for programs, in these words for people.
    pub(super) fn print(&self, answer: &impl Serialize, words: &str) -> Result<(), CliError> {
        if !self.json {
            return say(words);
        }
        let line = serde_json::to_string(answer).map_err(|error| CliError::new(error.to_string()))?;
        say(&line)
    }

    /// Prints that a change was carried out.
    pub(super) fn print_done(&self, changed: Changed, words: &str) -> Result<(), CliError> {
        self.print(&changed, words)
    }

    fn address(&self) -> Result<String, CliError> {
        if let Some(url) = &self.url {
            if url.starts_with("http://") || url.starts_with("https://") {
                return Ok(url.trim_end_matches('/').to_owned());
            }
            return Err(CliError::new(format!(
                "--url {url}: write an address that begins with http:// or https://"
            )));
        }
        let config = self.source.load()?;
        let scheme = if config.tls.cert.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", reachable(config.api.listen.unwrap_or(config.listen))))
    }

    fn key(&self) -> Result<String, CliError> {
        let text = match &self.key_file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| CliError::new(format!("cannot read the key in {}: {error}", file.display())))?,
            None => config::api_key().ok_or_else(|| {
                CliError::new(
                    "there is no key: put one that \"wigwag key create\" has made into the environment variable WIGWAG_API_KEY, \
                     or name a file that holds it with --key-file",
                )
            })?,
        };
        let key = text.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CliError::new("the key must be one word, as \"wigwag key create\" printed it"));
        }
        Ok(key.to_owned())
    }
}

/// A server that is asked with a key.
pub(super) struct ServerApi {
    agent: Agent,
    base: String,
    key: String,
}

impl ServerApi {
    /// Asks for one operation, and waits for its reply.
    pub(super) fn ask<O: Operation>(
        &self,
        params: &O::Params,
        query: &O::Query,
        body: &O::Body,
    ) -> Result<O::Reply, CliError>
    where
        O::Params: Serialize,
        O::Query: Serialize,
        O::Reply: DeserializeOwned,
    {
        let url = self.url::<O>(params, query)?;
        let request = Request::builder()
            .method(O::VERB.as_str())
            .uri(url)
            .header("Authorization", format!("Bearer {}", self.key));
        let sent = match O::VERB {
            Verb::Get | Verb::Delete => request.body(()).map(|request| self.agent.run(request)),
            Verb::Post | Verb::Put => {
                let json = serde_json::to_vec(body).map_err(|error| wrong(&error))?;
                let request = request.header("Content-Type", "application/json");
                request.body(json).map(|request| self.agent.run(request))
            }
        };
        let answer = sent.map_err(|error| wrong(&error))?;
        self.understood(answer.map_err(|error| self.unreachable(&error))?)
    }

    fn url<O: Operation>(&self, params: &O::Params, query: &O::Query) -> Result<String, CliError>
    where
        O::Params: Serialize,
        O::Query: Serialize,
    {
        let params = serde_json::to_value(params).map_err(|error| wrong(&error))?;
        let query = serde_urlencoded::to_string(query).map_err(|error| wrong(&error))?;
        let mark = if query.is_empty() { "" } else { "?" };
        Ok(format!("{}{}{mark}{query}", self.base, path(O::PATH, &params)))
    }

    fn understood<T: DeserializeOwned>(&self, mut answer: http::Response<Body>) -> Result<T, CliError> {
        let mut json = Vec::new();
        let bounded = answer.body_mut().as_reader().take(LONGEST_ANSWER);
        { bounded }.read_to_end(&mut json).map_err(|error| self.unreachable(&error))?;
        let status = answer.status().as_u16();
        if status == 200
            && let Ok(reply) = serde_json::from_slice(&json)
        {
            return Ok(reply);
        }
        match serde_json::from_slice::<Problem>(&json) {
            Ok(problem) => Err(CliError::new(said(&problem))),
            Err(_) => Err(CliError::new(format!(
                "{} answered {status}, and not as a Wigwag server of this version does: name the server with --url",
                self.base
            ))),
        }
    }

    fn unreachable(&self, error: &dyn std::fmt::Display) -> CliError {
        CliError::new(format!(
            "{} does not answer: {error}; name the server with --url or --config",
            self.base
        ))
    }
}

/// The path with its parameters filled in.
fn path(template: &str, params: &Value) -> String {
    let mut path = template.to_owned();
    for (name, value) in params.as_object().into_iter().flatten() {
        let value = utf8_percent_encode(value.as_str().unwrap_or_default(), NON_ALPHANUMERIC).to_string();
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

fn said(problem: &Problem) -> String {
    let what = problem.id.as_ref().map_or_else(String::new, |id| format!(": {}", plain(id)));
    format!("{}{what} ({} {})", plain(&problem.detail), problem.status, problem.reason)
}

fn wrong(error: &dyn std::fmt::Display) -> CliError {
    CliError::new(format!("this cannot be asked: {error}"))
}

/// What users have chosen, as one line of a terminal: it must not move the cursor, or look like two columns.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_in_paths_are_encoded() {
        let params = json!({"userID": "a/b?c", "groupID": ".."});
        let template = "/v1/users/{userID}/groups/{groupID}";
        assert_eq!(path(template, &params), "/v1/users/a%2Fb%3Fc/groups/%2E%2E");
    }

    #[test]
    fn what_users_choose_stays_on_its_line() {
        assert_eq!(plain("A\u{1b}[2J\tl\nice é"), "A\u{fffd}[2J\u{fffd}l\u{fffd}ice é");
    }
}
