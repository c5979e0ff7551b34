//! What is held now, in numbers: choices, states, regions, and where people stand. Counting reads
//! every choice and every standing, so a task counts again and again beside the requests and
//! rests in between; whoever opens the console reads what it counted last, with its time.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use gate::{ConsentState, Standing};
use model::manifest::Manifest;
use model::{PurposeKind, PurposeName, SubjectId, Timestamp};
use store::{consent, tally};

use super::{DAY_SECONDS, Point};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;

/// For how long choices are counted, in days: a year of months.
pub const CHOICES_DAYS: i64 = 31 * 12;
/// Standings that are read at once.
const PAGE: i64 = 5_000;
/// How long counting rests at least, in seconds, and how many times as long as it took.
const REST_SECONDS_MIN: i64 = 60;
const REST_TIMES: i64 = 50;

/// What was counted, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// When counting began.
    pub at: Timestamp,
    /// Choices of the people who are here: `name` is the act.
    pub choices: Vec<Point>,
    /// How many identities are in each state: `active`, `alias`, `erased`.
    pub states: Vec<(String, i64)>,
    /// How many people stated, or were found in, each region; the largest first.
    pub regions: Vec<(String, i64)>,
    /// Where people stand on each purpose that leaves them a choice.
    pub standings: Vec<PurposeStandings>,
}

/// Where people stand on one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurposeStandings {
    /// The purpose.
    pub purpose: PurposeName,
    /// People who said yes, over any channel, and nothing against it since.
    pub yes: i64,
    /// People who said no, withdrew, objected or opted out.
    pub no: i64,
    /// People who said nothing of it.
    pub unasked: i64,
}

/// The last census of one controller.
#[derive(Debug, Default)]
pub(crate) struct Last(RwLock<Option<Arc<Census>>>);

impl Last {
    pub(super) fn get(&self) -> Option<Arc<Census>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, census: Census) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(census));
    }
}

/// Counts, keeps the numbers for whoever asks next, and answers how many seconds to rest now.
///
/// # Errors
/// When the store fails.
pub async fn refresh(controller: &Controller) -> Result<i64, AppError> {
    let census = take(controller).await?;
    let took = controller.now().seconds() - census.at.seconds();
    controller.last_census().put(census);
    Ok(REST_SECONDS_MIN.max(took.saturating_mul(REST_TIMES)))
}

/// Counts what is held now.
pub(super) async fn take(controller: &Controller) -> Result<Census, AppError> {
    let at = controller.now();
    let since = at.plus_days(-CHOICES_DAYS).seconds().div_euclid(DAY_SECONDS) * DAY_SECONDS;
    let mut census = controller
        .db
        .read("tally.census", move |tx| {
            let point = |row: tally::TallyRow| Point {
                day: row.day,
                name: row.what,
                purpose: row.purpose,
                entries: row.entries,
                people: row.people,
            };
            Ok::<_, AppError>(Census {
                at,
                choices: tally::choices(tx, since * 1_000_000)?.into_iter().map(point).collect(),
                states: tally::states(tx)?,
                regions: tally::regions(tx)?,
                standings: Vec::new(),
            })
        })
        .await?;
    census.standings = standings(controller).await?;
    Ok(census)
}

async fn standings(controller: &Controller) -> Result<Vec<PurposeStandings>, AppError> {
    let Ok(in_force) = controller.in_force() else { return Ok(Vec::new()) };
    let mut counts: BTreeMap<PurposeName, (i64, i64, i64)> = BTreeMap::new();
    let mut after: Option<SubjectId> = None;
    loop {
        let begin = after;
        let page = controller
            .db
            .read("tally.standings", move |tx| consent::standings_page(tx, begin.as_ref(), PAGE))
            .await?;
        for (_, _, row) in &page {
            let standing = row.as_ref().and_then(person::read_standing).map(|(standing, _)| standing);
            add(&mut counts, &in_force.manifest, &standing.unwrap_or_default());
        }
        match page.last() {
            Some((id, ..)) => after = Some(*id),
            None => break,
        }
    }
    let each = counts.into_iter();
    Ok(each.map(|(purpose, (yes, no, unasked))| PurposeStandings { purpose, yes, no, unasked }).collect())
}

fn add(counts: &mut BTreeMap<PurposeName, (i64, i64, i64)>, manifest: &Manifest, standing: &Standing) {
    for (name, purpose) in manifest.purposes.iter().filter(|(_, purpose)| !purpose.is_locked()) {
        let count = counts.entry(name.clone()).or_default();
        let states = std::iter::once(standing.consent(name, None, None).0)
            .chain(purpose.channels.iter().map(|channel| standing.consent(name, Some(*channel), None).0));
        let (mut is_yes, mut is_no) = (false, false);
        for state in states {
            match state {
                ConsentState::Given | ConsentState::Pending => is_yes = true,
                ConsentState::Unasked => {}
                _ => is_no = true,
            }
        }
        let is_sale = matches!(purpose.kind, PurposeKind::Advertising | PurposeKind::Sharing);
        let is_stopped = standing.objected_since(name, purpose.kind.is_marketing()).is_some()
            || standing.opted_out_since(name, is_sale).is_some();
        match (is_yes && !is_stopped, is_no || is_stopped) {
            (true, _) => count.0 += 1,
            (false, true) => count.1 += 1,
            (false, false) => count.2 += 1,
        }
    }
}
