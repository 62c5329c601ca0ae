//! AES-256-GCM with random nonces: `nonce || ciphertext || tag`, bound to a context.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

/// A 256-bit secret that is wiped when dropped.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// A fresh secret, unless the system has no randomness.
pub(super) fn random() -> Option<Secret> {
    let mut secret = Secret::default();
    aws_lc_rs::rand::fill(secret.as_mut_slice()).ok()?;
    Some(secret)
}

/// Seals; none only when the library fails.
pub(super) fn seal(key: &Secret, context: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).ok()?;
    let mut sealed = vec![0; NONCE_LEN];
    sealed.reserve(plaintext.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(plaintext);
    let (nonce, tag) = key.seal_in_place_separate_tag(Aad::from(context), &mut sealed[NONCE_LEN..]).ok()?;
    sealed[..NONCE_LEN].copy_from_slice(nonce.as_ref());
    sealed.extend_from_slice(tag.as_ref());
    Some(sealed)
}

/// Opens; none when the key, the context or a single bit is another.
pub(super) fn open(key: &Secret, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).ok()?;
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut text = Zeroizing::new(rest.to_vec());
    let length =
        key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_context_only() {
        let (key, other) = (random().unwrap(), random().unwrap());
        let sealed = seal(&key, b"row 1", b"seed").unwrap();
        assert_eq!(open(&key, b"row 1", &sealed).unwrap().as_slice(), b"seed");
        assert!(open(&other, b"row 1", &sealed).is_none());
        assert!(open(&key, b"row 2", &sealed).is_none());
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key, b"row 1", &changed).is_none(), "bit {bit}");
        }
        assert!(open(&key, b"row 1", &sealed[..11]).is_none());
    }

    #[test]
    fn nothing_is_sealed_twice_alike() {
        let key = random().unwrap();
        assert_ne!(seal(&key, b"", b"seed").unwrap(), seal(&key, b"", b"seed").unwrap());
    }

    /// Test case 16 of the GCM specification that AES-GCM was submitted with.
    #[test]
    fn a_published_ciphertext_opens() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let key: [u8; 32] =
            hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").try_into().unwrap();
        let sealed = hex(concat!(
            "cafebabefacedbaddecaf888",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ));
        let context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let text = open(&Zeroizing::new(key), &context, &sealed).unwrap();
        assert!(text.starts_with(&hex("d9313225f88406e5a55909c5aff5269a")));
        assert_eq!(text.len(), 60);
    }
}
