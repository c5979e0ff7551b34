//! How a command is told whom and who: people without a personal value in the command line,
//! which other users of the machine can read.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use app::identity::SubjectRef;
use clap::Args;
use gate::StaffReason;
use model::{Actor, Identifier, IdentifierKind, Personal, ReasonCode, RoleName, ServiceName, SubjectId};

use super::beside;
use super::failure::usage;

/// The longest identifier file.
const IDENTIFIER_FILE_BYTES_MAX: u64 = 1024;

/// Whom the command is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Whom {
    /// The person's id
    #[arg(long, value_name = "ID", conflicts_with = "identifier")]
    subject: Option<SubjectId>,
    /// The kind of the identifier: email, phone, customer-number, …
    #[arg(long, value_name = "KIND")]
    identifier: Option<IdentifierKind>,
    /// The file with the identifier on one line; without it the standard input
    #[arg(long, value_name = "FILE", requires = "identifier")]
    identifier_file: Option<PathBuf>,
}

impl Whom {
    /// The reference, its value read from file or standard input.
    pub(crate) fn reference(&self) -> anyhow::Result<SubjectRef> {
        match (self.subject, &self.identifier) {
            (Some(id), _) => Ok(SubjectRef::Id(id)),
            (None, Some(kind)) => {
                let value = identifier_value(self.identifier_file.as_deref())?;
                Ok(SubjectRef::Identifier(Identifier { kind: kind.clone(), value }))
            }
            (None, None) => Err(usage("nobody is named", "--subject sub_… or --identifier email")),
        }
    }
}

/// The one line of an identifier's file, or of the standard input.
pub(crate) fn identifier_value(file: Option<&Path>) -> anyhow::Result<Personal<String>> {
    let mut text = String::new();
    let read = match file {
        Some(path) => std::fs::File::open(beside::path(path))
            .with_context(|| format!("cannot open `{}`", path.display()))?
            .take(IDENTIFIER_FILE_BYTES_MAX)
            .read_to_string(&mut text),
        None if beside::is_beside() => {
            text = beside::input().unwrap_or_default();
            Ok(text.len())
        }
        None => std::io::stdin().take(IDENTIFIER_FILE_BYTES_MAX).read_to_string(&mut text),
    };
    // The system's own text names no content.
    read.map_err(|error| {
        usage(format!("the identifier cannot be read: {}", error.kind()), "UTF-8 text on one line")
    })?;
    let line = text.trim();
    if line.is_empty() || line.lines().count() > 1 {
        return Err(usage("the identifier is one line of text", "printf %s 'ADDRESS' > FILE"));
    }
    Ok(Personal::new(line.to_owned()))
}

/// Who asks, as one word: `service:NAME`, `staff:ROLE:ACCOUNT`, `customer` or `operator`.
#[derive(Debug, Clone)]
pub(crate) struct Asking(pub(crate) Actor);

impl FromStr for Asking {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "`service:NAME`, `staff:ROLE:ACCOUNT`, `customer` or `operator`".to_owned();
        let parts: Vec<&str> = text.splitn(3, ':').collect();
        match parts.as_slice() {
            ["customer"] => Ok(Self(Actor::Customer)),
            ["operator"] => Ok(Self(Actor::Operator)),
            ["service", name] => ServiceName::new(name)
                .map(|name| Self(Actor::Service(name)))
                .map_err(|error| error.to_string()),
            ["staff", role, account] if !account.is_empty() && !account.contains(['@', ' ']) => {
                let role = RoleName::new(role).map_err(|error| error.to_string())?;
                Ok(Self(Actor::Staff { account: (*account).to_owned(), role }))
            }
            _ => Err(wrong()),
        }
    }
}

/// The reason that a member of staff gives.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The reason of a member of staff: a code of their role in the manifest
    #[arg(long, value_name = "CODE", requires = "ticket")]
    reason: Option<ReasonCode>,
    /// The ticket that the reason belongs to
    #[arg(long, value_name = "ID", requires = "reason")]
    ticket: Option<String>,
}

impl Why {
    pub(crate) fn given(&self) -> Option<StaffReason> {
        let (code, ticket) = (self.reason.clone()?, self.ticket.clone()?);
        Some(StaffReason { code, ticket })
    }
}
