//! Profiles, as lists of tags and values.

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::Command;
use wigwag_engine::command::Provision;
use wigwag_protocol::group::Profile;

use super::fault::Fault;
use super::{AT_ONCE, Answered, Desk, count, user};

const NICK: &str = "Tag_Profile_IM_Nick";
const IMAGE: &str = "Tag_Profile_IM_Image";

#[derive(Deserialize)]
pub(super) struct Set {
    #[serde(rename = "From_Account")]
    user: String,
    #[serde(rename = "ProfileItem")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    tag: String,
    value: Value,
}

#[derive(Deserialize)]
pub(super) struct Get {
    #[serde(rename = "To_Account")]
    users: Vec<String>,
    #[serde(rename = "TagList", default)]
    tags: Vec<String>,
}

pub(super) async fn set(desk: &Desk<'_>, Set { user: name, items }: Set) -> Answered {
    let user = user(&name)?;
    let mut wish = Provision::default();
    for Item { tag, value } in items {
        let text = value.as_str().map(str::to_owned);
        let text = text.ok_or_else(|| Fault::bad(format!("{tag}: must be a string")))?;
        match tag.as_str() {
            NICK => wish.nickname = Some(text),
            IMAGE => wish.face_url = Some(text),
            _ => return Err(Fault::bad(format!("{tag}: this server keeps {NICK} and {IMAGE}"))),
        }
    }
    desk.api.profile(&user).await?;
    desk.api.act(&user, Command::Provision(Box::new(wish)), None).await?;
    Ok(json!({}))
}

pub(super) async fn get(desk: &Desk<'_>, Get { users, tags }: Get) -> Answered {
    count("To_Account", &users)?;
    let each = users.iter().map(|name| async move { (name, desk.profile_of(name).await) });
    let found: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    for (name, found) in found {
        match found {
            Ok(profile) => items.push(json!({"To_Account": name, "ProfileItem": tagged(&profile, &tags),
                "ResultCode": 0, "ResultInfo": ""})),
            Err(fault) => {
                missing.push(name);
                items.push(json!({"To_Account": name, "ProfileItem": [],
                    "ResultCode": fault.number("profile"), "ResultInfo": fault.info()}));
            }
        }
    }
    let mut answer = json!({"UserProfileItem": items});
    if !missing.is_empty() {
        answer["Fail_Account"] = json!(missing);
    }
    Ok(answer)
}

impl Desk<'_> {
    async fn profile_of(&self, name: &str) -> Result<Profile, Fault> {
        Ok(self.api.profile(&user(name)?).await?)
    }
}

/// What is asked for of a profile; all of it when nothing is.
fn tagged(profile: &Profile, tags: &[String]) -> Vec<Value> {
    [(NICK, &profile.nickname), (IMAGE, &profile.face_url)]
        .into_iter()
        .filter(|(tag, _)| tags.is_empty() || tags.iter().any(|asked| asked == tag))
        .map(|(tag, value)| json!({"Tag": tag, "Value": value}))
        .collect()
}
