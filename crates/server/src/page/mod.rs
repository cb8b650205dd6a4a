//! The web app and the operators' console: the files of `web/dist`, embedded when the server was built, and the headers browsers get with
//! them.

mod conditions;
mod console;
mod file;
mod policy;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

pub use console::console;
use file::{File, REVALIDATED};

/// Names, relative to the page's root and without a slash before, and contents.
pub type Files = &'static [(&'static str, &'static [u8])];

/// What was built; nothing when it was not.
pub const EMBEDDED: Files = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// With every answer of the app, besides its policy. A page that can take calls is worth attacking: only it may use camera and microphone.
static GUARDS: [(HeaderName, &str); 3] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self)",
    ),
];

const START: &str = "index.html";

const TEXT: &str = "text/plain; charset=utf-8";

const NOTHING: &str = "there is nothing here\n";

/// What `/` says when there is no page.
const NOT_BUILT: &str = "\
Wigwag is running. This server was built without its web page.

To get the page, install Node 20.19 or later (https://nodejs.org) and build again, in the folder of the sources:

    make run

Clients connect to /v1/ws all the same; \"wigwag client --as alice\" is one.
";

/// Answers `GET` and `HEAD` for every file in `files`, for `/` with the page itself, and for all else with 404. `livekit`: the address of
/// the LiveKit server that carries the media of calls, to which the page may connect besides this server.
pub fn served(files: Files, livekit: Option<&str>) -> MethodRouter {
    let of_app = files.iter().filter(|(name, _)| !name.starts_with(console::FOLDER));
    let files = of_app.map(|(name, bytes)| (*name, File::new(name, bytes))).collect();
    get(answer).with_state(Arc::new(Page { files, policy: policy::of(livekit) }))
}

#[derive(Debug)]
struct Page {
    /// A dozen or two, so that looking through them is as good as a map.
    files: Vec<(&'static str, File)>,
    policy: HeaderValue,
}

impl Page {
    fn file(&self, path: &str) -> Option<&File> {
        let name = match path.strip_prefix('/')? {
            "" => START,
            name => name,
        };
        self.files.iter().find(|(is, _)| *is == name).map(|(_, file)| file)
    }
}

async fn answer(State(page): State<Arc<Page>>, uri: Uri, asked: HeaderMap) -> Response {
    let mut response = match page.file(uri.path()) {
        Some(file) => file.answer(&asked),
        None if uri.path() == "/" => {
            ([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, REVALIDATED)], NOT_BUILT).into_response()
        }
        None => nothing_here(NOTHING),
    };
    guard(&mut response, &GUARDS);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, page.policy.clone());
    response
}

fn nothing_here(words: &'static str) -> Response {
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], words).into_response()
}

fn guard(response: &mut Response, guards: &'static [(HeaderName, &'static str)]) {
    let guards = guards.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
    response.headers_mut().extend(guards);
}

#[cfg(test)]
mod tests;
