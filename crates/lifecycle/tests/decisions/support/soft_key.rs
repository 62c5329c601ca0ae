//! A passkey in software: answers WebAuthn ceremonies as a device would, with whichever flags a test wants.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD as B64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const RP: &str = "login.example.com";
pub(crate) const ORIGIN: &str = "https://login.example.com";

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const HAS_CREDENTIAL: u8 = 0x40;

pub(crate) struct SoftKey {
    id: Vec<u8>,
    pair: EcdsaKeyPair,
    user: Vec<u8>,
    /// Counts signatures from 1, or stays 0 as synced passkeys do.
    pub(crate) counter: u32,
    pub(crate) synced: bool,
    pub(crate) verifies_user: bool,
}

impl SoftKey {
    pub(crate) fn new(number: u64) -> SoftKey {
        SoftKey {
            id: Sha256::digest(number.to_be_bytes()).to_vec(),
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key can be made"),
            user: Vec::new(),
            counter: 0,
            synced: false,
            verifies_user: true,
        }
    }

    /// Another key that claims to be this credential.
    pub(crate) fn forgery(&self) -> SoftKey {
        SoftKey { id: self.id.clone(), user: self.user.clone(), ..SoftKey::new(0) }
    }

    fn head(&self, more: u8) -> Vec<u8> {
        let mut flags = USER_PRESENT | more;
        if self.verifies_user {
            flags |= USER_VERIFIED;
        }
        if self.synced {
            flags |= BACKUP_ELIGIBLE;
        }
        let mut head = Sha256::digest(RP).to_vec();
        head.push(flags);
        head.extend(self.counter.to_be_bytes());
        head
    }

    /// Answers `navigator.credentials.create`.
    pub(crate) fn register(&mut self, options: &Value) -> String {
        let options = &options["publicKey"];
        self.user = B64.decode(text(&options["user"]["id"]).as_bytes()).expect("the user handle is base 64");
        let client = client_data("webauthn.create", text(&options["challenge"]));
        let mut data = self.head(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("an id is short").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // CBOR: a map of three: fmt, attStmt, authData.
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend(u16::try_from(data.len()).expect("authenticator data is short").to_be_bytes());
        object.extend(data);
        let response = json!({
            "attestationObject": B64.encode(&object),
            "clientDataJSON": B64.encode(client.as_bytes()),
        });
        self.credential(&response)
    }

    /// RFC 9052: an EC2 key on P-256 for ES256.
    fn cose(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(x);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(y);
        key
    }

    /// Answers `navigator.credentials.get`.
    pub(crate) fn assert(&mut self, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client = client_data("webauthn.get", text(&options["publicKey"]["challenge"]));
        let data = self.head(0);
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).expect("a key signs");
        let response = json!({
            "authenticatorData": B64.encode(&data),
            "clientDataJSON": B64.encode(client.as_bytes()),
            "signature": B64.encode(signature.as_ref()),
            "userHandle": B64.encode(&self.user),
        });
        self.credential(&response)
    }

    fn credential(&self, response: &Value) -> String {
        let id = B64.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "extensions": {}, "response": response })
            .to_string()
    }
}

fn client_data(kind: &str, challenge: &str) -> String {
    json!({ "type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": false }).to_string()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("the option is text")
}
