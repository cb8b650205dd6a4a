//! Whom users block.

use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::Command;
use wigwag_protocol::UserId;
use wigwag_session::{Found, Query};

use super::fault::Fault;
use super::{Answered, Desk, count, user};
use crate::api::rest::unexpected;

/// Most users of an answer, as theirs.
const MOST: u32 = 100;
/// Most users that `StartIndex` passes over. It counts them one by one; theirs has at most 1,000 in a list.
const FARTHEST: u32 = 1_000;

#[derive(Deserialize)]
pub(super) struct Pairs {
    #[serde(rename = "From_Account")]
    of: String,
    #[serde(rename = "To_Account")]
    blocked: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    #[serde(rename = "From_Account")]
    of: String,
    #[serde(default)]
    start_index: u32,
    max_limited: u32,
}

pub(super) async fn add(desk: &Desk<'_>, pairs: Pairs) -> Answered {
    set(desk, pairs, true).await
}

pub(super) async fn delete(desk: &Desk<'_>, pairs: Pairs) -> Answered {
    set(desk, pairs, false).await
}

/// `StartIndex` counts those that were told before, as theirs; 0 in an answer says that nothing follows.
pub(super) async fn list(desk: &Desk<'_>, Page { of, start_index, max_limited }: Page) -> Answered {
    if !(1..=MOST).contains(&max_limited) || start_index > FARTHEST {
        let words =
            format!("MaxLimited: must be 1 to {MOST}; StartIndex: at most {FARTHEST}, more are read at /v1/");
        return Err(Fault::bad(words));
    }
    let of = user(&of)?;
    desk.api.profile(&of).await?;
    let (first, last) = (start_index as usize, (start_index + max_limited) as usize);
    // One more than is told, to know whether anybody follows.
    let known = desk.blocked_by(&of, last + 1).await?;
    let told = known.iter().take(last).skip(first);
    let items: Vec<Value> = told.map(|user| json!({"To_Account": user})).collect();
    let next = if known.len() > last { last } else { 0 };
    Ok(json!({"BlackListItem": items, "StartIndex": next, "CurruentSequence": 0}))
}

async fn set(desk: &Desk<'_>, Pairs { of, blocked }: Pairs, on: bool) -> Answered {
    count("To_Account", &blocked)?;
    let of = user(&of)?;
    desk.api.profile(&of).await?;
    let (mut items, mut missing) = (Vec::with_capacity(blocked.len()), Vec::new());
    for name in &blocked {
        let (number, info) = match desk.blocks(&of, name, on).await {
            Ok(()) => (0, String::new()),
            Err(fault) => {
                missing.push(name);
                (fault.number("sns"), fault.info().to_owned())
            }
        };
        items.push(json!({"To_Account": name, "ResultCode": number, "ResultInfo": info}));
    }
    let mut answer = json!({"ResultItem": items});
    if !missing.is_empty() {
        answer["Fail_Account"] = json!(missing);
    }
    Ok(answer)
}

impl Desk<'_> {
    async fn blocks(&self, of: &UserId, name: &str, on: bool) -> Result<(), Fault> {
        self.api.act(of, Command::SetBlock(user(name)?, on), None).await?;
        Ok(())
    }

    /// The first `most` of them, in the order of their names.
    async fn blocked_by(&self, of: &UserId, most: usize) -> Result<Vec<UserId>, Fault> {
        let (mut known, mut after) = (Vec::new(), None);
        while known.len() < most {
            let query = Query::Blocked { after, limit: most - known.len() };
            let Found::Blocked(page) = self.api.look(of, query).await? else {
                return Err(unexpected().into());
            };
            known.extend(page.user_ids);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(known)
    }
}
