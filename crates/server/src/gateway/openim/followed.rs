//! What is said about a call that the connection has followed from its beginning: it goes to the rules without a look-up.

use wigwag_engine::command::{Answer as Say, CallRef};
use wigwag_engine::{Command, Reply};
use wigwag_session::codec::openim::asked::{Act, Known};
use wigwag_session::refused::Refusal;

use super::calls::{answer_of, nothing};
use super::program::{Outcome, Program};

impl Program<'_> {
    /// The outcome when the call that is named has been followed. `None` otherwise, and when the rules refuse or nothing was left to
    /// do: the call is looked up then, and the answer says what became of it.
    pub(super) async fn act_on_followed(&mut self, act: Act, known: &Known) -> Option<Outcome> {
        let command = self.on_followed(act, known)?;
        match self.outcome_of(command).await {
            Ok(Reply::Acted(acted)) if act == Act::Accept => Some(Ok(answer_of(&acted))),
            Ok(reply) => reply.cursor().map(|_| Ok(nothing())),
            Err(refusal) if is_by_rules(&refusal) => None,
            Err(refusal) => Some(Err(refusal.into())),
        }
    }

    fn on_followed(&self, act: Act, known: &Known) -> Option<Command> {
        let call = self.followed.named(known)?;
        let rings_me = call.ring.inviter != self.me.user && !call.is_in;
        let answer = || Say { id: call.ring.id.clone(), data: String::new() };
        match act {
            Act::Accept => rings_me.then(|| Command::Accept(answer())),
            Act::Reject => rings_me.then(|| Command::Reject(answer())),
            Act::HangUp => call.ring.call.clone().map(|call| Command::HangUp(CallRef::Call(call))),
            Act::Cancel => None,
        }
    }
}

/// Whether the call is not what the connection took it for. Any other refusal would come again, behind a look-up, and cost the
/// failing store or the user's allowance twice.
fn is_by_rules(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Rules(_) => !refusal.is_failure(),
        Refusal::UserTooFast(_)
        | Refusal::GroupTooFast(_)
        | Refusal::Displaced
        | Refusal::KeyTaken
        | Refusal::NoSuchPush
        | Refusal::UnknownPushService
        | Refusal::ByHook(_)
        | Refusal::HookSilent
        | Refusal::Failed(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_engine::refusal::Refusal as ByRules;
    use wigwag_session::refused::Failure;

    use super::*;

    #[test]
    fn only_what_the_rules_refuse_is_looked_up() {
        for by_rules in [ByRules::UnknownInvitation, ByRules::NotInCall, ByRules::UnknownCall] {
            assert!(is_by_rules(&by_rules.into()));
        }
        let handed_on = [
            ByRules::Internal.into(),
            Refusal::UserTooFast(Duration::from_secs(1)),
            Refusal::GroupTooFast(Duration::from_secs(1)),
            Refusal::Displaced,
            Refusal::KeyTaken,
            Failure::StoreUnavailable.into(),
            Failure::StoreFull.into(),
            Failure::Overloaded.into(),
            Failure::Internal.into(),
        ];
        for refusal in handed_on {
            assert!(!is_by_rules(&refusal), "{refusal:?}");
        }
    }
}
