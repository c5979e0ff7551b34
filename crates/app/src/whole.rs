//! A person with every identity of theirs, all rows taken: for acts on the whole person.

use model::{SubjectId, Timestamp};
use store::{Tx, identity};

use crate::controller::Core;
use crate::error::AppError;
use crate::person::{self, Person};

/// Takes the rows of all identities of a living person, in the order of their ids, so that
/// two acts on the same people never wait for each other.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Erased`]; `identities-moved` when a merge came in
/// between the look and the locks.
pub(crate) fn take_whole(
    tx: &mut Tx<'_>,
    core: &Core,
    id: SubjectId,
    now: Timestamp,
) -> Result<Box<Person>, AppError> {
    let found = identity::find(tx, &id)?.ok_or(AppError::NotFound("person"))?;
    let leader = found.leader.unwrap_or(id);
    let mut ids = identity::aliases(tx, &leader)?;
    ids.push(leader);
    ids.sort();
    for each in &ids {
        identity::take(tx, each, now)?;
    }
    let person = person::take_living(tx, core, id, now)?;
    if ids.contains(&id) && person.ids().all(|id| ids.contains(&id)) {
        return Ok(person);
    }
    Err(AppError::conflict("identities-moved", "the person was merged at the same moment: try again"))
}
