//! What each authenticator of Keycloak asks for: ONE table.
//!
//! A name that is not in it is not understood, and is said so wherever it stands.

/// Something that a flow can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Password,
    Otp,
    /// WebAuthn as a second factor.
    WebAuthn,
    /// WebAuthn instead of a password.
    Passwordless,
    RecoveryCode,
    /// X.509.
    Certificate,
    /// A link sent by mail.
    Mail,
    /// A sign-in at another provider: an index into the realm's groups of them.
    Provider(usize),
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Asks for nothing that would be evidence.
    Nothing,
    /// Lets nobody in who is not in already.
    Never,
    /// The password; in the browser a passkey may take its place.
    Password {
        passkey: bool,
    },
    /// A second factor; those who have none may be made to set it up here.
    Second {
        factor: Second,
        set_up: bool,
    },
    Certificate,
    Mail,
    /// Sets the password anew.
    SetsPassword,
    /// Binds a new one-time password. The old one is not asked for.
    SetsOtp,
    /// A one-time code that settings may waive.
    MaybeOtp,
    /// Decides whether the flow that it stands in counts.
    Condition(Condition),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    Otp,
    WebAuthn,
    /// WebAuthn instead of a password. It is set up at sign-in as the others are.
    Passwordless,
    RecoveryCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// The person has what the flow asks for.
    Configured,
    /// The person has a role.
    Role,
    /// The application asks for a level.
    Level,
    /// The person came with a credential of some kind.
    Credential,
    /// Something that nobody can tell from an export.
    Other,
}

#[rustfmt::skip]
const TABLE: &[(&str, Step)] = {
    use Step::{Certificate, Condition as If, Mail, MaybeOtp, Never, Nothing, Password, Second as S, SetsOtp, SetsPassword};
    use Second::{Otp, Passwordless, RecoveryCode, WebAuthn};
    &[
        // Browser.
        ("auth-cookie",                           Never),
        ("auth-username-form",                    Nothing),
        ("auth-username-password-form",           Password { passkey: true }),
        ("auth-password-form",                    Password { passkey: true }),
        ("auth-otp-form",                         S { factor: Otp, set_up: true }),
        ("auth-conditional-otp-form",             MaybeOtp),
        ("webauthn-authenticator",                S { factor: WebAuthn, set_up: true }),
        ("webauthn-authenticator-passwordless",   S { factor: Passwordless, set_up: true }),
        ("auth-recovery-authn-code-form",         S { factor: RecoveryCode, set_up: true }),
        ("auth-x509-client-username-form",        Certificate),
        // The providers themselves are counted wherever somebody signs in.
        ("identity-provider-redirector",          Never),
        ("organization",                          Never),
        ("deny-access-authenticator",             Never),
        ("allow-access-authenticator",            Nothing),
        ("user-session-limits",                   Nothing),
        // Direct grants, and other ways to sign in without a browser.
        ("direct-grant-validate-username",        Nothing),
        ("direct-grant-validate-password",        Password { passkey: false }),
        ("direct-grant-validate-otp",             S { factor: Otp, set_up: false }),
        ("direct-grant-auth-x509-username",       Certificate),
        ("http-basic-authenticator",              Password { passkey: false }),
        ("docker-http-basic-authenticator",       Password { passkey: false }),
        ("basic-auth",                            Password { passkey: false }),
        ("console-username-password",             Password { passkey: false }),
        // Reset credentials.
        ("reset-credentials-choose-user",         Nothing),
        ("reset-credential-email",                Mail),
        ("reset-password",                        SetsPassword),
        ("reset-otp",                             SetsOtp),
        // First broker login. An account that is made anew is nobody's yet.
        ("idp-review-profile",                    Nothing),
        ("idp-create-user-if-unique",             Never),
        ("idp-confirm-link",                      Nothing),
        ("idp-confirm-override-link",             Nothing),
        ("idp-detect-existing-broker-user",       Nothing),
        ("idp-auto-link",                         Nothing),
        ("idp-email-verification",                Mail),
        ("idp-username-password-form",            Password { passkey: false }),
        ("idp-add-organization-member",           Nothing),
        // Conditions.
        ("conditional-user-configured",           If(Condition::Configured)),
        ("conditional-user-role",                 If(Condition::Role)),
        ("conditional-level-of-authentication",   If(Condition::Level)),
        ("conditional-credential",                If(Condition::Credential)),
        ("conditional-user-attribute",            If(Condition::Other)),
        ("conditional-sub-flow-executed",         If(Condition::Other)),
        ("conditional-client-scope",              If(Condition::Other)),
    ]
};

/// What the authenticator is; none: not understood.
pub(super) fn step(authenticator: &str) -> Option<Step> {
    let known = TABLE.iter().find(|(name, _)| *name == authenticator).map(|(_, step)| *step);
    // By their convention every condition, also one of somebody's own making, says so in its name.
    known.or_else(|| authenticator.starts_with("conditional-").then_some(Step::Condition(Condition::Other)))
}
