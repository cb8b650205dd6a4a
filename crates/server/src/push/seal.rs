//! Encryption for a page, so that its push service cannot read what it carries (RFC 8291, with RFC 8188's `aes128gcm`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use wigwag_protocol::params::PushKeys;

/// Bytes of a message that every push service takes (RFC 8030 section 7.2).
const RECORD: usize = 4_096;
/// Bytes of a P-256 point.
const POINT: usize = 65;
/// Most bytes that can be sealed into it: without the header, the tag and the mark of the last record.
pub(super) const MOST_SEALED: usize = RECORD - (16 + 4 + 1 + POINT) - 16 - 1;
/// What follows the last record's content (RFC 8188 section 2).
const LAST: u8 = 2;
/// Lengths are rounded up to this many bytes, so that a push service does not learn from them what it carries.
const STEP: usize = 1_024;

/// What a page gave to be written to.
pub(super) struct Recipient {
    public: [u8; POINT],
    auth: [u8; 16],
}

/// The keys are no keys, so the page can be told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoKeys;

impl Recipient {
    pub(super) fn of(keys: &PushKeys) -> Result<Self, NoKeys> {
        Ok(Self { public: bytes(&keys.p256dh)?, auth: bytes(&keys.auth)? })
    }

    /// The body of a push message, of at most [`MOST_SEALED`] bytes of text.
    pub(super) fn seal(&self, text: &[u8]) -> Result<Vec<u8>, NoKeys> {
        let random = SystemRandom::new();
        let mut salt = [0; 16];
        random.fill(&mut salt).map_err(|_| NoKeys)?;
        let ours = EphemeralPrivateKey::generate(&ECDH_P256, &random).map_err(|_| NoKeys)?;
        let public = ours.compute_public_key().map_err(|_| NoKeys)?;
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.public);
        let record = padded(text);
        let sealed =
            agree_ephemeral(ours, &theirs, |secret| self.sealed(secret, public.as_ref(), salt, record));
        sealed.map_err(|_| NoKeys)?
    }

    /// With the secret that both sides have (RFC 8291 section 3.4).
    fn sealed(
        &self,
        secret: &[u8],
        ours: &[u8],
        salt: [u8; 16],
        mut record: Vec<u8>,
    ) -> Result<Vec<u8>, NoKeys> {
        let info = [b"WebPush: info\0".as_slice(), &self.public, ours].concat();
        let input = derive(&self.auth, secret, &info);
        let key = derive(&salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce = derive(&salt, &input, b"Content-Encoding: nonce\0");
        let key = UnboundKey::new(&AES_128_GCM, &key[..16]).map_err(|_| NoKeys)?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).map_err(|_| NoKeys)?;
        LessSafeKey::new(key)
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut record)
            .map_err(|_| NoKeys)?;
        let length = u32::try_from(RECORD).unwrap_or(u32::MAX).to_be_bytes();
        let name = u8::try_from(ours.len()).unwrap_or(u8::MAX);
        Ok([salt.as_slice(), &length, &[name], ours, &record].concat())
    }
}

/// The text, the mark of the last record, and zeros.
fn padded(text: &[u8]) -> Vec<u8> {
    let mut record = [text, &[LAST]].concat();
    record.resize(record.len().next_multiple_of(STEP).min(MOST_SEALED + 1).max(record.len()), 0);
    record
}

/// HKDF with SHA-256, of which one block is enough (RFC 5869).
fn derive(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; 32] {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), input);
    let expanded = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()), &[info, &[1]].concat());
    let mut block = [0; 32];
    block.copy_from_slice(expanded.as_ref());
    block
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], NoKeys> {
    let read = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| NoKeys)?;
    read.try_into().map_err(|_| NoKeys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(p256dh: &str, auth: &str) -> PushKeys {
        PushKeys { p256dh: p256dh.to_owned(), auth: auth.to_owned() }
    }

    fn read(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, appendix A, byte for byte.
    #[test]
    fn a_message_is_that_of_the_standard() {
        let recipient = Recipient::of(&keys(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        ))
        .unwrap();
        let secret = read("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let ours =
            read("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let salt = read("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let record = [b"When I grow up, I want to be a watermelon".as_slice(), &[LAST]].concat();
        let sealed = recipient.sealed(&secret, &ours, salt, record).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
             EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    /// Opens what was sealed with the private key that only the page has.
    fn open(sealed: &[u8], private: EphemeralPrivateKey, public: &[u8], auth: &[u8]) -> Vec<u8> {
        let (salt, rest) = sealed.split_at(16);
        let (theirs, record) = rest[5..].split_at(POINT);
        let info = [b"WebPush: info\0".as_slice(), public, theirs].concat();
        let mut record = record.to_vec();
        agree_ephemeral(private, &UnparsedPublicKey::new(&ECDH_P256, theirs), |secret| {
            let input = derive(auth, secret, &info);
            let key =
                UnboundKey::new(&AES_128_GCM, &derive(salt, &input, b"Content-Encoding: aes128gcm\0")[..16]);
            let nonce = derive(salt, &input, b"Content-Encoding: nonce\0");
            let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
            LessSafeKey::new(key.unwrap()).open_in_place(nonce, Aad::empty(), &mut record).unwrap().to_vec()
        })
        .unwrap()
    }

    #[test]
    fn the_page_and_nobody_else_opens_it_up_to_the_largest() {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = private.compute_public_key().unwrap();
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let keys = keys(&encoded(public.as_ref()), &format!("{}==", encoded(&[7; 16])));
        let text = vec![b'x'; MOST_SEALED];
        let recipient = Recipient::of(&keys).unwrap();
        let (sealed, again) = (recipient.seal(&text).unwrap(), recipient.seal(&text).unwrap());
        assert_eq!(sealed.len(), RECORD);
        assert_ne!(sealed, again, "each has a key of its own");
        let mut opened = open(&sealed, private, public.as_ref(), &[7; 16]);
        assert_eq!((opened.pop(), opened), (Some(LAST), text));
    }

    #[test]
    fn lengths_tell_little() {
        let lengths = [0, 1, 1_023, 1_024, 3_072, MOST_SEALED].map(|length| padded(&vec![1; length]).len());
        assert_eq!(lengths, [1_024, 1_024, 1_024, 2_048, MOST_SEALED + 1, MOST_SEALED + 1]);
        assert_eq!(padded(b"x")[..3], [b'x', LAST, 0]);
    }

    #[test]
    fn what_is_no_key_seals_nothing() {
        let auth = URL_SAFE_NO_PAD.encode([7; 16]);
        assert!(Recipient::of(&keys("", &auth)).is_err());
        let no_point = URL_SAFE_NO_PAD.encode([4; POINT]);
        assert_eq!(Recipient::of(&keys(&no_point, &auth)).unwrap().seal(b"x"), Err(NoKeys));
        assert!(!format!("{:?}", keys("s3cret", "s3cret")).contains("s3cret"));
    }
}
