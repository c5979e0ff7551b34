//! Evaluated audiences. Their members are the timeline rows of their set.

use model::{AudienceId, Channel, EntryId, PurposeName, SetId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One evaluated audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The audience.
    pub id: AudienceId,
    /// The set that its entry names.
    pub set: SetId,
    /// The entry.
    pub entry: EntryId,
    /// Who asked.
    pub asker: String,
    /// For what.
    pub purpose: PurposeName,
    /// Over which channel.
    pub channel: Option<Channel>,
    /// How many people.
    pub count: i64,
    /// By which version of the manifest.
    pub policy_version: i64,
    /// When.
    pub created: Timestamp,
    /// Until when its pages are served.
    pub until: Timestamp,
}

impl FromRow for Audience {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            set: row.get(1)?,
            entry: row.get(2)?,
            asker: row.get(3)?,
            purpose: row.get(4)?,
            channel: row.get(5)?,
            count: row.get(6)?,
            policy_version: row.get(7)?,
            created: row.get(8)?,
            until: row.get(9)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO audience (audience_id, set_id, entry_id, asker, purpose, channel, member_count, \
     policy_version, created_us, until_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
const FIND: Sql = sql!(
    "SELECT audience_id, set_id, entry_id, asker, purpose, channel, member_count, policy_version, \
     created_us, until_us FROM audience WHERE audience_id = $1"
);

/// Records an evaluated audience.
pub fn add_audience(tx: &mut Tx<'_>, audience: &Audience) -> Result<(), DbError> {
    tx.execute(
        &ADD,
        &[
            &audience.id,
            &audience.set,
            &audience.entry,
            &audience.asker,
            &audience.purpose,
            &audience.channel,
            &audience.count,
            &audience.policy_version,
            &audience.created,
            &audience.until,
        ],
    )
    .map(|_| ())
}

/// An audience by its id.
pub fn audience(tx: &mut ReadTx<'_>, id: &AudienceId) -> Result<Option<Audience>, DbError> {
    tx.query_opt(&FIND, &[id])
}

const FORGET_AUDIENCES: Sql = sql!("DELETE FROM audience WHERE until_us < $1");

/// Forgets audiences whose pages ended before `before`; their entries and sets stay.
pub fn forget_audiences(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET_AUDIENCES, &[&before])
}
