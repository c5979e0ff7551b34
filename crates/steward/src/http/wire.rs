//! Parts that several requests share, as they stand on the wire.

use std::fmt;

use app::identity::SubjectRef;
use gate::StaffReason;
use model::{Act, Action, Actor, Personal, PurposeName, ReasonCode, RoleName, SubjectId, is_reference};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::auth::Caller;
use super::problem::Problem;

/// How a request names a person. It stands here for the description alone: `app` reads it.
#[derive(ToSchema)]
#[schema(as = Subject)]
#[expect(dead_code, reason = "describes `app::identity::SubjectRef`")]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SubjectBody {
    /// Our id.
    #[schema(value_type = String, example = "sub_…")]
    Id(String),
    /// Something they are known by.
    Identifier(IdentifierBody),
}

/// Something that a person is known by.
#[derive(ToSchema)]
#[schema(as = Identifier)]
#[expect(dead_code, reason = "describes `model::Identifier`")]
pub(crate) struct IdentifierBody {
    /// `email`, `phone`, `customer-number`, `device-id` or a name of the shop's own.
    #[schema(example = "email")]
    kind: String,
    /// As written; spellings of one address are one identifier.
    value: String,
}

/// Why a member of staff looks.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = StaffReason)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonGiven {
    /// One of the codes that the role knows.
    #[schema(value_type = String)]
    code: ReasonCode,
    /// The ticket it belongs to; never a personal value.
    ticket: Reference,
}

impl ReasonGiven {
    /// The code and the ticket.
    pub(crate) fn into_parts(self) -> (ReasonCode, String) {
        (self.code, self.ticket.0)
    }
}

impl From<ReasonGiven> for StaffReason {
    fn from(given: ReasonGiven) -> Self {
        Self { code: given.code, ticket: given.ticket.0 }
    }
}

/// For whom a service acts.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum By {
    /// The person themselves, in a session of their own.
    Customer,
    /// An agent whom the person has authorised, by an id of the caller's.
    Agent(Reference),
    /// A member of staff.
    Staff(StaffBody),
}

/// A member of staff.
#[derive(Deserialize, ToSchema)]
#[schema(as = Staff)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffBody {
    /// The account; never a name or an address.
    account: Reference,
    /// The role of the manifest under which they act.
    #[schema(value_type = String)]
    role: RoleName,
}

/// An opaque id of the caller's: up to 128 letters, digits and `-_.:/#`, so that no address
/// and no name with a space gets into the ledger.
#[derive(Debug, ToSchema)]
#[schema(max_length = 128)]
pub(crate) struct Reference(pub(crate) String);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_reference(&text) {
            return Ok(Self(text));
        }
        Err(D::Error::custom("an opaque id: up to 128 letters, digits and `-_.:/#`"))
    }
}

/// A value of a field: a text, a number or a truth value, kept as text.
pub(crate) struct Scalar(pub(crate) Personal<String>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(|text| Self(Personal::new(text)))
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a truth value")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<String, E> {
        Ok(value)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }
}

impl Caller {
    /// The person that a reference leads to. To find somebody by an identifier is a look-up,
    /// which needs its scope and counts.
    pub(crate) async fn find(&self, reference: SubjectRef) -> Result<SubjectId, Problem> {
        if matches!(reference, SubjectRef::Identifier(_)) {
            self.for_lookup()?;
        }
        Ok(app::identity::resolve(self.controller(), reference).await?)
    }

    /// Refuses a key without the scope for look-ups, and takes one from its budget.
    pub(crate) fn for_lookup(&self) -> Result<(), Problem> {
        if !self.key().look_up {
            return Err(Problem::forbidden("the key may not look people up: name them by `id`"));
        }
        self.spend_lookup()
    }

    /// Refuses an action or a purpose outside the key's scopes.
    pub(crate) fn may(&self, action: Action, purpose: &PurposeName) -> Result<(), Problem> {
        self.for_action(action)?;
        self.for_purpose(purpose)
    }

    /// Refuses to show a person's choices or timeline to a key without the purpose `rights`.
    pub(crate) fn for_rights(&self) -> Result<(), Problem> {
        if self.key().purposes.iter().any(|purpose| purpose.as_str() == "rights") {
            return Ok(());
        }
        Err(Problem::forbidden("this needs the purpose `rights` in the key's scope"))
    }

    /// Refuses an act that opens what was closed, where the key or its service has nothing to
    /// do with the purpose. What protects the person anybody may pass on.
    pub(crate) fn may_loosen(&self, act: &Act, actor: &Actor) -> Result<(), Problem> {
        let purpose = match act {
            Act::Given(switch) => Some(&switch.purpose),
            Act::ObjectionLifted { purpose, .. } => Some(purpose),
            Act::OptedIn { purpose } | Act::ObjectionEnded { purpose } => purpose.as_ref(),
            Act::RestrictionLifted { .. } | Act::RecipientAccepted { .. } | Act::NotDeceased {} => None,
            _ => return Ok(()),
        };
        let Some(purpose) = purpose else { return self.for_rights() };
        self.for_purpose(purpose)?;
        let Actor::Service(name) = actor else { return Ok(()) };
        let in_force = self.controller().in_force()?;
        let service = in_force.manifest.services.get(name);
        if service.is_some_and(|service| service.purposes.contains_key(purpose)) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("the manifest does not give the service the purpose `{purpose}`")))
    }

    /// Who acts. To speak for a person, an agent or staff, the key needs the purpose `rights`.
    pub(crate) fn acting(&self, by: Option<By>) -> Result<Actor, Problem> {
        let Some(by) = by else { return self.actor() };
        if !self.key().purposes.iter().any(|purpose| purpose.as_str() == "rights") {
            return Err(Problem::forbidden("to act for somebody (`by`) the key needs the purpose `rights`"));
        }
        Ok(match by {
            By::Customer => Actor::Customer,
            By::Agent(id) => Actor::Agent(id.0),
            By::Staff(staff) => Actor::Staff { account: staff.account.0, role: staff.role },
        })
    }
}

/// An id in a path. What is no id leads nowhere, like an id that nobody has.
pub(crate) fn id_in_path<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}
