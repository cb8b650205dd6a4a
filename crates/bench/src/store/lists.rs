//! `lists`: how long one page of a user's conversations takes, by how many conversations they have.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use wigwag_engine::command::SendMessage;
use wigwag_engine::{Actor, Command, Request};
use wigwag_protocol::UserId;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_server::store::PageRange;

use super::closed_loop::{actor, lane_of, next_batch, submit};
use super::opened::Opened;
use crate::layout::Layout;
use crate::report::{Figures, Report};
use crate::stop;

/// Commands that wait at any time while the conversations are made.
const WAITING: usize = 100;

/// Options of `lists`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Which stores to measure
    #[arg(
        long,
        value_name = "STORES",
        value_delimiter = ',',
        default_values_t = [Layout::Sqlite, Layout::Postgres]
    )]
    on: Vec<Layout>,
    /// Conversations that the user has at each measurement, ascending
    #[arg(long, value_delimiter = ',', default_values_t = [10, 50_000])]
    conversations: Vec<usize>,
    /// Conversations on a page
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Pages that are read at each measurement; the median is reported
    #[arg(long, default_value_t = 101)]
    pages: usize,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    ensure!(options.on.iter().all(|&on| !matches!(on, Layout::Cluster(_))), "a cluster is no store");
    ensure!(options.conversations.is_sorted() && options.pages > 0, "ascending, and at least one page");
    let mut report = Report::new("lists", options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for &on in &options.on {
        let figures = runtime.block_on(measure(on, options))?;
        report.add(&on.to_string(), 1, figures);
    }
    report.summarise(&Layout::Sqlite.to_string());
    Ok(report)
}

async fn measure(on: Layout, options: &Options) -> Result<Figures> {
    let mut opened = Opened::on(on, Duration::ZERO).await?;
    let reader = actor("reader")?;
    carry_out(&mut opened, vec![Request::By(reader.clone(), Command::Register)]).await?;
    let (mut figures, mut known) = (Figures::default(), 0);
    for &count in &options.conversations {
        for first in (known..count).step_by(WAITING) {
            write_to(&mut opened, &reader, first..count.min(first + WAITING)).await?;
        }
        known = count;
        let median = page(&opened, &reader.user, options).await?;
        figures.add(&format!("a page of {count}, ms"), median.as_secs_f64() * 1_000.0);
    }
    opened.close().await;
    Ok(figures)
}

/// These people write to the reader, each for the first time.
async fn write_to(opened: &mut Opened, reader: &Actor, people: std::ops::Range<usize>) -> Result<()> {
    let people: Vec<Actor> =
        people.map(|number| actor(&format!("writer{number:06}"))).collect::<Result<_>>()?;
    let joins = people.iter().map(|writer| Request::By(writer.clone(), Command::Register));
    carry_out(opened, joins.collect()).await?;
    let message = SendMessage {
        peer: Peer::User(reader.user.clone()),
        client_msg_id: None,
        kind: "text".to_owned(),
        content: serde_json::value::to_raw_value(&serde_json::json!({"text": "hello"}))?,
        options: MessageOptions::default(),
        offline_push_info: None,
    };
    let says = |writer: Actor| Request::By(writer, Command::SendMessage(Box::new(message.clone())));
    carry_out(opened, people.into_iter().map(says).collect()).await
}

async fn carry_out(opened: &mut Opened, requests: Vec<Request>) -> Result<()> {
    stop::check()?;
    let mut left = requests.len();
    for request in requests {
        submit(opened, request, 0)?;
    }
    while left > 0 {
        for committed in next_batch(opened).await? {
            lane_of(&committed)?;
            left -= 1;
        }
    }
    Ok(())
}

/// The median time of a first page.
async fn page(opened: &Opened, reader: &UserId, options: &Options) -> Result<Duration> {
    let mut times = Vec::with_capacity(options.pages);
    for _ in 0..options.pages {
        let begun = Instant::now();
        let page = PageRange { after: None, limit: options.limit };
        let read = opened.store.conversations(reader, page).await?;
        times.push(begun.elapsed());
        ensure!(!read.rows.is_empty(), "an empty page");
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
