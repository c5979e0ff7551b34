//! What is done about somebody who is there: looks, corrections, merges, ends, asks, visitors.

use super::*;

impl Sim {
    /// What the person themselves may read of everything.
    pub(crate) fn look(&self, place: usize) -> Result<Disclosed, AppError> {
        let request = Read {
            subject: self.id(place),
            purpose: purpose("rights"),
            categories: self.manifest.categories.keys().cloned().collect(),
            actor: Actor::Customer,
            reason: None,
            request: None,
            with_history: false,
            with_records: true,
        };
        self.runtime.block_on(read(&self.controller(), request))
    }

    pub(super) fn correct(&mut self, who: u8, field: Field, number: u64) {
        let Some(owner) = self.model.owner(who) else { return };
        let (leader, now) = (self.model.leader(owner), self.now());
        self.touch(leader);
        if self.model.words(leader).is_dead() {
            came(self.look(leader), Err("denied"));
            return;
        }
        let name = if field == Field::City { "Customer.City" } else { EMAIL };
        let all = self.model.all(leader);
        let holding: Vec<usize> =
            all.iter().copied().filter(|place| self.model.people[*place].values.contains_key(name)).collect();
        let home = match holding.as_slice() {
            [one] => *one,
            many if many.contains(&leader) => leader,
            _ => return,
        };
        let shown = self.look(leader).expect("the person sees their own");
        // The leading identity's come first.
        let value = shown.values.iter().find(|value| value.field == name).expect("the value is shown");
        let old = self.model.people[home].values[name].text.clone();
        assert_eq!(value.value, old.as_str());
        let new = match field {
            Field::City => format!("Town{number}"),
            Field::NewAddress => self.model.fresh_address(),
            Field::AddressOf(other) => self.model.source_address(other, false),
        };
        let known = Known::Address(new.clone());
        let owner = self.model.owners.get(&known).map(|(owner, _)| self.model.leader(*owner));
        let is_taken = name == EMAIL && new != old && owner.is_some_and(|owner| owner != leader);
        let request = Correct {
            subject: self.id(leader),
            value: value.id.parse().expect("an id"),
            new: Personal::new(new.clone()),
            purpose: purpose("rights"),
            actor: Actor::Customer,
            reason: None,
            idempotency: None,
        };
        let done = self.runtime.block_on(correct(&self.controller(), request));
        let Some(done) = came(done, if is_taken { Err("identifier-taken") } else { Ok(()) }) else { return };
        assert_eq!(done.changed, new != old);
        if new == old {
            return;
        }
        if name == EMAIL {
            let released = Known::Address(old);
            if self.model.owners.get(&released).is_some_and(|(owner, _)| all.contains(owner)) {
                self.model.owners.remove(&released);
            }
            if !self.model.owners.contains_key(&known) {
                self.model.tombs.remove(&known);
                self.model.claim(known, leader, now);
            }
            let rows = self.new_events(leader);
            self.hear(leader, &rows, &[Word::Changed.act()]);
        }
        let held = self.model.people[home].values.get_mut(name).expect("it was there");
        (held.text, held.recorded) = (new, now);
    }

    pub(super) fn merge(&mut self, one: u8, other: u8, first_leads: bool) {
        let (Some(one), Some(other)) = (self.model.owner(one), self.model.owner(other)) else { return };
        if one == other {
            return;
        }
        let (actor, reason) = officer();
        let leader = first_leads.then(|| self.id(one));
        let request = Merge {
            one: self.id(one),
            other: self.id(other),
            leader,
            actor,
            reason,
            request: None,
            idempotency: None,
        };
        let age = |place: usize| (self.model.people[place].created, self.model.people[place].id);
        let (leader, alias) = if first_leads || age(one) <= age(other) { (one, other) } else { (other, one) };
        let stand_alone = self.model.leader(one) == one && self.model.leader(other) == other;
        let expected = match stand_alone && self.model.all(alias).len() == 1 {
            true => Ok(()),
            false => Err("already-merged"),
        };
        self.touch(one);
        self.touch(other);
        let done = self.runtime.block_on(merge(&self.controller(), request));
        let Some(done) = came(done, expected) else { return };
        assert_eq!((done.leader, done.alias), (self.id(leader), self.id(alias)));
        self.model.merge(done.id, leader, alias, done.undo_until.micros());
    }

