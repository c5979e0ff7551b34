//! Single cases, each with the article it rests on.

use super::*;

#[test]
fn an_advertising_mail_is_decided_by_the_law_of_each_region() {
    let cases: &[(&str, Model, &[&str])] = &[
        ("DE", Model::OptIn, &["eu-eprivacy/channel/email"]),
        ("NO", Model::OptIn, &["eu-eprivacy/channel/email"]),
        ("GB", Model::OptIn, &["uk-pecr/channel/email"]),
        ("CH", Model::OptIn, &["ch-fadp/channel/email"]),
        ("US-CA", Model::OptOut, &["us-can-spam/channel/email"]),
        ("US-WY", Model::OptOut, &["us-can-spam/channel/email"]),
        ("AU", Model::OptIn, &["au-privacy/channel/email"]),
        ("JP", Model::OptIn, &["jp-appi/channel/email"]),
        ("BR", Model::OptOut, &["br-lgpd/channel/email", "br-lgpd/consent/marketing"]),
        ("IN", Model::NoticeOnly, &["in-dpdp/consent/before"]),
    ];
    let today = LIBRARY.on(day(TODAY));
    for (region, model, facts) in cases {
        let answer = today.ask(&person(&[region]), &shop(), &mail());
        assert_eq!(decided(&answer), (Some(*model), names(facts)), "{region}");
    }
    let answer = today.ask(&person(&["CA-QC"]), &shop(), &mail());
    let (model, facts) = decided(&answer);
    assert_eq!(model, Some(Model::OptIn));
    assert!(facts.is_superset(&names(&[
        "ca-casl/channel/email",
        "ca-qc-law25/consent/marketing",
        "ca-qc-law25/channel/prospecting",
    ])));
}

#[test]
fn a_region_without_a_law_that_we_know_leaves_the_answer_to_the_floor() {
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&["NZ"]), &shop(), &mail());
    assert_eq!(answer.model(), None);
    assert!(answer.laws.iter().all(|law| law.law.pack.kind != crate::code::Kind::Omnibus));
}

#[test]
fn a_letter_follows_no_rule_of_electronic_mail() {
    let letter = of(PurposeKind::Marketing, &["contact.address"]).over(Channel::Post);
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&["FR"]), &shop(), &letter);
    assert_eq!(answer.model(), Some(Model::OptOut), "GDPR 21(2), recital 47");
    let quebec = LIBRARY.on(day(TODAY)).ask(&person(&["CA-QC"]), &shop(), &letter);
    assert_eq!(quebec.model(), Some(Model::OptIn), "P-39.1: prospecting needs consent");
}

#[test]
fn a_country_that_chose_for_calls_goes_before_the_directive() {
    let call = of(PurposeKind::Marketing, &["contact.phone"]).reaching(&[crate::code::Reach::PhoneLive]);
    let facts =
        |region: &str, on: &str| decided(&LIBRARY.on(day(on)).ask(&person(&[region]), &shop(), &call)).1;
    assert_eq!(facts("DE", TODAY), names(&["eu-eprivacy/channel/live-call-de"]));
    assert_eq!(
        facts("IT", TODAY),
        names(&["eu-eprivacy/channel/live-call"]),
        "an open choice counts as opt-in"
    );
    assert_eq!(facts("FR", "2026-08-10"), names(&["eu-eprivacy/channel/live-call"]));
    assert_eq!(facts("FR", "2026-08-11"), names(&["eu-eprivacy/channel/live-call-fr"]));
}

#[test]
fn a_law_begins_on_its_day_and_not_before() {
    let of_day = |on: &str| LIBRARY.on(day(on)).ask(&person(&["IN"]), &shop(), &mail()).model();
    assert_eq!(of_day("2027-05-12"), Some(Model::NoticeOnly));
    assert_eq!(of_day("2027-05-13"), Some(Model::OptIn));
    let oklahoma = |on: &str| LIBRARY.on(day(on)).laws().iter().any(|law| law.law.id() == "us-ok-okcdpa");
    assert!(!oklahoma("2026-12-31") && oklahoma("2027-01-01"));
}

#[test]
fn what_is_only_proposed_or_was_withdrawn_never_counts() {
    let far = LIBRARY.on(day("2099-01-01"));
    for law in far.laws() {
        for version in law.law.pack.versions_on(far.day()) {
            assert!(version.body.status != crate::code::VersionStatus::Proposed, "{}", version.head.name);
        }
    }
    assert_eq!(LIBRARY.on(day("1990-01-01")).laws().len(), 0);
}

