//! Signatures in the form of Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret that the form allows.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Signs what is sent to an endpoint.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl SigningKey {
    /// `whsec_` and the base64 of 24 to 64 bytes; `None` when it is not that.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        BYTES.contains(&bytes.len()).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    fn sign(&self, id: &str, seconds: u64, body: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{seconds}.").as_bytes());
        context.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

/// The header: a signature by each key, so that a receiver may know either while one is replaced.
pub(crate) fn signatures(keys: &[SigningKey], id: &str, seconds: u64, body: &str) -> String {
    keys.iter().map(|key| key.sign(id, seconds, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the public libraries' own tests.
    #[test]
    fn a_signature_is_that_of_the_public_libraries() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signatures(
            std::slice::from_ref(&key),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signatures(&[key.clone(), key], "m", 1, "{}");
        assert_eq!(both.split(' ').count(), 2);
    }

    #[test]
    fn a_secret_has_its_form_and_is_not_shown() {
        for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8G", "whsec_!!!!"] {
            assert!(SigningKey::parse(wrong).is_none(), "{wrong}");
        }
        let (least, most) = (STANDARD.encode([7; 24]), STANDARD.encode([7; 64]));
        assert!(SigningKey::parse(&format!("whsec_{least}")).is_some());
        assert!(SigningKey::parse(&format!("whsec_{most}")).is_some());
        assert!(SigningKey::parse(&format!("whsec_{}", STANDARD.encode([7; 65]))).is_none());
        assert!(SigningKey::parse(&format!("whsec_{}", STANDARD.encode([7; 23]))).is_none());
        let key = SigningKey::parse(&format!("whsec_{least}")).unwrap();
        assert_eq!(format!("{key:?}"), "(secret)");
    }
}
