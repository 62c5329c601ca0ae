//! The registry of rules: one line per rule, nothing else.
//!
//! A rule's words live in `rules/<hazard>.md` and its check in `rules/<hazard>.rs`. The rules about the file itself
//! are found while it is read (`syntax`, `expression`, `resolve`), so they have a page only. Codes leave room for
//! rules to come, in the order of the language's design.

mod app_unreachable;
mod app_weaker_than_sensitivity;
mod bind_raises_assurance;
mod circular_recovery;
mod context;
mod enrolment_weaker_than_login;
mod expired_exception;
mod judge;
mod lone_approver;
mod long_exception;
mod no_phishing_resistant_option;
mod nonconformant_recovery;
mod offboarding_leaves_door;
mod partly_listed;
mod phishable_privileged;
mod recovery_reuses_lost_factor;
mod recovery_weaker_than_login;
mod restricted_factor;
mod same_door_twice;
mod self_approval;
mod session_too_long;
mod shared_channel;
mod short_wait;
mod silent_change;
mod single_capability;
mod single_loss_lockout;
mod story;
mod unowned_exception;
mod unproved;
mod unreachable;
mod unused;
mod weak_approver;

use crate::diagnostic::{Diagnostics, Level};
use crate::syntax::suggest;
pub(crate) use context::{Context, capabilities, holding};
use context::{Judged, MOST_WAYS, authenticators, door_path, names};
pub(crate) use judge::{findings, judge};

