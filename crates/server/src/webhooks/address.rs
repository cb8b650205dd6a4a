//! Where requests may go: public addresses, and the ranges that the operator has named. A name is looked up here, each address is
//! checked, and the request goes to what was checked, because a name may resolve to another address a moment later.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::Deserialize;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Addresses that share their first bits, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AddressRange {
    base: IpAddr,
    bits: u8,
}

/// A text that is no [`AddressRange`].
#[derive(Debug)]
pub struct NoRange(String);

impl fmt::Display for NoRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no range of addresses: write it as 10.0.0.0/8, or an address alone", self.0)
    }
}

impl std::error::Error for NoRange {}

impl FromStr for AddressRange {
    type Err = NoRange;

    fn from_str(text: &str) -> Result<Self, NoRange> {
        let wrong = || NoRange(text.to_owned());
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits <= most { Ok(Self { base, bits }) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = NoRange;

    fn try_from(text: String) -> Result<Self, NoRange> {
        text.parse()
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl AddressRange {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let differing = u32::from(base) ^ u32::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let differing = u128::from(base) ^ u128::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

/// Whether an address is one of the ranges that the operator has named.
pub(crate) fn is_named(address: IpAddr, allowed: &[AddressRange]) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|range| range.contains(address))
}

/// Whether a request may go there.
pub(crate) fn may_be_reached(address: IpAddr, allowed: &[AddressRange]) -> bool {
    is_named(address, allowed) || is_public(address.to_canonical())
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => embedded(address).map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and what followed it).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match a {
        0 | 10 | 127 | 224.. => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        _ => false,
    };
    !is_special
}

/// Of IPv6 only global unicast is given out (2000::/3), and of it not what is for documentation, tests and tunnels.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_special = (first == 0x2001 && (second < 0x200 || second == 0xdb8)) || first == 0x3fff;
    is_global && !is_special
}

/// The IPv4 address to which a translator or a tunnel would bring the request (RFC 6052, RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Looks names up, and refuses those that lead to where no request may go.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) allowed: Vec<AddressRange>,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let in_the_clear = uri.scheme_str() != Some("https");
        let may_go = |address: IpAddr| {
            if in_the_clear {
                is_named(address, &self.allowed)
            } else {
                may_be_reached(address, &self.allowed)
            }
        };
        // One that may not be reached spoils all: which one is taken is not known here.
        if found.iter().all(|address| may_go(address.ip())) {
            return Ok(found);
        }
        Err(ureq::Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, NOT_ALLOWED)))
    }
}

/// For the log.
const NOT_ALLOWED: &str = "its name leads to an address that the configuration does not allow";

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(address: &str, allowed: &[AddressRange]) -> bool {
        may_be_reached(address.parse().unwrap(), allowed)
    }

    #[test]
    fn only_public_addresses_are_reached_unasked() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!reached(inside, &[]), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(reached(outside, &[]), "{outside}");
        }
    }

    #[test]
    fn what_is_named_is_reached_and_its_neighbours_are_not() {
        let allowed = ["10.1.0.0/16", "fd00::/8", "127.0.0.1"].map(|range| range.parse().unwrap());
        for inside in ["10.1.255.255", "fd12::1", "127.0.0.1", "::ffff:10.1.0.1"] {
            assert!(reached(inside, &allowed), "{inside}");
        }
        for outside in ["10.2.0.0", "10.0.255.255", "fc00::1", "127.0.0.2"] {
            assert!(!reached(outside, &allowed), "{outside}");
        }
        assert!("0.0.0.0/0".parse::<AddressRange>().unwrap().contains("9.9.9.9".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "example.org", "10.0.0.0/x"] {
            assert!(wrong.parse::<AddressRange>().is_err(), "{wrong}");
        }
    }
}
