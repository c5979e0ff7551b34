//! The same question for many regions, as a text that a lawyer can read; what a change of a pack
//! does is a visible difference of these snapshots.

use std::fmt::Write;

use super::*;

const REGIONS: [&str; 18] = [
    "DE", "FR", "GB", "CH", "US-CA", "US-CO", "US-ME", "US-TX", "CA-QC", "CA-ON", "BR", "CN", "IN", "JP",
    "KR", "AU", "ZA", "NZ",
];

fn table(question: &str, of_use: &Use, band: AgeBand, on: &str) -> String {
    let in_force = LIBRARY.on(day(on));
    let mut text = format!("{question}, on {on}\n");
    for region in REGIONS {
        let answer = in_force.ask(&person(&[region]).of_age(band), &shop(), of_use);
        let model = answer.model().map_or("opt-in (floor: no law of ours speaks)", Model::code);
        let _ = writeln!(text, "\n{region}: {model}");
        for law in answer.laws.iter().filter(|law| !law.asks.is_empty()) {
            for ask in law.deciding() {
                let mut asks = ask.model().code().to_owned();
                if ask.model() == Model::OptIn {
                    let forms: Vec<&str> = law.strengths().into_iter().map(Strength::code).collect();
                    let _ = write!(asks, " {}", forms.join("+"));
                }
                if !ask.alternatives().is_empty() {
                    let or: Vec<&str> = ask.alternatives().iter().map(|ground| ground.code()).collect();
                    let _ = write!(asks, " or {}", or.join("/"));
                }
                let (name, citation, checked) = (&ask.fact.name, &ask.fact.citation, ask.fact.checked);
                let _ = writeln!(text, "  {name}: {} [{citation}] {checked}, unreviewed", asks.trim_end());
            }
        }
    }
    text
}

#[test]
fn one_customer_one_purpose_one_channel_in_eighteen_regions() {
    insta::assert_snapshot!(
        "mail",
        table("advertising mail to an adult customer", &mail(), AgeBand::Adult, TODAY)
    );
    let advertising = of(PurposeKind::Advertising, &["behaviour.browsing"]).on_device();
    insta::assert_snapshot!(
        "advertising",
        table("targeted advertising on a site", &advertising, AgeBand::Adult, TODAY)
    );
    insta::assert_snapshot!(
        "child",
        table("advertising mail to a child of ten", &mail(), AgeBand::Under13, TODAY)
    );
    let health = of(PurposeKind::Analytics, &["health"]);
    insta::assert_snapshot!(
        "health",
        table("statistics on health data", &health, AgeBand::Adult, "2028-01-01")
    );
}
