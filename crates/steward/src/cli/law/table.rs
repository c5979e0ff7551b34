//! One question, region by region, with the fact and citation of every answer.

use clap::Args;
use law::code::Model;
use law::{Answer, Day, LawAnswer, Library, NO_SIGN_OF_A_CHILD, Person, Use};
use model::manifest::{Manifest, Region, did_you_mean};
use model::{AgeBand, Channel, PurposeKind, taxonomy};
use serde_json::{Value, json};

use super::{controller, region, state, today};
use crate::cli::failure::usage;
use crate::cli::output::Out;

/// The regions of a table for which none are named.
const REGIONS: [&str; 18] = [
    "DE", "FR", "GB", "CH", "US-CA", "US-CO", "US-ME", "US-TX", "CA-QC", "CA-ON", "BR", "CN", "IN", "JP",
    "KR", "AU", "ZA", "NZ",
];

/// Ask the laws one question for many regions
///
/// The same customer, purpose and channel, region by region: what each law asks that speaks,
/// by which fact, and its citation. Where no law speaks the floor holds: opt-in.
///
/// Example: steward law table --kind marketing --channel email --region DE --region US-CA
#[derive(Debug, Args)]
pub(super) struct Table {
    /// The kind of purpose
    #[arg(long, value_name = "KIND", default_value = "marketing", value_parser = kind)]
    kind: PurposeKind,
    /// A category of data; may be given several times
    #[arg(long = "category", value_name = "NAME")]
    categories: Vec<String>,
    /// The channel: email, sms, phone, push or post
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// How old the person is: adult, 16-17, 13-15 or under-13
    #[arg(long, value_name = "AGE", value_parser = age)]
    age: Option<AgeBand>,
    /// The use stores on or reads from the person's device
    #[arg(long)]
    device: bool,
    /// The day; without it today
    #[arg(long, value_name = "DATE")]
    at: Option<Day>,
    /// A region; may be given several times
    #[arg(long = "region", value_name = "REGION", value_parser = region)]
    regions: Vec<Region>,
}

fn kind(text: &str) -> Result<PurposeKind, String> {
    PurposeKind::from_code(text).ok_or_else(|| {
        let known = PurposeKind::ALL.iter().map(|kind| kind.code());
        did_you_mean(text, known).unwrap_or_else(|| "no kind of purpose is called so".to_owned())
    })
}

fn age(text: &str) -> Result<AgeBand, &'static str> {
    let known = AgeBand::ALL.into_iter().find(|band| band.code() == text);
    known.ok_or("expected adult, 16-17, 13-15 or under-13")
}

impl Table {
    pub(super) fn run(self, library: &Library, declared: Option<&Manifest>, out: Out) -> anyhow::Result<()> {
        let day = self.at.unwrap_or_else(today);
        let (controller, of_use) = (controller(declared)?, self.of_use()?);
        let ages = self.age.map_or(NO_SIGN_OF_A_CHILD, law::pack::Ages::of);
        let regions = if self.regions.is_empty() {
            REGIONS.iter().map(|code| region(code)).collect::<Result<Vec<_>, _>>()?
        } else {
            self.regions
        };
        let in_force = library.on(day);
        let answers: Vec<(&Region, Answer<'_>)> = regions
            .iter()
            .map(|region| {
                let person = Person { regions: vec![region.clone()], ages };
                (region, in_force.ask(&person, &controller, &of_use))
            })
            .collect();
        let as_json: Vec<Value> = answers.iter().map(|(region, answer)| as_json(region, answer)).collect();
        out.json(&json!({ "day": day, "kind": self.kind, "channel": self.channel, "answers": as_json }));
        out.say(format!("On {day}, for {}:", self.kind));
        let rows = answers.iter().flat_map(|(region, answer)| rows(region, answer));
        out.table(
            ["REGION", "ANSWER", "LAW", "ASKS", "OR BY", "FACT", "CITATION", "CHECKED", "REVIEW"],
            rows,
        );
        out.say(
            "The strictest law is the answer; each is satisfied by itself. None of this is legal advice.",
        );
        Ok(())
    }

    fn of_use(&self) -> anyhow::Result<Use> {
        let mut of_use = Use::for_kind(self.kind);
        for name in &self.categories {
            let Some(category) = taxonomy::category(name) else {
                let known = taxonomy::categories().iter().map(|category| category.name.as_str());
                let mend =
                    did_you_mean(name, known).unwrap_or_else(|| "a name of docs/taxonomy.md".to_owned());
                return Err(usage(format!("there is no category `{name}`"), mend));
            };
            of_use = of_use.of(category);
        }
        if let Some(channel) = self.channel {
            of_use = of_use.over(channel);
        }
        Ok(if self.device { of_use.on_device() } else { of_use })
    }
}

/// The answer in one word; where every law is silent the floor holds.
fn word(model: Option<Model>) -> String {
    model.map_or_else(|| "opt-in (floor)".to_owned(), |model| model.to_string())
}

/// The form of consent that a law wants, where it is more than a clear act.
fn forms(law: &LawAnswer<'_>) -> String {
    let forms: Vec<&str> = law.strengths().into_iter().map(law::code::Strength::code).collect();
    forms.join(", ")
}

fn rows(region: &Region, answer: &Answer<'_>) -> Vec<[String; 9]> {
    let mut rows: Vec<[String; 9]> = Vec::new();
    for law in answer.laws.iter().filter(|law| !law.asks.is_empty()) {
        for ask in law.deciding() {
            let consent = ask.model() == Model::OptIn;
            let asks =
                if consent { format!("{} ({})", ask.model(), forms(law)) } else { ask.model().to_string() };
            let or_by: Vec<&str> = ask.alternatives().iter().map(|ground| ground.code()).collect();
            rows.push([
                String::new(),
                String::new(),
                law.law.pack.short.clone(),
                asks.replace(" ()", ""),
                or_by.join(", "),
                ask.fact.name.to_string(),
                ask.fact.citation.clone(),
                ask.fact.checked.to_string(),
                state(law.law),
            ]);
        }
    }
    if rows.is_empty() {
        let mut silent: [String; 9] = Default::default();
        silent[2] = "no law of ours speaks".to_owned();
        rows.push(silent);
    }
    if let Some([first, second, ..]) = rows.first_mut() {
        *first = region.as_str().to_owned();
        *second = word(answer.model());
    }
    rows
}

fn as_json(region: &Region, answer: &Answer<'_>) -> Value {
    let laws: Vec<Value> = answer
        .laws
        .iter()
        .map(|law| {
            let asks: Vec<Value> = law
                .asks
                .iter()
                .map(|ask| {
                    json!({
                        "fact": &*ask.fact.name, "citation": ask.fact.citation, "text": ask.fact.text,
                        "model": ask.model(), "alternatives": ask.alternatives(), "checked": ask.fact.checked,
                    })
                })
                .collect();
            json!({
                "law": law.law.id(), "model": law.model(), "forms": law.strengths(), "applies": law.applies,
                "because": law.because.map(|head| &*head.name), "review": law.law.review, "asks": asks,
                "parent": law.parent.map(|fact| &*fact.head.name),
            })
        })
        .collect();
    json!({ "region": region.as_str(), "model": answer.model(), "laws": laws })
}
