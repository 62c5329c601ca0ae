//! The console: what agents, approvers, administrators and auditors see.
//!
//! Owns the console's pages. Which of them a person may open, and which acts a page offers, the handler decides:
//! an act that is not given is not shown.

pub mod audit;
pub mod blast;
pub mod cases;
pub mod chain;
pub mod member;
pub mod members;
pub mod notices;
pub mod overview;
pub mod policy;

pub use audit::{Audit, AuditEvent, Checkpoint};
pub use cases::{Approvals, Approve, Case, CaseActs, Cases, Evidence, EvidenceState, ProofMethod, Proofed};
pub use chain::{AttackStep, Chain, ChainStep, Verdict, WayIn};
pub use member::{InvitationCreated, MemberActs, MemberPage, OpenInvitation, RecoverWay};
pub use members::{AddMember, AddressField, ChangeMember, MemberFilter, MemberRow, MemberState, Members};
pub use notices::{NoticeRow, NoticeState, Notices};
pub use overview::{Figure, Overview};
pub use policy::{DiagnosticRow, Level, PolicyPage, PopulationRow, SourceFile, SourceLine};