#[test]
fn a_sector_law_reaches_only_who_says_it_is_in_the_sector() {
    let health = of(PurposeKind::Marketing, &["health"]);
    let today = LIBRARY.on(day(TODAY));
    let has = |answer: &Answer<'_>, id: &str| answer.laws.iter().any(|law| law.law.id() == id);
    let plain = today.ask(&person(&["US-WY"]), &shop(), &health);
    assert!(!has(&plain, "us-hipaa") && !has(&plain, "us-glba") && !has(&plain, "us-me-isp"));
    let clinic = controller("US-WY", &[(Metric::EntityType, words(&["hipaa-covered-entity"]))]);
    let answer = today.ask(&person(&["US-WY"]), &clinic, &health);
    assert_eq!(decided(&answer), (Some(Model::OptIn), names(&["us-hipaa/consent/marketing"])));
    assert!(answer.strengths().contains(&Strength::Written), "45 CFR 164.508(a)(3)");
}

#[test]
fn maines_broadband_law_wants_express_consent_of_the_providers_customers() {
    let provider = controller("US-ME", &[(Metric::ProvidesBroadband, FactValue::Is(true))]);
    let statistics = of(PurposeKind::Analytics, &["behaviour.browsing"]);
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&["US-ME"]), &provider, &statistics);
    assert_eq!(decided(&answer), (Some(Model::OptIn), names(&["us-me-isp/consent/cpi"])));
    assert!(answer.strengths().contains(&Strength::Express), "35-A M.R.S. 9301(3)");
    let next_door = LIBRARY.on(day(TODAY)).ask(&person(&["US-NH"]), &provider, &statistics);
    assert!(next_door.laws.iter().all(|law| law.law.id() != "us-me-isp"));
}

#[test]
fn a_child_needs_a_parent_and_an_adult_meets_no_rule_for_children() {
    let today = LIBRARY.on(day(TODAY));
    let statistics = of(PurposeKind::Analytics, &["commercial.orders"]);
    let child = today.ask(&person(&["US-WY"]).of_age(AgeBand::Under13), &shop(), &statistics);
    assert_eq!(decided(&child), (Some(Model::OptIn), names(&["us-coppa/consent/collect"])));
    assert!(child.strengths().contains(&Strength::Parental), "16 CFR 312.5");
    let adult = today.ask(&person(&["US-WY"]), &shop(), &statistics);
    assert!(adult.laws.iter().all(|law| law.law.id() != "us-coppa"));
    assert!(adult.laws.iter().all(|law| law.parent.is_none()));
}

#[test]
fn who_turns_sixteen_today_agrees_alone_where_the_country_says_sixteen() {
    let today = LIBRARY.on(day(TODAY));
    let parent = |region: &str, years: u32| {
        let mut person = person(&[region]);
        person.ages = crate::pack::Ages { first: years, last: years };
        let answer = today.ask(&person, &shop(), &mail());
        let gdpr = answer.laws.iter().find(|law| law.law.id() == "eu-gdpr").unwrap();
        gdpr.parent.map(|fact| fact.head.id.clone())
    };
    assert_eq!(parent("DE", 15).as_deref(), Some("states-16"), "GDPR 8(1)");
    assert_eq!(parent("DE", 16), None);
    assert_eq!(parent("BE", 13), None, "Belgium chose 13");
    assert_eq!(parent("EU", 15).as_deref(), Some("states-16"), "no known country: the highest age");
}

#[test]
fn the_parents_of_a_child_agree_to_mail_too() {
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&["DE"]).of_age(AgeBand::Under13), &shop(), &mail());
    let mails = answer.laws.iter().find(|law| law.law.id() == "eu-eprivacy").unwrap();
    assert!(mails.strengths().contains(&Strength::Parental), "GDPR 8 through ePrivacy 2(f)");
    assert_eq!(
        answer.laws.iter().find(|law| law.law.id() == "eu-gdpr").unwrap().model(),
        Some(Model::OptOut)
    );
}

#[test]
fn a_right_to_refuse_a_machines_decision_drops_no_ground_of_the_use() {
    let decides = of(PurposeKind::Personalisation, &["commercial.orders"]).also(Purpose::AutomatedDecision);
    let today = LIBRARY.on(day(TODAY));
    for (region, law) in [("CN", "cn-pipl"), ("CA-QC", "ca-qc-law25"), ("GB", "uk-gdpr"), ("KR", "kr-pipa")] {
        let answer = today.ask(&person(&[region]), &shop(), &decides);
        let own = answer.laws.iter().find(|answer| answer.law.id() == law).unwrap();
        assert_eq!(own.model(), Some(Model::OptIn), "{law}");
        assert!(own.qualities.iter().any(|fact| fact.head.id.starts_with("adm")), "{law} adds its duty");
    }
}