macro_rules! registry {
    (file { $($fcode:ident $ffile:ident $frule:ident $fname:literal $flevel:ident $fsummary:literal;)* }
     policy { $($code:ident $file:ident $rule:ident $name:literal $level:ident $summary:literal;)* }) => {
        registry! { @all $($fcode $ffile $frule $fname $flevel $fsummary;)* $($code $file $rule $name $level $summary;)* }

        /// The checks of a policy that could be read, in the order of the codes.
        const CHECKS: &[(Rule, fn(&Context<'_>, &mut Diagnostics))] = &[$((Rule::$rule, $file::check)),*];
    };
    (@all $($code:ident $file:ident $rule:ident $name:literal $level:ident $summary:literal;)*) => {
        /// A rule that `check` knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $summary] $rule),* }

        impl Rule {
            /// Every rule, in the order of the codes.
            pub const ALL: &[Rule] = &[$(Rule::$rule),*];

            /// The stable code, such as `P0101`.
            pub fn code(self) -> &'static str { match self { $(Rule::$rule => stringify!($code)),* } }

            /// The name used in policies: it names the hazard.
            pub fn name(self) -> &'static str { match self { $(Rule::$rule => $name),* } }

            /// The level of its findings, unless a finding says otherwise.
            pub fn level(self) -> Level { match self { $(Rule::$rule => Level::$level),* } }

            /// What it finds, in a few words.
            pub fn summary(self) -> &'static str { match self { $(Rule::$rule => $summary),* } }

            /// Its page: what it finds, why it matters, an example, and what to write instead.
            pub fn page(self) -> &'static str {
                match self { $(Rule::$rule => include_str!(concat!("rules/", stringify!($file), ".md"))),* }
            }
        }
    };
}

#[rustfmt::skip]
registry! {
    file {
        P0001 syntax                        Syntax                     "syntax"                        Error   "the file cannot be read as a policy";
        P0002 unknown_name                  UnknownName                "unknown-name"                  Error   "a name that nothing defines";
        P0003 wrong_kind                    WrongKind                  "wrong-kind"                    Error   "a thing that cannot stand where it stands";
        P0004 duplicate_name                DuplicateName              "duplicate-name"                Error   "one name for two things";
    }
    policy {
        P0101 recovery_weaker_than_login    RecoveryWeakerThanLogin    "recovery-weaker-than-login"    Error   "a way back that is easier than signing in";
        P0102 enrolment_weaker_than_login   EnrolmentWeakerThanLogin   "enrolment-weaker-than-login"   Error   "an invitation that is easier to take than the account";
        P0103 bind_raises_assurance         BindRaisesAssurance        "bind-raises-assurance"         Error   "a weak session that binds a strong factor";
        P0104 single_capability             SingleCapability           "single-capability"             Warning "one deed from afar takes an account with two factors";
        P0105 shared_channel                SharedChannel              "shared-channel"                Error   "doors, or a door and its warning, that hang on one channel or thing";
        P0106 circular_recovery             CircularRecovery           "circular-recovery"             Error   "recovery needs what only a signed-in member can reach";
        P0107 recovery_reuses_lost_factor   RecoveryReusesLostFactor   "recovery-reuses-lost-factor"   Error   "recovery that asks for the factor that was lost";
        P0108 same_door_twice               SameDoorTwice              "same-door-twice"               Error   "one door for newcomers and for emergencies";
        P0109 lone_approver                 LoneApprover               "lone-approver"                 Error   "one person can reset a high-risk member";
        P0110 weak_approver                 WeakApprover               "weak-approver"                 Error   "an approver who is easier to take than those they can reset";
        P0111 self_approval                 SelfApproval               "self-approval"                 Warning "a population that resets its own members with nobody outside it";
        P0112 silent_change                 SilentChange               "silent-change"                 Error   "a door changes factors and tells nobody";
        P0113 restricted_factor             RestrictedFactor           "restricted-factor"             Warning "text messages or calls where nothing better is offered";
        P0114 phishable_privileged          PhishablePrivileged        "phishable-privileged"          Error   "a high-risk login that can be phished";
        P0115 no_phishing_resistant_option  NoPhishingResistantOption  "no-phishing-resistant-option"  Error   "two factors, and none that withstands phishing";
        P0116 nonconformant_recovery        NonconformantRecovery      "nonconformant-recovery"        Error   "recovery that SP 800-63B-4 does not permit";
        P0117 session_too_long              SessionTooLong             "session-too-long"              Warning "a session that outlives its assurance level";
        P0118 app_unreachable               AppUnreachable             "app-unreachable"               Error   "an application whose demands no login meets";
        P0119 app_weaker_than_sensitivity   AppWeakerThanSensitivity   "app-weaker-than-sensitivity"   Warning "a sensitive application that a phished session opens";
        P0120 offboarding_leaves_door       OffboardingLeavesDoor      "offboarding-leaves-door"       Error   "a door that stays open after its member has left";
        P0121 single_loss_lockout           SingleLossLockout          "single-loss-lockout"           Warning "one loss that shuts a member out for good";
        P0122 unused                        Unused                     "unused"                        Note    "a name that no door needs";
        P0123 unreachable                   Unreachable                "unreachable"                   Note    "a door that nobody can open";
        P0124 short_wait                    ShortWait                  "short-wait"                    Warning "a wait in which nobody objects";
        P0201 expired_exception             ExpiredException           "expired-exception"             Error   "an exception whose day has passed";
        P0202 unowned_exception             UnownedException           "unowned-exception"             Error   "an exception that nobody answers for";
        P0203 long_exception                LongException              "long-exception"                Error   "an exception that lasts too long";
        P0301 unproved                      Unproved                   "unproved"                      Error   "something that could not be computed";
        P0302 partly_listed                 PartlyListed               "partly-listed"                 Note    "more ways in than can be listed";
    }
}

impl Rule {
    /// The rule of this name or code.
    pub fn find(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name || rule.code().eq_ignore_ascii_case(name))
    }

    /// The rule whose name is nearest to an unknown one, if one is near enough to be what was meant.
    pub fn nearest(name: &str) -> Option<Rule> {
        suggest::nearest(name, Rule::ALL.iter().map(|rule| rule.name())).and_then(Rule::find)
    }

    /// May an exception lower its findings? Not where the file itself, or an exception, is at fault.
    pub fn excusable(self) -> bool {
        self.code().starts_with("P01")
    }
}
