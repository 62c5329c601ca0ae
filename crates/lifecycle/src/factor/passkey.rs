//! Passkeys and security keys: WebAuthn ceremonies through `webauthn-rs`.
//!
//! Verifying a signature takes far longer than a decision may, so it happens before: [`verify`] returns a
//! [`Verified`], which only this module makes, and the decision takes it by value. The library draws challenges
//! from the system's random generator itself; that is the one exception to `Env` (decision record 0005).

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, Webauthn,
};

use crate::account::{Account, AuthenticatorState};
use crate::id::AuthenticatorId;
use crate::refusal::Refusal;
use policy::FactorKind;

/// What is kept of a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    /// The credential, as the library keeps it.
    pub credential: Passkey,
    /// WebAuthn BE: the key can leave its device, so it never reaches AAL3 (63B-4 2.3.2).
    pub backup_eligible: bool,
    /// WebAuthn BS: it has left.
    pub backed_up: bool,
}

/// What the browser needs to start, and what the server keeps meanwhile.
pub struct Ceremony {
    /// For the browser.
    pub options: serde_json::Value,
    /// For storage, sealed; a ceremony is good once.
    pub state: Vec<u8>,
}

/// The state of a ceremony under way.
#[derive(Serialize, Deserialize)]
enum State {
    Register(PasskeyRegistration),
    Authenticate(PasskeyAuthentication),
    Discover(DiscoverableAuthentication),
}

fn ceremony(
    options: Result<serde_json::Value, serde_json::Error>,
    state: &State,
) -> Result<Ceremony, Refusal> {
    let failed = |_| Refusal::NotServed("webauthn".to_owned());
    Ok(Ceremony { options: options.map_err(failed)?, state: serde_json::to_vec(state).map_err(failed)? })
}

/// Starts binding. Credentials that the account already has are excluded.
pub fn begin_binding(webauthn: &Webauthn, account: &Account, kind: FactorKind) -> Result<Ceremony, Refusal> {
    let user = Uuid::parse_str(account.id.as_str()).map_err(|_| Refusal::NotRecognised)?;
    let exclude = credentials(account).map(|(_, p)| p.credential.cred_id().clone()).collect();
    let (options, state) = webauthn
        .start_passkey_registration(user, &account.name, &account.display_name, Some(exclude))
        .map_err(|_| Refusal::NotServed("webauthn".to_owned()))?;
    let mut options = serde_json::to_value(options);
    if let Ok(options) = &mut options {
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        // A discoverable credential lets the browser offer it before a name is typed; the library only asks to
        // discourage it, which platform authenticators ignore and others should not.
        selection["residentKey"] = "preferred".into();
        if kind == FactorKind::SecurityKey {
            selection["authenticatorAttachment"] = "cross-platform".into();
        }
    }
    ceremony(options, &State::Register(state))
}

/// Finishes binding.
pub fn finish_binding(
    webauthn: &Webauthn,
    state: &[u8],
    credential: &str,
    kind: FactorKind,
) -> Result<Stored, Refusal> {
    let Ok(State::Register(state)) = serde_json::from_slice(state) else {
        return Err(Refusal::NotRecognised);
    };
    let response: RegisterPublicKeyCredential =
        serde_json::from_str(credential).map_err(|_| Refusal::NotRecognised)?;
    let passkey =
        webauthn.finish_passkey_registration(&response, &state).map_err(|_| Refusal::NotRecognised)?;
    let flags = Credential::from(passkey.clone());
    if kind == FactorKind::SecurityKey && flags.backup_eligible {
        return Err(Refusal::NotAcceptable(
            "That is a passkey which can be copied between devices. Use a security key here.".to_owned(),
        ));
    }
    Ok(Stored { credential: passkey, backup_eligible: flags.backup_eligible, backed_up: flags.backup_state })
}

/// Starts authentication of a known account.
pub fn begin(webauthn: &Webauthn, account: &Account) -> Result<Ceremony, Refusal> {
    let passkeys: Vec<Passkey> = credentials(account).map(|(_, p)| p.credential.clone()).collect();
    let (options, state) =
        webauthn.start_passkey_authentication(&passkeys).map_err(|_| Refusal::NotRecognised)?;
    ceremony(serde_json::to_value(options), &State::Authenticate(state))
}

/// Starts authentication before anybody has said who they are (conditional UI).
pub fn begin_discoverable(webauthn: &Webauthn) -> Result<Ceremony, Refusal> {
    let (options, state) =
        webauthn.start_discoverable_authentication().map_err(|_| Refusal::NotRecognised)?;
    ceremony(serde_json::to_value(options), &State::Discover(state))
}

/// Whose account a discoverable credential claims to be; to be verified against that account.
pub fn claimed_account(webauthn: &Webauthn, credential: &str) -> Option<String> {
    let response: PublicKeyCredential = serde_json::from_str(credential).ok()?;
    let (user, _) = webauthn.identify_discoverable_authentication(&response).ok()?;
    Some(user.to_string())
}

/// A verified assertion. Only [`verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    pub(crate) authenticator: AuthenticatorId,
    pub(crate) result: AuthenticationResult,
}

/// An assertion that did not verify, with the authenticator it claimed where there is one: failures are counted.
#[derive(Debug)]
pub struct NotVerified {
    pub(crate) authenticator: Option<AuthenticatorId>,
}

/// Verifies an assertion against the account's credentials: slow, so before the decision.
pub fn verify(
    webauthn: &Webauthn,
    state: &[u8],
    credential: &str,
    account: &Account,
) -> Result<Verified, NotVerified> {
    let nobody = NotVerified { authenticator: None };
    let Ok(response) = serde_json::from_str::<PublicKeyCredential>(credential) else { return Err(nobody) };
    let Ok(state) = serde_json::from_slice::<State>(state) else { return Err(nobody) };
    let used =
        credentials(account).find(|(_, p)| p.credential.cred_id()[..] == *response.get_credential_id());
    let Some((id, stored)) = used else { return Err(nobody) };
    let result = match state {
        State::Authenticate(state) => webauthn.finish_passkey_authentication(&response, &state),
        State::Discover(state) => {
            webauthn.finish_discoverable_authentication_v2(&response, state, &stored.credential)
        }
        State::Register(_) => return Err(nobody),
    };
    match result {
        Ok(result) if result.user_verified() => Ok(Verified { authenticator: id.clone(), result }),
        _ => Err(NotVerified { authenticator: Some(id.clone()) }),
    }
}

/// The account's usable credentials.
fn credentials(account: &Account) -> impl Iterator<Item = (&AuthenticatorId, &Stored)> {
    account.authenticators.iter().filter(|a| a.state == AuthenticatorState::Active).filter_map(|a| {
        match &a.data {
            super::FactorData::Passkey(stored) => Some((&a.id, stored.as_ref())),
            _ => None,
        }
    })
}
