//! The terms of every fact of the packs.

use std::collections::BTreeMap;

use law::clock::FactTerms;

/// Every fact with a term, by name.
pub(crate) fn facts() -> BTreeMap<String, FactTerms> {
    let packs = law::pack::builtin().unwrap();
    let names = |pack: &law::Pack| pack.heads().map(|head| head.name.to_string()).collect::<Vec<_>>();
    let terms =
        packs.iter().flat_map(|pack| names(pack).into_iter().filter_map(|name| FactTerms::of(pack, &name)));
    terms.filter(|terms| !terms.terms.is_empty()).map(|terms| (terms.fact.clone(), terms)).collect()
}

#[test]
fn no_term_of_a_pack_is_left_out() {
    // Every `{ n = …, unit = … }` that starts a line of the packs is a term of a fact, its
    // extension or its practice, or one of the keys that nothing is counted by.
    const NOT_COUNTED: [&str; 4] = ["prior_notice", "recommended", "cure", "free_per_year"];
    let counted: usize = facts()
        .values()
        .map(|fact| {
            fact.terms.len() + usize::from(fact.extend.is_some()) + usize::from(fact.practice.is_some())
        })
        .sum();
    let mut written = 0;
    for pack in law::pack::builtin().unwrap() {
        let mut section = "";
        for line in pack.text.lines() {
            section = line.strip_prefix("[[").and_then(|line| line.strip_suffix("]]")).unwrap_or(section);
            let Some((key, value)) = line.split_once(" = ") else { continue };
            let is_term = value.starts_with("{ n = ") && value.contains("unit = ");
            written += usize::from(is_term && !NOT_COUNTED.contains(&key) && section != "change");
        }
    }
    assert_eq!(counted, written);
}
