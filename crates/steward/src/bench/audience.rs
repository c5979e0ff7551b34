//! Audiences over everybody.

use std::collections::BTreeSet;
use std::time::Instant;

use app::access::{Asker, Whom, audience, audience_page};
use model::{Action, Actor, Channel, PurposeName, ServiceName};

use super::report::{Figure, Target, median, millis};
use super::{Context, shop};

const NAME: &str = "audience";
/// Audiences recorded; each writes a row for everybody in it.
const RECORDED: usize = 3;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let (mut recorded, mut pages, mut plain, mut count) = (vec![], vec![], vec![], 0);
    for round in 0..RECORDED {
        let began = Instant::now();
        let one_by_one = bench.people.ids().iter().filter(|id| id.as_bytes()[15] % 2 == 0);
        std::hint::black_box(one_by_one.copied().collect::<Vec<_>>());
        plain.push(millis(began.elapsed()));
        let whom = Whom {
            purpose: PurposeName::new(&shop::purpose(3 + 3 * round))?,
            channel: Some(Channel::Email),
            categories: BTreeSet::new(),
            action: Action::Send,
        };
        let asker = || anyhow::Ok(Asker::new(Actor::Service(ServiceName::new(shop::SERVICE)?)));
        let began = Instant::now();
        let evaluated = bench.runtime.block_on(audience(controller, whom, asker()?))?;
        recorded.push(millis(began.elapsed()));
        count = evaluated.count;
        let began = Instant::now();
        bench.runtime.block_on(audience_page(controller, evaluated.id, None, 1_000, asker()?))?;
        pages.push(millis(began.elapsed()));
    }
    let people = bench.people.len();
    Ok(vec![
        Figure::new(NAME, format!("{count} of {people} recorded and ready to page"), median(recorded), "ms")
            .beside("a pass over the ids", median(plain))
            .target(Target::AtMost(2_000.0)),
        Figure::new(NAME, "a page of 1,000, decided again and recorded", median(pages), "ms"),
    ])
}