#[test]
fn a_minor_in_connecticut_gets_no_targeted_advertising_and_an_adult_may_opt_out() {
    let advertising = of(PurposeKind::Advertising, &["behaviour.browsing"]);
    let today = LIBRARY.on(day(TODAY));
    let model = |band| today.ask(&person(&["US-CT"]).of_age(band), &shop(), &advertising).model();
    assert_eq!(model(AgeBand::From16To17), Some(Model::Prohibited));
    assert_eq!(model(AgeBand::Adult), Some(Model::OptOut));
}

#[test]
fn a_person_in_two_regions_gets_what_either_asks() {
    let today = LIBRARY.on(day(TODAY));
    let both = today.ask(&person(&["US-CA", "DE"]), &shop(), &mail());
    let ids: Vec<&str> = both.laws.iter().map(|law| law.law.id()).collect();
    for id in ["eu-gdpr", "eu-eprivacy", "us-ca-ccpa", "us-can-spam"] {
        assert!(ids.contains(&id), "{id}");
    }
    assert_eq!(both.model(), Some(Model::OptIn));
}

#[test]
fn an_establishment_in_the_union_brings_its_law_to_every_person() {
    let today = LIBRARY.on(day(TODAY));
    let abroad = today.ask(&person(&["NZ"]), &controller("FR", &[]), &mail());
    let gdpr = abroad.laws.iter().find(|law| law.law.id() == "eu-gdpr").unwrap();
    assert_eq!(gdpr.applies, Applies::Yes);
    assert_eq!(gdpr.because.unwrap().citation, "GDPR art. 3(1)");
    assert!(abroad.laws.iter().all(|law| law.law.id() != "eu-eprivacy"), "ePrivacy follows the device");
}

#[test]
fn of_an_unknown_person_the_general_laws_of_the_regions_served_are_taken() {
    let mut shop = shop();
    shop.serves = ["DE", "US-CA", "US-ME"].iter().map(|region| region.parse().unwrap()).collect();
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&[]), &shop, &mail());
    let ids: Vec<&str> = answer.laws.iter().map(|law| law.law.id()).collect();
    for id in ["eu-gdpr", "eu-eprivacy", "us-ca-ccpa", "us-can-spam", "us-tcpa"] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
    for id in ["us-co-cpa", "uk-gdpr", "us-me-isp", "us-hipaa", "us-coppa", "jp-appi"] {
        assert!(!ids.contains(&id), "{id}");
    }
    assert_eq!(answer.model(), Some(Model::OptIn));
    let american = LIBRARY.on(day(TODAY)).ask(&person(&["US"]), &shop, &mail());
    let ids: Vec<&str> = american.laws.iter().map(|law| law.law.id()).collect();
    assert!(ids.contains(&"us-ca-ccpa") && !ids.contains(&"us-co-cpa") && !ids.contains(&"eu-gdpr"));
}

#[test]
fn a_threshold_that_is_not_answered_is_taken_as_reached() {
    let today = LIBRARY.on(day(TODAY));
    let virginia = |facts: &[(Metric, FactValue)]| {
        let answer = today.ask(&person(&["US-VA"]), &controller("NZ", facts), &of(PurposeKind::Sharing, &[]));
        answer.laws.iter().find(|law| law.law.id() == "us-va-vcdpa").map(|law| law.applies)
    };
    let (people, revenue) = (Metric::ConsumersPerYear, Metric::RevenuePercentFromSale);
    assert_eq!(virginia(&[]), Some(Applies::Assumed));
    assert_eq!(virginia(&[(people, FactValue::Amount(100_000))]), Some(Applies::Yes));
    assert_eq!(
        virginia(&[(people, FactValue::Amount(99_999))]),
        Some(Applies::Assumed),
        "25,000 and the sale"
    );
    let small = [(people, FactValue::Amount(24_999))];
    assert_eq!(virginia(&small), None);
    let sells_little = [(people, FactValue::Amount(99_999)), (revenue, FactValue::Amount(50))];
    assert_eq!(virginia(&sells_little), None, "more than half, not half");
}

#[test]
fn people_are_counted_by_state() {
    let mut shop = shop();
    let counted = BTreeMap::from([("US-VA".parse().unwrap(), FactValue::Amount(10))]);
    shop.facts.insert(Metric::ConsumersPerYear, Fact::ByRegion(counted));
    let today = LIBRARY.on(day(TODAY));
    let applies = |region: &str, id: &str| {
        today.applying(&person(&[region]), &shop, None).iter().any(|law| law.law.law.id() == id)
    };
    assert!(!applies("US-VA", "us-va-vcdpa"));
    assert!(applies("US-CO", "us-co-cpa"), "nothing is known of Colorado");
}

