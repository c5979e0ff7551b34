//! Who asks.

use std::fmt;

/// Who asks: always a role or a typed id, never a person's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Actor {
    /// A program of the business, by its name in the manifest.
    Service(crate::name::ServiceName),
    /// A member of staff, by account id and under a role of the manifest.
    Staff {
        /// The account (opaque; never a name or an address).
        account: String,
        /// The role under which they act.
        role: crate::name::RoleName,
    },
    /// The person themselves.
    Customer,
    /// An agent whom the person has authorised.
    Agent(String),
    /// Steward's own background work, by the name of the job.
    Job(String),
    /// Whoever runs the executable on the machine.
    Operator,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(f, "service:{name}"),
            Self::Staff { account, role } => write!(f, "staff:{role}:{account}"),
            Self::Customer => f.write_str("customer"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Job(name) => write!(f, "job:{name}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}
