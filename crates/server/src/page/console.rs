//! The operators' console at `/console/`: a page of its own on the API for back ends (docs/console.md). It is there while a key exists with
//! which it could ask anything, on whichever address the API is served.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::file::File;
use super::{Files, NOTHING, guard, nothing_here};

/// Where its files are in what was built.
pub(super) const FOLDER: &str = "console/";

/// With every answer. The page holds a key that may do everything: it runs what this server gave it and asks this server alone.
static GUARDS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), display-capture=(), geolocation=()",
    ),
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const NO_KEY: &str = "\
There is no console, because no key exists with which it could ask anything. To get one:

    wigwag key create operator --scopes all
";

/// The console, while `is_on`. Without a trailing slash its address leads to the one with it, so that its files are found beside it also
/// behind a proxy that puts a folder before all paths.
pub fn console(files: Files, is_on: impl Fn() -> bool + Send + Sync + 'static) -> Router {
    let of_console =
        files.iter().filter_map(|(name, bytes)| Some((*name, *bytes)).filter(|_| name.starts_with(FOLDER)));
    let files = of_console.map(|(name, bytes)| (name, File::new(name, bytes))).collect();
    let console = Arc::new(Console { files, is_on: Box::new(is_on) });
    Router::new()
        .route("/console", get(answer))
        .route("/console/", get(answer))
        .route("/console/{*file}", get(answer))
        .with_state(console)
}

struct Console {
    files: Vec<(&'static str, File)>,
    is_on: Box<dyn Fn() -> bool + Send + Sync>,
}

async fn answer(State(console): State<Arc<Console>>, uri: Uri, asked: HeaderMap) -> Response {
    let mut response = console.at(uri.path(), &asked);
    guard(&mut response, &GUARDS);
    response
}

impl Console {
    fn at(&self, path: &str, asked: &HeaderMap) -> Response {
        if !(self.is_on)() {
            return nothing_here(NO_KEY);
        }
        let name = match path {
            "/console" => return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, FOLDER)]).into_response(),
            "/console/" => "console/index.html",
            path => path.trim_start_matches('/'),
        };
        let found = self.files.iter().find(|(is, _)| *is == name);
        found.map_or_else(|| nothing_here(NOTHING), |(_, file)| file.answer(asked))
    }
}