    pub(super) fn part(&mut self, which: u8) {
        let merges: Vec<_> = (0..self.model.people.len())
            .filter(|place| self.model.people[*place].state == State::Alone)
            .flat_map(|place| self.model.people[place].merges.iter().map(move |merge| (place, merge.clone())))
            .collect();
        let Some((leader, found)) = merges.get(usize::from(which) % merges.len().max(1)).cloned() else {
            return;
        };
        let expected = match () {
            () if found.undone => Err("undone-already"),
            () if self.now() > found.until => Err("undo-over"),
            () => Ok(()),
        };
        // One that was undone may concern somebody who is gone since.
        if found.undone && self.model.people[found.alias].state != State::Alone {
            return;
        }
        self.touch(leader);
        self.touch(found.alias);
        let (actor, reason) = officer();
        let request = UndoMerge { id: found.id, actor, reason, request: None, idempotency: None };
        let done = self.runtime.block_on(undo(&self.controller(), request));
        if came(done, expected).is_some() {
            self.model.part(leader, found.id);
        }
    }

    pub(super) fn wish(&self, place: usize, extent: Extent) -> Erase {
        Erase {
            subject: self.id(place),
            extent,
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        }
    }

    pub(super) fn erase(&mut self, who: u8) {
        let Some(place) = self.model.owner(who).or_else(|| self.erased(who)) else { return };
        let leader = self.model.leader(place);
        self.touch(leader);
        let expected = match () {
            () if self.model.people[leader].state == State::Erased => Err("erased"),
            () if self.model.words(leader).is_dead() => Err("denied"),
            () => Ok(()),
        };
        let done = self.runtime.block_on(erase(&self.controller(), self.wish(place, Extent::Person)));
        let Some(done) = came(done, expected) else { return };
        let all = self.model.all(leader);
        let known = self.model.owners.values().filter(|(owner, _)| all.contains(owner)).count();
        assert_eq!(done.tombstones, known, "everything that finds the person is marked");
        let until =
            done.stays.iter().find(|stays| stays.what == Kept::Tombstone).map(|stays| stays.until.micros());
        self.model.erase(leader, until.unwrap_or_default());
    }

    pub(super) fn end(&mut self, who: u8, lifetime: &'static str) {
        let Some(place) = self.model.owner(who) else { return };
        let leader = self.model.leader(place);
        self.touch(leader);
        let all = self.model.all(leader);
        let has_invoice = all
            .iter()
            .any(|place| self.model.people[*place].records.iter().any(|record| record.lifetime == "duty"));
        let must_stay = lifetime == "identity" || (lifetime == "duty" && has_invoice);
        let expected = match () {
            () if must_stay => Err("lifetime-must-stay"),
            () if self.model.words(leader).is_dead() => Err("denied"),
            () => Ok(()),
        };
        let extent = Extent::Lifetime(LifetimeName::new(lifetime).expect("a name"));
        let done = self.runtime.block_on(erase(&self.controller(), self.wish(place, extent)));
        if came(done, expected).is_some() {
            self.model.end(leader, lifetime);
        }
    }

    /// What is answered about somebody.
    pub(crate) fn decide(&self, place: usize, question: &Question, mode: Mode) -> bool {
        let mut what = What::new(purpose(question.purpose), question.action);
        what.channel = question.channel;
        what.categories =
            question.categories.iter().map(|name| CategoryName::new(name).expect("a name")).collect();
        let asked = Asked { subject: SubjectRef::Id(self.id(place)), what };
        let asker = Asker::new(service(question.by));
        let verdict = self.runtime.block_on(decide_one(&self.controller(), asked, asker, mode));
        let verdict = verdict.expect("an answer");
        assert_ne!(verdict.answer, Answer::Observed, "{verdict:?}");
        verdict.answer == Answer::Granted
    }

