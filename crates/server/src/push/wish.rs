//! What an inviter wants devices to show: `offlinePushInfo` in every form that apps send it in.
//!
//! Tencent's native SDKs, their web SDK, their REST and OpenIM name the same things differently. What is common to all is read here; the
//! whole is handed to the adapter as it came, which knows what a vendor wants.

use serde_json::{Map, Value};

/// What a device shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// Devices are not to be woken.
    pub(super) is_off: bool,
    pub(super) title: Option<String>,
    /// The text below the title.
    pub(super) body: Option<String>,
    /// The app's own.
    pub(super) ext: Option<String>,
    /// A name of a file that the app has.
    pub(super) sound: Option<String>,
    /// For Android alone.
    pub(super) android: AndroidWish,
    /// For iPhones alone.
    pub(super) ios: IosWish,
}

/// What is for iPhones alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct IosWish {
    /// Whether it is to be a VoIP push; `None` when nothing is said.
    pub(super) voip: Option<bool>,
    /// A name of a file that the app has there, or [`NO_SOUND`].
    sound: Option<String>,
    /// How much it may disturb, by Apple's names.
    pub(super) level: Option<&'static str>,
}

/// Tencent's name for none.
const NO_SOUND: &str = "push.no_sound";
/// Apple's names of how much a notification may disturb.
const LEVELS: &[&str] = &["passive", "active", "time-sensitive", "critical"];

/// What is for Android alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AndroidWish {
    /// The notification channel, at most [`LONGEST_NAME`].
    pub(super) channel: Option<String>,
    /// A name of a file that the app has there.
    pub(super) sound: Option<String>,
}

/// Longest name of something in an app, bytes. Longer ones are left out: a push has room for it, whatever else it says.
const LONGEST_NAME: usize = 128;

/// Names of the same in Tencent's native form and their web form, in their REST, and in OpenIM's.
const TITLE: &[&str] = &["title", "Title"];
const BODY: &[&str] = &["desc", "description", "Desc"];
const EXT: &[&str] = &["ext", "extension", "Ext", "ex"];
const SOUND: &[&str] =
    &["sound", "iOSSound", "AndroidSound", "androidSound", "iOSPushSound", "offlinePushSound"];
const IOS_SOUND: &[&str] = &["iOSSound", "iOSPushSound"];
const INSIDE_IOS: &[&str] = &["apnsInfo", "ApnsInfo"];
const ANDROID_SOUND: &[&str] = &["AndroidSound", "androidSound"];
/// Of FCM; the other vendors' channels are for the adapter.
const ANDROID_CHANNEL: &[&str] =
    &["AndroidFCMChannelID", "androidFCMChannelID", "FCMChannelID", "GoogleChannelID"];
/// Tables with some of it inside.
const INSIDE: &[&str] = &["apnsInfo", "ApnsInfo", "androidInfo", "AndroidInfo"];
const INSIDE_ANDROID: &[&str] = &["androidInfo", "AndroidInfo"];
/// A sound, in any of the tables.
const SOUND_INSIDE: &[&str] = &["sound", "Sound"];

impl Wish {
    /// Reads the JSON that came with an invitation. What is not understood is left out.
    pub(super) fn read(json: Option<&str>) -> Self {
        let Some(Ok(Value::Object(info))) = json.map(serde_json::from_str) else { return Self::default() };
        Self {
            is_off: says_off(&info),
            title: text(&info, TITLE),
            body: text(&info, BODY),
            ext: text(&info, EXT),
            sound: text(&info, SOUND).or_else(|| text_inside(&info, INSIDE, SOUND_INSIDE)),
            android: AndroidWish::of(&info),
            ios: IosWish::of(&info),
        }
    }
}

impl IosWish {
    fn of(info: &Map<String, Value>) -> Self {
        let level = text(info, &["iOSInterruptionLevel"]);
        Self {
            voip: says_voip(info),
            sound: text(info, IOS_SOUND).or_else(|| text_inside(info, INSIDE_IOS, SOUND_INSIDE)),
            level: level.and_then(|level| LEVELS.iter().copied().find(|known| *known == level)),
        }
    }

