//! The gate: may this use of a person's data happen?
//!
//! [`decide`] is a pure function of the policy, the person's [`Standing`], the [`Use`] and the
//! time. Its yes is a [`Grant`], which becomes a [`Permit`] only by writing a ledger entry.

mod ask;
mod decide;
mod decision;
mod permit;
mod policy;
mod receipt;
mod selection;
mod sift;
mod standing;
mod standings;

pub use ask::{Sale, StaffReason, Use};
pub use decide::{Foreseen, Prepared, decide};
pub use decision::{Decision, Denial, Enforcement, Finding};
pub use permit::{Grant, NotCovered, Obligations, PERMIT_SECONDS, Permit, Record, Revealed, Scope};
pub use policy::{Laws, Policy};
pub use receipt::Receipt;
pub use selection::{DeniedGroup, Selection};
pub use sift::Sifted;
pub use standing::{ConsentState, STANDING_FORMAT, Standing, StandingFormatError};
pub use standings::{Class, Standings};