    pub(super) fn ask(&mut self, who: u8, number: u8) {
        let Some(place) = self.model.owner(who).or_else(|| self.erased(who)) else { return };
        let leader = self.model.leader(place);
        self.touch(leader);
        let question = words::question(number);
        let permitted = self.model.people[leader].state != State::Erased && self.permits(leader, &question);
        let answered = self.decide(place, &question, Mode::default());
        assert_eq!(answered, permitted, "{question:?} about {leader}: {:?}", self.model.words(leader));
    }

    /// Everybody whom the model permits.
    pub(crate) fn permitted(&self, question: &Question) -> BTreeSet<SubjectId> {
        let living = self.model.living().into_iter();
        living.filter(|place| self.permits(*place, question)).map(|place| self.id(place)).collect()
    }

    pub(super) fn audience(&mut self, number: u8) {
        self.touched = None;
        let question = words::question(number);
        let whom = Whom {
            purpose: purpose(question.purpose),
            channel: question.channel,
            categories: question
                .categories
                .iter()
                .map(|name| CategoryName::new(name).expect("a name"))
                .collect(),
            action: question.action,
        };
        let asker = || Asker::new(service(question.by));
        let controller = &self.controller();
        let members = self.runtime.block_on(async {
            let found = audience(controller, whom, asker()).await.expect("an audience");
            let mut members = BTreeSet::new();
            let mut after = None;
            loop {
                let page = audience_page(controller, found.id, after, 3, asker()).await.expect("a page");
                assert_eq!(page.left_out, 0, "nothing happened meanwhile");
                members.extend(page.subjects);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(members.len() as u64, found.count);
            members
        });
        assert_eq!(members, self.permitted(&question), "an audience is whom the model permits: {question:?}");
    }

    pub(super) fn visitor(&mut self, visitor: u8, words: &[Word]) {
        let acts: Vec<Act> = words.iter().map(|word| word.act()).collect();
        let known = self.model.visitors.get(&visitor).map(|(id, _)| *id);
        let choice =
            NewVisitorChoice { visitor: known, ..NewVisitorChoice::new(acts.clone(), Actor::Customer) };
        let done = self.runtime.block_on(record_visitor(&self.controller(), choice)).expect("a choice");
        let recorded = done.until.plus_days(-VISITOR_KEPT_DAYS).micros();
        let now = self.now();
        let (_, choices) = self.model.visitors.entry(visitor).or_insert((done.visitor, Vec::new()));
        let last = choices.last().map(|(at, _)| *at);
        assert_eq!(recorded, last.map_or(now, |last| now.max(last + 1)), "a visitor's choices have an order");
        choices.push((recorded, acts));
    }

    pub(super) fn join(&mut self, visitor: u8, who: u8) {
        let (Some(place), Some((id, _))) = (self.model.owner(who), self.model.visitors.get(&visitor)) else {
            return;
        };
        let joining = Join {
            visitor: *id,
            subject: self.id(place),
            actor: service("storefront"),
            request: None,
            idempotency: None,
        };
        let (id, now, leader) = (*id, self.now(), self.model.leader(place));
        self.touch(leader);
        let done = self.runtime.block_on(join(&self.controller(), joining)).expect("they are joined");
        let (_, choices) = self.model.visitors.remove(&visitor).expect("they were there");
        let kept = |at: i64| Timestamp::from_micros(at).plus_days(VISITOR_KEPT_DAYS).micros() > now;
        let acts: Vec<Act> =
            choices.into_iter().filter(|(at, _)| kept(*at)).flat_map(|(_, acts)| acts).collect();
        if acts.is_empty() {
            assert!(done.events.is_empty());
            return;
        }
        let before = self.model.words(leader);
        let mut expected = vec![Act::Joined { visitor: id }];
        expected.extend(acts.into_iter().filter(|act| protects(&before, act)));
        let rows = self.new_events(leader);
        self.hear(leader, &rows, &expected);
        for act in expected.iter().filter(|act| !matches!(act, Act::Given(_) | Act::ObjectionEnded { .. })) {
            self.model.follow(leader, act, true, false);
        }
        if self.model.behaviour_is_over(leader, &expected) {
            self.model.end(leader, "behaviour");
        }
    }
}
