//! Where a relay is and which key it has: `https://host:port#<64 hex>`, and a second key after a comma where one is kept ready.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::transport::TransportError;
use crate::wire::Pin;

/// An address with the hash of the relay's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `https://host:port`, as it is shown to people.
    pub url: String,
    /// SHA-256 of the public key in the certificate (SubjectPublicKeyInfo, DER).
    pub pin: [u8; 32],
    /// The same of the key that takes over when the first is lost.
    pub backup: Option<[u8; 32]>,
}

impl Address {
    /// Takes an address without its key, and the key.
    ///
    /// # Errors
    /// Returns [`TransportError::NoAddress`] for anything but `https://host:port`.
    pub fn new(url: &str, pin: [u8; 32]) -> Result<Address, TransportError> {
        let url = Url::parse(url).ok().and_then(|url| plain(&url)).ok_or(TransportError::NoAddress)?;
        Ok(Address { url, pin, backup: None })
    }

    /// Tells whether a key is one of this relay.
    pub fn has(&self, pin: &[u8; 32]) -> bool {
        self.pin == *pin || self.backup.as_ref() == Some(pin)
    }
}

/// Returns `https://host:port` of an address that has nothing else.
fn plain(url: &Url) -> Option<String> {
    let bare = url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let (host, port) = url.host_str().zip(url.port_or_known_default())?;
    (bare && url.scheme() == "https" && port != 0).then(|| format!("https://{host}:{port}"))
}

impl FromStr for Address {
    type Err = TransportError;

    /// Reads an address; one without the hash of a key is none.
    fn from_str(text: &str) -> Result<Address, TransportError> {
        let (url, pins) = text.trim().split_once('#').ok_or(TransportError::NoAddress)?;
        let (pin, backup) = pins.split_once(',').map_or((pins, None), |(pin, backup)| (pin, Some(backup)));
        let pin_of = |text: &str| text.parse::<Pin>().map(|pin| pin.0).map_err(|_| TransportError::NoAddress);
        Ok(Address { backup: backup.map(pin_of).transpose()?, ..Address::new(url, pin_of(pin)?)? })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.url, hex::encode(self.pin))?;
        self.backup.map_or(Ok(()), |backup| write!(f, ",{}", hex::encode(backup)))
    }
}
