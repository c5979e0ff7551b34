//! What every operation reads its body as: for those who read such documents without a server
//! (a file of questions), and for whoever throws bytes at all of them.

use app::access::Question;
use serde::de::DeserializeOwned;

use super::{
    audiences, consents, decisions, erasures, identifiers, json, merges, subjects, visitors, withdrawals,
};

/// Reads a body as one operation does; what is wrong is told by path and kind, never by value.
pub type Reader = fn(&[u8]) -> Result<(), String>;

/// Every operation that takes a body, by method and path.
pub const READERS: &[(&str, Reader)] = &[
    ("DELETE /v1/merges/{id}", read::<merges::PartBody>),
    ("DELETE /v1/visitors/{id}", read::<visitors::ForgetBody>),
    ("POST /v1/audiences", read::<audiences::AudienceBody>),
    ("POST /v1/consents", read::<consents::ConsentsBody>),
    ("POST /v1/decisions", decisions::read_body),
    ("POST /v1/merges", read::<merges::MergeBody>),
    ("POST /v1/standings", read::<consents::StandingsBody>),
    ("POST /v1/subjects", read::<subjects::CollectBody>),
    ("POST /v1/subjects/lookup", read::<subjects::LookupBody>),
    ("POST /v1/subjects/read", read::<subjects::ReadBody>),
    ("POST /v1/subjects/{id}/corrections", read::<subjects::CorrectBody>),
    ("POST /v1/subjects/{id}/erasures", read::<erasures::EraseBody>),
    ("POST /v1/subjects/{id}/exports", read::<subjects::ExportBody>),
    ("POST /v1/subjects/{id}/history", read::<subjects::HistoryBody>),
    ("POST /v1/subjects/{id}/identifiers", read::<identifiers::IdentifyBody>),
    ("POST /v1/subjects/{id}/withdrawals", read::<withdrawals::WithdrawalBody>),
    ("POST /v1/visitors", read::<visitors::VisitorBody>),
    ("POST /v1/visitors/{id}/join", read::<visitors::JoinBody>),
];

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(), String> {
    json::read::<T>(bytes).map(drop).map_err(|problem| problem.told())
}

/// One question, in the form that it has among the `items` of `POST /v1/decisions`.
///
/// # Errors
/// Where it breaks that form, by path; never by value.
pub fn question(bytes: &[u8]) -> Result<Question, String> {
    decisions::QuestionBody::from_line(bytes)
}