    /// The sound of an alert, where `shown` is what there is room for. Without one it has the system's.
    pub(super) fn sound<'a>(&'a self, shown: Option<&'a str>) -> Option<&'a str> {
        let sound = shown.map_or("default", |shown| self.sound.as_deref().unwrap_or(shown));
        (sound != NO_SOUND).then_some(sound)
    }
}

/// Tencent's `iOSPushType`, of which 1 is a VoIP push, and their web SDK's `disableVoipPush`.
fn says_voip(info: &Map<String, Value>) -> Option<bool> {
    let inside = INSIDE_IOS.iter().filter_map(|name| info.get(*name)?.as_object());
    let mut tables = std::iter::once(info).chain(inside);
    if let Some(says) = tables.find_map(|table| table.get("disableVoipPush")?.as_bool()) {
        return Some(!says);
    }
    match info.get("iOSPushType")? {
        Value::Number(says) => says.as_u64().map(|says| says == 1),
        Value::String(says) => Some(says == "1" || says.eq_ignore_ascii_case("voip")),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

impl AndroidWish {
    fn of(info: &Map<String, Value>) -> Self {
        let channel =
            text(info, ANDROID_CHANNEL).or_else(|| text_inside(info, INSIDE_ANDROID, ANDROID_CHANNEL));
        Self {
            channel: channel.filter(|name| name.len() <= LONGEST_NAME),
            sound: text(info, ANDROID_SOUND).or_else(|| text_inside(info, INSIDE_ANDROID, SOUND_INSIDE)),
        }
    }
}

/// Whether the inviter wants no device to be woken.
pub(crate) fn is_off(json: Option<&str>) -> bool {
    Wish::read(json).is_off
}

/// Tencent's `disablePush`, and their REST's `PushFlag`, of which 1 is "no push".
fn says_off(info: &Map<String, Value>) -> bool {
    let says = |name| match info.get(name) {
        Some(Value::Bool(says)) => *says,
        // As their C++ and older web SDKs write it.
        Some(Value::String(says)) => says == "true" || says == "1",
        Some(Value::Number(says)) => says.as_u64() == Some(1),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
    };
    says("disablePush") || says("PushFlag")
}

/// The first of these that is there and not empty.
fn text(info: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let mut texts = names.iter().filter_map(|name| info.get(*name)?.as_str());
    texts.find(|text| !text.is_empty()).map(str::to_owned)
}

/// The same in the first of these tables that has it.
fn text_inside(info: &Map<String, Value>, tables: &[&str], names: &[&str]) -> Option<String> {
    tables.iter().find_map(|table| text(info.get(*table)?.as_object()?, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(title: &str, body: &str, ext: &str, sound: &str) -> Wish {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (title, body, ext, sound) = (some(title), some(body), some(ext), some(sound));
        let (android, ios) = (AndroidWish::default(), IosWish::default());
        Wish { is_off: false, title, body, ext, sound, android, ios }
    }

    #[test]
    fn every_form_is_read() {
        let table = [
            // V2TIMOfflinePushInfo.
            (
                r#"{"title":"Alice","desc":"calls","ext":"{\"a\":1}","iOSSound":"ring.caf","AndroidSound":"ring","disablePush":false}"#,
                wish("Alice", "calls", r#"{"a":1}"#, "ring.caf"),
            ),
            // The web SDK.
            (
                r#"{"title":"Alice","description":"calls","extension":"x","androidInfo":{"sound":"ring.mp3","OPPOChannelID":"1"}}"#,
                wish("Alice", "calls", "x", "ring.mp3"),
            ),
            // REST.
            (
                r#"{"PushFlag":0,"Title":"Alice","Desc":"calls","Ext":"x","ApnsInfo":{"Sound":"apns.mp3","BadgeMode":1},"AndroidInfo":{"Sound":"a.mp3"}}"#,
                wish("Alice", "calls", "x", "apns.mp3"),
            ),
            // OpenIM.
            (
                r#"{"title":"Alice","desc":"calls","ex":"x","iOSPushSound":"default","iOSBadgeCount":true}"#,
                wish("Alice", "calls", "x", "default"),
            ),
            (r#"{"title":"","desc":7,"ext":null}"#, Wish::default()),
            ("{", Wish::default()),
            ("[]", Wish::default()),
        ];
        for (json, expected) in table {
            let (android, ios) = (AndroidWish::default(), IosWish::default());
            let read = Wish { android, ios, ..Wish::read(Some(json)) };
            assert_eq!(read, expected, "{json}");
        }
        assert_eq!(Wish::read(None), Wish::default());
    }

    #[test]
    fn an_iphone_has_a_kind_a_sound_and_a_level_of_its_own() {
        let table = [
            (r#"{"iOSPushType":1}"#, Some(true)),
            (r#"{"iOSPushType":"VoIP"}"#, Some(true)),
            (r#"{"iOSPushType":0}"#, Some(false)),
            (r#"{"iOSPushType":null}"#, None),
            (r#"{"disableVoipPush":true,"iOSPushType":1}"#, Some(false)),
            (r#"{"apnsInfo":{"disableVoipPush":false}}"#, Some(true)),
            ("{}", None),
        ];
        for (json, voip) in table {
            assert_eq!(Wish::read(Some(json)).ios.voip, voip, "{json}");
        }
        let sound = |json: &str| {
            let wish = Wish::read(Some(json));
            wish.ios.sound(wish.sound.as_deref()).map(str::to_owned)
        };
        let table = [
            (r#"{"AndroidSound":"ring","iOSSound":"ring.caf"}"#, Some("ring.caf")),
            (r#"{"androidInfo":{"sound":"a"},"apnsInfo":{"sound":"i"}}"#, Some("i")),
            (r#"{"iOSSound":"push.no_sound"}"#, None),
            ("{}", Some("default")),
        ];
        for (json, expected) in table {
            assert_eq!(sound(json).as_deref(), expected, "{json}");
        }
        let level = |name: &str| {
            let info = serde_json::json!({"iOSInterruptionLevel": name}).to_string();
            Wish::read(Some(&info)).ios.level
        };
        assert_eq!((level("critical"), level("loud")), (Some("critical"), None));
    }

    #[test]
    fn android_has_a_channel_and_a_sound_of_its_own() {
        let table = [
            (
                r#"{"AndroidFCMChannelID":"calls","AndroidSound":"ring","iOSSound":"ring.caf"}"#,
                "calls",
                "ring",
            ),
            (
                r#"{"androidInfo":{"FCMChannelID":"calls","sound":"ring.mp3"},"apnsInfo":{"sound":"a"}}"#,
                "calls",
                "ring.mp3",
            ),
            (
                r#"{"AndroidInfo":{"GoogleChannelID":"calls","Sound":"a.mp3","HuaWeiChannelID":"h"}}"#,
                "calls",
                "a.mp3",
            ),
            (r#"{"iOSSound":"ring.caf","AndroidOPPOChannelID":"o","androidInfo":7}"#, "", ""),
        ];
        for (json, channel, sound) in table {
            let AndroidWish { channel: is, sound: sounds } = Wish::read(Some(json)).android;
            assert_eq!(
                (is.unwrap_or_default(), sounds.unwrap_or_default()),
                (channel.into(), sound.into()),
                "{json}"
            );
        }
        let of = |length| {
            let info = serde_json::json!({"FCMChannelID": "c".repeat(length)}).to_string();
            Wish::read(Some(&info)).android.channel
        };
        assert!(of(LONGEST_NAME).is_some() && of(LONGEST_NAME + 1).is_none());
    }

    #[test]
    fn an_inviter_can_turn_pushes_off() {
        for off in [
            r#"{"disablePush":true}"#,
            r#"{"disablePush":"true"}"#,
            r#"{"disablePush":1}"#,
            r#"{"PushFlag":1}"#,
        ] {
            assert!(Wish::read(Some(off)).is_off, "{off}");
        }
        for on in [
            r#"{"disablePush":false}"#,
            r#"{"PushFlag":0}"#,
            r#"{"disablePush":"false"}"#,
            r#"{"disablePush":null}"#,
        ] {
            assert!(!Wish::read(Some(on)).is_off, "{on}");
        }
    }
}
