//! The nouns of Steward: ids, times, names, categories, purposes, events, and the manifest
//! that declares them. Depends on nothing else of ours and does no IO beyond reading the
//! manifest's files.

mod action;
mod actor;
mod channel;
mod entry;
mod event;
mod finding;
mod identifier;
mod ids;
pub mod manifest;
mod name;
mod personal;
mod purpose;
mod secret;
pub mod taxonomy;
mod time;

pub use action::{Action, ActionError};
pub use actor::Actor;
pub use channel::{Channel, ChannelError};
pub use entry::{
    About, Answer, Entry, EntryKind, REFERENCE_BYTES_MAX, RestrictionException, Set, Via, is_reference,
};
pub use event::{
    Act, ActError, AgeBand, ConsentEvent, EventColumns, EventFacts, EventKind, Grade, Origin, RegionSource,
    Shown, Signal, Switch,
};
pub use finding::{Cited, FindingCode, FindingStage};
pub use identifier::{
    IDENTIFIER_BYTES_MAX, Identifier, IdentifierError, IdentifierKind, NORMAL_FORM_VERSION,
};
pub use ids::{
    ApiKeyId, AudienceId, EntryId, EventId, IdError, ImportId, JobId, LoginId, MergeId, RecordId, SetId,
    StaffId, SubjectId, ValueId, VisitorId,
};
pub use name::{
    CategoryName, ControllerName, GroundName, LawFamily, LifetimeName, NAME_BYTES_MAX, NameError, NoticeName,
    PurposeName, ReasonCode, RecipientName, RecordKind, RoleName, ServiceName, SiteName, SystemName,
};
pub use personal::Personal;
pub use purpose::{Basis, Choice, PurposeKind};
pub use secret::Secret;
pub use time::{Clock, SystemClock, Timestamp, TimestampError};