#[test]
fn each_law_is_satisfied_on_a_ground_of_its_own() {
    use crate::vocabulary::grounds;
    use model::Basis;
    let order = of(PurposeKind::Contract, &["commercial.orders", "contact.address"]);
    let on = LIBRARY.on(day("2027-06-01"));
    let answer = on.ask(&person(&["DE", "CA-QC", "IN"]), &shop(), &order);
    let grounds = grounds(PurposeKind::Contract, Basis::Contract);
    let given = Given { consent: None, grounds: &grounds, refused: false };
    assert_eq!(answer.unmet(&given).map(|(law, ..)| law.law.id()).collect::<Vec<_>>(), [""; 0]);
    let met = |id: &str| {
        let law = answer.laws.iter().find(|law| law.law.id() == id).unwrap();
        law.meets(&law.asks[0], &given)
    };
    assert_eq!(met("eu-gdpr"), Met::Ground(crate::code::Alternative::Contract));
    assert_eq!(met("ca-qc-law25"), Met::Ground(crate::code::Alternative::NecessaryForRequestedService));
    assert_eq!(met("in-dpdp"), Met::Ground(crate::code::Alternative::ListedLegitimateUses));
    let nothing = Given::default();
    assert!(answer.unmet(&nothing).count() >= 3);
}

#[test]
fn special_categories_want_consent_in_words() {
    let answer = LIBRARY.on(day(TODAY)).ask(
        &person(&["FR"]),
        &shop(),
        &of(PurposeKind::Analytics, &["belief.philosophy"]),
    );
    let gdpr = answer.laws.iter().find(|law| law.law.id() == "eu-gdpr").unwrap();
    assert_eq!(gdpr.asks[0].fact.id, "special", "GDPR 9(1): religious or philosophical beliefs");
    let plain = BTreeSet::from([Strength::Standard]);
    let given = Given { consent: Some(&plain), ..Given::default() };
    assert_eq!(gdpr.meets(&gdpr.asks[0], &given), Met::NeedsConsent(Some(Strength::Explicit)));
    let explicit = BTreeSet::from([Strength::Explicit]);
    assert_eq!(gdpr.meets(&gdpr.asks[0], &Given { consent: Some(&explicit), ..given }), Met::Consent);
    let refused = Given { refused: true, consent: Some(&explicit), ..given };
    assert_eq!(gdpr.meets(&gdpr.asks[0], &refused), Met::Refused);
}

#[test]
fn a_fact_on_the_form_of_consent_is_no_model() {
    let today = LIBRARY.on(day(TODAY));
    let answer = today.ask(&person(&["CH"]), &shop(), &of(PurposeKind::Analytics, &["health"]));
    let swiss = answer.laws.iter().find(|law| law.law.id() == "ch-fadp").unwrap();
    assert_eq!(swiss.model(), Some(Model::NoticeOnly), "FADP: consent is one justification");
    assert_eq!(swiss.strengths(), BTreeSet::from([Strength::Explicit]), "where it is one, explicit");
    let quebec = today.ask(&person(&["CA-QC"]), &shop(), &of(PurposeKind::Contract, &["commercial.orders"]));
    let quebec = quebec.laws.iter().find(|law| law.law.id() == "ca-qc-law25").unwrap();
    assert!(quebec.asks.iter().all(|ask| ask.fact.id != "default"), "P-39.1 s.9.1 is about settings");
}

#[test]
fn only_a_reviewed_pack_loosens_and_only_where_no_law_asks_for_more() {
    let review = Review { by: "Counsel".into(), on: day("2026-11-20") };
    let of_ids = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), review.clone())).collect();
    let reviewed = Library::load(None, &of_ids(&["us-can-spam", "us-ca-ccpa"])).unwrap();
    let half = Library::load(None, &of_ids(&["us-can-spam"])).unwrap();
    let named = BTreeSet::from(["us-can-spam/channel/email"]);
    let loosened = |library: &Library, regions: &[&str], named: &BTreeSet<&str>| {
        library.on(day(TODAY)).ask(&person(regions), &shop(), &mail()).is_loosened_by(named)
    };
    assert!(loosened(&reviewed, &["US-CA"], &named));
    assert!(!loosened(&reviewed, &["US-CA"], &BTreeSet::new()), "nobody signed for a fact");
    assert!(!loosened(&half, &["US-CA"], &named), "the Californian pack is unreviewed");
    assert!(!loosened(&LIBRARY, &["US-CA"], &named), "nothing is reviewed");
    assert!(!loosened(&reviewed, &["US-CA", "DE"], &named), "Germany asks first");
    assert!(!loosened(&reviewed, &["NZ"], &named), "no law speaks");
}

