//! Users: made, changed, looked at.

use futures_util::StreamExt as _;
use futures_util::stream;
use wigwag_engine::Command;
use wigwag_engine::command::Provision;
use wigwag_protocol::group::Profile;
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::operations::{
    CreateUsers, DisableUser, EnableUser, GetQuiet, GetUser, ListDevices, ListUsers, PutQuiet, PutUser,
};
use wigwag_protocol::rest::user::{
    Devices, IMPORTED_USERS, Imported, ImportedUser, NotImported, ReachWish, User, UserWish, Users,
};
use wigwag_protocol::{Reason, UserId};
use wigwag_session::{Found, Query};

use super::asked::{Asked, check_count, page_limit};
use super::blocks::changed;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds, failed, unexpected};
use crate::store::KnownUser;

/// Users of an import that are carried out at once: the store commits what waits for it in one transaction.
const AT_ONCE: usize = 16;
/// Users of a page, unless the request says how many.
const PAGE: u32 = 100;
/// Most users of a page. The store ends one earlier when it has 128 KiB.
const LONGEST_PAGE: u32 = 1_000;

impl Answer for CreateUsers {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        check_count("users", asked.body.users.len(), IMPORTED_USERS)?;
        if let Some(first) = asked.body.users.first() {
            api.claim(&first.user_id, asked.once.clone()).await?;
        }
        let each: Vec<_> = asked
            .body
            .users
            .iter()
            .enumerate()
            .map(|(part, user)| {
                let (once, wish) = (asked.once_for(part), Command::Provision(Box::new(provision_of(user))));
                async move { (user, api.act(&user.user_id, wish, once).await) }
            })
            .collect();
        // In order, so that of one who is named twice the later entry counts.
        let outcomes: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        let mut imported = Imported { imported: 0, failed: Vec::new() };
        for (user, outcome) in outcomes {
            match outcome {
                Ok(_) => imported.imported += 1,
                Err(problem) => imported.failed.push(NotImported { user_id: user.user_id.clone(), problem }),
            }
        }
        Ok(imported)
    }
}

impl Answer for GetUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let found = api.door.known_user(&asked.params.user_id).await;
        found.map(shown).map_err(|refusal| problem_of(&refusal))
    }
}

impl Answer for ListUsers {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let limit = page_limit(asked.query.limit, PAGE, LONGEST_PAGE)?;
        let page = api.door.known_users(asked.query.after.as_ref(), limit).await;
        let page = page.map_err(|refusal| problem_of(&refusal))?;
        let users: Vec<User> = page.rows.into_iter().map(shown).collect();
        let next = users.last().filter(|_| !page.complete).map(|last| last.user_id.clone());
        Ok(Users { users, next })
    }
}

impl Answer for DisableUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        let reply = api.act(&user, Command::SetDisabled(true), asked.once).await?;
        tracing::info!(%user, "a back end has disabled a user");
        changed(&reply)
    }
}

impl Answer for EnableUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        changed(&api.act(&asked.params.user_id, Command::SetDisabled(false), asked.once).await?)
    }
}

impl Answer for PutUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let UserWish { nickname, face_url, ext, reach: ReachWish { ring, add } } = asked.body;
        let wish = Provision { nickname, face_url, ext, ring, add };
        changed(&api.act(&asked.params.user_id, Command::Provision(Box::new(wish)), asked.once).await?)
    }
}

impl Answer for GetQuiet {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        api.profile(&user).await?;
        let Found::Quiet(own) = api.look(&user, Query::Quiet).await? else { return Err(unexpected()) };
        Ok(own.quiet)
    }
}

impl Answer for PutQuiet {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let wish = Command::SetQuiet(Box::new(asked.body.into()));
        changed(&api.act(&asked.params.user_id, wish, asked.once).await?)
    }
}

impl Answer for ListDevices {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        api.profile(&user).await?;
        Ok(Devices { devices: api.sign_ins.devices_of(&user).await.map_err(failed)? })
    }
}

impl BackEnds {
    /// The profile of a user, who must be registered.
    pub(super) async fn profile(&self, id: &UserId) -> Result<Profile, Box<Problem>> {
        let Found::Profiles(found) = self.look(id, Query::Profiles(vec![id.clone()])).await? else {
            return Err(unexpected());
        };
        found.profiles.into_iter().next().ok_or_else(|| Reason::UnknownUser.error().into())
    }
}

fn shown(user: KnownUser) -> User {
    let KnownUser { profile: Profile { user_id, nickname, face_url, ext }, reach, status, disabled_since } =
        user;
    let status = Some(status).filter(|status| !status.is_empty());
    User { user_id, nickname, face_url, ext, reach, status, disabled_since }
}

fn provision_of(user: &ImportedUser) -> Provision {
    Provision {
        nickname: user.nickname.clone(),
        face_url: user.face_url.clone(),
        ext: user.ext.clone(),
        ring: user.reach.ring,
        add: user.reach.add,
    }
}
