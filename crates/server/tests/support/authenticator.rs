//! A passkey in software: what a browser and its authenticator send, built by hand from WebAuthn level 2 and CTAP2, so
//! that nothing of the server checks itself.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// User present and user verified, WebAuthn 6.1.
const UP_UV: u8 = 0x01 | 0x04;
/// Attested credential data follows.
const AT: u8 = 0x40;

/// One key pair of one account.
pub(crate) struct SoftKey {
    id: Vec<u8>,
    user: Vec<u8>,
    key: EcdsaKeyPair,
    origin: String,
}

impl SoftKey {
    /// Answers creation options: the key, and the credential as JSON.
    pub(crate) fn register(options: &Value, origin: &str) -> (SoftKey, String) {
        let options = &options["publicKey"];
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key can be made");
        let mut id = vec![0; 16];
        aws_lc_rs::rand::fill(&mut id).expect("there is randomness");
        let user = options["user"]["id"].as_str().expect("the options name the user");
        let user = BASE64URL_NOPAD.decode(user.as_bytes()).expect("the user is base64url");
        let made = SoftKey { id, user, key, origin: origin.to_owned() };
        let client_data = made.client_data("webauthn.create", options);
        let rp = options["rp"]["id"].as_str().expect("the options name the relying party");
        let mut data = authenticator_data(rp, UP_UV | AT);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&made.id);
        data.extend(made.cose());
        // {"fmt": "none", "attStmt": {}, "authData": data}: CBOR, RFC 8949.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("it is short").to_be_bytes());
        object.extend(data);
        let response = json!({
            "attestationObject": BASE64URL_NOPAD.encode(&object),
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
        });
        let credential = made.credential(&response);
        (made, credential)
    }

    /// Answers request options.
    pub(crate) fn sign(&self, options: &Value) -> String {
        let options = &options["publicKey"];
        let client_data = self.client_data("webauthn.get", options);
        let rp = options["rpId"].as_str().expect("the options name the relying party");
        let data = authenticator_data(rp, UP_UV);
        let signed = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a key signs");
        self.credential(&json!({
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
            "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
            "userHandle": BASE64URL_NOPAD.encode(&self.user),
        }))
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn credential(&self, response: &Value) -> String {
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }

    /// {1: 2, 3: -7, -1: 1, -2: x, -3: y}: an ES256 key, RFC 9053 section 7.1.1.
    fn cose(&self) -> Vec<u8> {
        // The uncompressed point of SEC 1: 4, x, y.
        let point = self.key.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20".as_slice(), y].concat()
    }
}

/// WebAuthn 6.1, with a signature counter that stays zero: synced passkeys keep none.
fn authenticator_data(rp: &str, flags: u8) -> Vec<u8> {
    [digest(&SHA256, rp.as_bytes()).as_ref(), &[flags], &[0; 4]].concat()
}