#[test]
fn californias_right_to_limit_drops_no_stricter_rule() {
    let other = of(PurposeKind::Analytics, &["health"]).also(Purpose::SecondaryIncompatible);
    let answer = LIBRARY.on(day(TODAY)).ask(&person(&["US-CA"]), &shop(), &other);
    let ccpa = answer.laws.iter().find(|law| law.law.id() == "us-ca-ccpa").unwrap();
    assert_eq!(ccpa.model(), Some(Model::OptIn), "11 CCR 7002(e)");
}

#[test]
fn rights_breaches_signals_and_keeping_are_asked_of_the_laws_that_apply() {
    use crate::code::{BreachTo, RetentionSubject, Right, SignalName};
    use crate::{Term, Unit};
    let today = LIBRARY.on(day(TODAY));
    let (shop, ca, de) = (shop(), person(&["US-CA"]), person(&["DE"]));
    let californian = today.applying(&ca, &shop, None);
    let german = today.applying(&de, &shop, None);
    let access = InForce::right(&german, Right::Access);
    assert!(access.iter().any(|fact| fact.body.respond == Term::new(1, Unit::Month)));
    let california = "US-CA".parse().unwrap();
    let rows = InForce::breach(&californian, Some(&california));
    assert!(rows.iter().any(|row| row.body.to == BreachTo::Individuals));
    let about = |row: &&crate::Fact<crate::pack::Breach>| row.body.state.as_ref().map(ToString::to_string);
    assert!(rows.iter().filter_map(about).all(|state| state == "US-CA"));
    let authority = InForce::breach(&german, Some(&"DE".parse().unwrap()));
    let deadline = shortest(authority.iter().map(|row| (row.body.deadline, ()))).unwrap().0;
    assert_eq!(deadline, Term::new(72, Unit::Hour));
    assert!(!InForce::signal(&californian, SignalName::Gpc).is_empty());
    assert!(InForce::signal(&german, SignalName::Gpc).is_empty());
    let keep = InForce::keep(&californian, RetentionSubject::RequestLog);
    assert!(keep.at_least.is_some() && !keep.is_conflict(), "11 CCR 7101: 24 months");
}

#[test]
fn between_two_days_what_begins_and_ends_is_named() {
    let changes = LIBRARY.changes(day("2026-12-31"), day("2027-01-01"));
    let begun: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.whole == Some(Turn::Begins))
        .map(|change| change.law.id())
        .collect();
    assert!(begun.contains("us-ok-okcdpa") && begun.contains("us-la-ldpa"), "{begun:?}");
    let back = LIBRARY.changes(day("2027-01-01"), day("2026-12-31"));
    assert!(back.iter().any(|change| change.law.id() == "us-ok-okcdpa" && change.whole == Some(Turn::Ends)));
    assert!(LIBRARY.changes(day(TODAY), day(TODAY)).is_empty());
}

#[test]
fn a_metric_that_no_law_knows_is_refused_with_the_nearest() {
    let law: model::manifest::Law =
        serde_json::from_str(r#"{"facts":{"consumers-per-yaer":{"US-CA":1}}}"#).unwrap();
    let seat: model::manifest::Controller = serde_json::from_str(
        r#"{"name":"S","address":"A","country":"FR","contact":"a@b.example","languages":["fr"],"serves":["FR"]}"#,
    )
    .unwrap();
    let refused = Controller::of(&seat, &law).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no law asks for `consumers-per-yaer`; did you mean `consumers-per-year`?"
    );
    let fine = Controller::of(&seat, &model::manifest::Law::default()).unwrap();
    assert!(fine.established.contains(&"FR".parse().unwrap()));
}

#[test]
fn a_review_counts_for_the_text_that_was_read_and_no_other() {
    let packs = crate::pack::builtin().unwrap();
    let law: model::manifest::Law = serde_json::from_str(
        r#"{"reviewed":{"eu-gdpr":{"by":"Counsel","on":"2026-11-20","digest":"d"},
            "us-hipaa":{"by":"Counsel","on":"2026-11-20","digest":"another"}}}"#,
    )
    .unwrap();
    let found = reviews(&packs, &law, |_| "d".to_owned());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["eu-gdpr"]);
    assert_eq!(found["eu-gdpr"].on, day("2026-11-20"));
}
