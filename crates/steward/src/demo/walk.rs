//! The walk: each step asks over HTTP, says what was answered, and looks whether that was right.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::Controller;
use app::ledger::{LogFolder, verify};
use app::manifest;
use model::manifest::Loaded;
use model::{Actor, Secret};
use serde_json::{Value, json};

use super::client::{Answer, Request};
use super::history::Lived;
use super::keys::Keys;
use super::place::Place;
use crate::cli::Out;
use crate::installation::Hosted;

/// The customer of the walk.
const ADA: &str = "ada@shop.example";
/// What Ada is shown beside the box.
const SHOWN: &str = "Once a month we write to you about new books, records and gifts.";
/// How often to look for the checkpoint that covers the walk, and how long to wait between.
const LOOKS_MAX: u32 = 240;
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The walk as far as it has come.
pub(crate) struct Walk {
    out: Out,
    address: SocketAddr,
    step: u32,
    failed: u32,
}

/// A key and the shell variable that it is shown by.
#[derive(Clone, Copy)]
struct Key<'k> {
    secret: &'k Secret<String>,
    variable: &'static str,
}

impl Walk {
    pub(crate) const fn new(out: Out, address: SocketAddr) -> Self {
        Self { out, address, step: 0, failed: 0 }
    }

    /// How many steps did not go as expected.
    pub(crate) const fn failed(&self) -> u32 {
        self.failed
    }

    /// How many steps there were.
    pub(crate) const fn steps(&self) -> u32 {
        self.step
    }

    /// Declare: the manifest is checked and put in force.
    pub(crate) async fn declare(&mut self, controller: &Controller, present: &Loaded) -> anyhow::Result<()> {
        self.title("Declare", "The shop says in its manifest why it uses which data, and applies it.");
        let applied = manifest::apply(controller, present, Actor::Operator).await?;
        let purposes = present.manifest.purposes.len();
        self.answer(format!(
            "version {} is in force, with {purposes} purposes ({})",
            applied.version, applied.entry
        ));
        self.expect(applied.version >= 1, "a version in force");
        Ok(())
    }

    /// Says what there is: people, addresses, keys.
    pub(crate) fn introduce(&self, hosted: &Hosted, keys: &Keys, lived: &Lived, place: &Place) {
        let log_key = hosted.controller.core().signer.verifier().to_string();
        let Lived { customers, orders, views, choices, questions } = lived;
        self.out.say(format!(
            "\n{customers} customers, {orders} orders, {views} page views, {choices} choices and {questions} \
             questions of the past eight months are in the vault and the ledger."
        ));
        self.out.facts([
            ("address", &format!("http://{}", self.address)),
            ("folder", &place.folder().display().to_string()),
            ("log key", &log_key),
        ]);
        self.out.say("To repeat the requests below in a shell:");
        self.out.say(format!("  export SHOP={}", keys.storefront.expose()));
        self.out.say(format!("  export MAILER={}", keys.mailer.expose()));
        self.out.say(format!("  export AUDITOR={}", keys.auditor.expose()));
    }

    /// The main job, from collecting to erasing.
    pub(crate) async fn main_job(&mut self, keys: &Keys) {
        let shop = Key { secret: &keys.storefront, variable: "SHOP" };
        let mailer = Key { secret: &keys.mailer, variable: "MAILER" };
        let Some(ada) = self.collect(shop).await else { return };
        self.ask(mailer, &ada, "Ask before consent", "denied").await;
        self.consent(shop, &ada).await;
        self.ask(mailer, &ada, "Ask again", "granted").await;
        self.audience(mailer).await;
        self.support(shop, &ada).await;
        self.correct(shop, &ada).await;
        self.export(shop, &ada).await;
        self.withdraw(shop, &ada).await;
        self.ask(mailer, &ada, "Ask after the withdrawal", "denied").await;
        self.timeline(shop, &ada).await;
        self.erase(shop, &ada).await;
    }

    async fn collect(&mut self, shop: Key<'_>) -> Option<String> {
        self.title("Collect", "Ada orders as a new customer; the web shop hands her data over.");
        let row = json!({
            "system": "chinook", "table": "Customer",
            "fields": {
                "CustomerId": "9001", "FirstName": "Ada", "LastName": "Quill", "Email": ADA,
                "Address": "7 Lamb Street", "City": "Londn", "PostalCode": "E1 6EA", "Country": "United Kingdom",
            },
        });
        let answer = self.send(shop, Request::post("/v1/subjects", row)).await?;
        let ada = text(&answer.body, "/subject");
        self.answer(format!(
            "{} values are sealed under keys of her own; from now on she is {ada}",
            number(&answer.body, "/stored")
        ));
        self.expect(answer.status == 200 && ada.starts_with("sub_"), "a new person");
        (!ada.is_empty()).then_some(ada)
    }

    async fn ask(&mut self, mailer: Key<'_>, ada: &str, title: &str, expected: &str) {
        self.title(title, "May the mail program send Ada the newsletter by e-mail?");
        let question = json!({
            "subject": { "id": ada }, "purpose": "newsletter", "action": "send", "channel": "email",
            "categories": ["contact.email"],
        });
        let Some(answer) = self.send(mailer, Request::post("/v1/decisions", question)).await else { return };
        self.answer(format!("{} ({})", text(&answer.body, "/text"), text(&answer.body, "/entry")));
        self.reasons(&answer.body);
        self.expect(text(&answer.body, "/answer") == expected, expected);
    }

    fn reasons(&self, body: &Value) {
        for reason in body.pointer("/reasons").and_then(Value::as_array).into_iter().flatten() {
            self.out.say(format!(
                "    {} {} [{}]",
                text(reason, "/text"),
                text(reason, "/remedy"),
                text(reason, "/rule")
            ));
        }
    }

    async fn consent(&mut self, shop: Key<'_>, ada: &str) {
        self.title(
            "Consent",
            "Ada ticks the box in her account and follows the link in the mail that confirms her address.",
        );
        let acts = json!({
            "subject": { "id": ada }, "by": "customer",
            "events": [
                { "kind": "given", "purpose": "newsletter", "origin": "portal", "shown": {
                    "text_sha256": hex(&keys::sha256(SHOWN.as_bytes())), "locale": "en", "button_order": ["refuse", "accept"],
                    "notice_version": "3", "surface": "account/choices",
                } },
                { "kind": "address-confirmed", "channel": "email", "origin": "mail" },
            ],
        });
        let Some(answer) = self.send(shop, Request::post("/v1/consents", acts)).await else { return };
        let receipt = text(&answer.body, "/events/0/receipt");
        self.answer(format!("recorded, each with its entry; the receipt is at {receipt}"));
        self.expect(answer.status == 200 && !receipt.is_empty(), "two recorded events");
        let Some(answer) = self.send(shop, Request::get(receipt)).await else { return };
        let fields = answer.body.as_object().map_or(0, serde_json::Map::len);
        self.answer(format!("the receipt (ISO/IEC TS 27560) has {fields} fields"));
        self.expect(answer.status == 200 && fields > 0, "a receipt");
    }

    async fn audience(&mut self, mailer: Key<'_>) {
        self.title("Audience", "To whom may the newsletter go?");
        let whom = json!({ "purpose": "newsletter", "channel": "email", "categories": ["contact.email"] });
        let Some(answer) = self.send(mailer, Request::post("/v1/audiences", whom)).await else { return };
        let (id, count) = (text(&answer.body, "/id"), number(&answer.body, "/count"));
        self.answer(format!("{count} people, recorded as one set ({})", text(&answer.body, "/entry")));
        self.expect(count > 1, "Ada and others");
        let Some(page) = self.send(mailer, Request::get(format!("/v1/audiences/{id}?limit=3"))).await else {
            return;
        };
        let people = page.body.pointer("/subjects").and_then(Value::as_array).map_or(0, Vec::len);
        self.answer(format!("the first {people} of them, each asked about once more"));
        self.expect(people == 3, "a page of three");
    }

    async fn support(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Read, masked", "Ada calls. Support opens her record, with a reason and a ticket.");
        let look = json!({
            "subject": { "id": ada }, "purpose": "order-fulfilment",
            "categories": ["identity.first-name", "identity.last-name", "contact.email", "contact.address.city"],
            "by": { "staff": { "account": "acc-7", "role": "support" } },
            "reason": { "code": "customer-asked", "ticket": "T-17" },
        });
        let Some(answer) = self.send(shop, Request::post("/v1/subjects/read", look)).await else { return };
        let values = self.values(&answer);
        self.expect(answer.status == 200 && !values.contains(ADA), "values without the whole address");
    }

    fn values(&self, answer: &Answer) -> String {
        let values = answer.body.pointer("/values").and_then(Value::as_array);
        let shown: Vec<String> = values
            .into_iter()
            .flatten()
            .map(|value| {
                format!(
                    "{} {} ({})",
                    text(value, "/category"),
                    value.get("value").unwrap_or(&Value::Null),
                    text(value, "/view")
                )
            })
            .collect();
        let shown = shown.join("\n      ");
        self.answer(&shown);
        shown
    }

    async fn correct(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Correct", "Her city is misspelt. Ada puts it right in her account.");
        let look = json!({
            "subject": { "id": ada }, "purpose": "rights", "categories": ["contact.address.city"], "by": "customer",
        });
        let Some(answer) = self.send(shop, Request::post("/v1/subjects/read", look)).await else { return };
        self.values(&answer);
        let correction = json!({
            "value": text(&answer.body, "/values/0/id"), "new": "London", "purpose": "rights", "by": "customer",
        });
        let path = format!("/v1/subjects/{ada}/corrections");
        let Some(answer) = self.send(shop, Request::post(path, correction)).await else { return };
        self.answer(format!("corrected; the old value stays as history ({})", text(&answer.body, "/entry")));
        self.expect(answer.body.pointer("/changed") == Some(&Value::Bool(true)), "a changed value");
    }

    async fn export(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Export", "Ada asks for everything that is held about her.");
        let wish = json!({ "kind": "access", "by": "customer" });
        let path = format!("/v1/subjects/{ada}/exports");
        let Some(answer) = self.send(shop, Request::post(path, wish)).await else { return };
        let count = |part: &str| {
            answer.body.pointer(&format!("/document/{part}")).and_then(Value::as_array).map_or(0, Vec::len)
        };
        let (values, choices, uses) = (count("values"), count("choices"), count("uses"));
        self.answer(format!(
            "a document with {values} values, {choices} choices and {uses} uses of her data"
        ));
        self.expect(answer.status == 200 && values > 0 && choices == 2, "all of it");
    }

    async fn withdraw(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Withdraw", "Ada follows the unsubscribe link: one click, as easy as it was to agree.");
        let acts = json!({
            "subject": { "id": ada }, "by": "customer",
            "events": [{ "kind": "withdrawn", "purpose": "newsletter", "origin": "mail" }],
        });
        let Some(answer) = self.send(shop, Request::post("/v1/consents", acts)).await else { return };
        self.answer(format!("recorded ({})", text(&answer.body, "/events/0/entry")));
        self.expect(answer.status == 200, "a recorded withdrawal");
    }

    async fn timeline(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Timeline", "What was done with Ada's data, newest first, as her portal will show it:");
        let Some(answer) = self.send(shop, Request::get(format!("/v1/subjects/{ada}/timeline"))).await else {
            return;
        };
        let items = answer.body.pointer("/items").and_then(Value::as_array).cloned().unwrap_or_default();
        items.iter().for_each(|item| self.out.say(format!("    {}", line(item))));
        self.expect(items.len() >= 8, "every use so far");
    }

    async fn erase(&mut self, shop: Key<'_>, ada: &str) {
        self.title("Erase", "Ada wants to be forgotten. First the plan, then the act.");
        let path = format!("/v1/subjects/{ada}/erasures");
        let plan = json!({ "scope": "person", "by": "customer", "dry_run": true });
        let Some(answer) = self.send(shop, Request::post(path.as_str(), plan)).await else { return };
        for ends in answer.body.pointer("/plan/ends").and_then(Value::as_array).into_iter().flatten() {
            self.answer(format!(
                "would end: {} ({} values and records)",
                text(ends, "/lifetime"),
                number(ends, "/items")
            ));
        }
        let act = json!({ "scope": "person", "by": "customer" });
        let Some(answer) = self.send(shop, Request::post(path, act)).await else { return };
        let ended = answer.body.pointer("/erased/ended").and_then(Value::as_array).map_or(0, Vec::len);
        self.answer(format!("{ended} keys destroyed ({})", text(&answer.body, "/erased/entry")));
        for stays in answer.body.pointer("/erased/stays").and_then(Value::as_array).into_iter().flatten() {
            let (what, why) = (text(stays, "/what"), text(stays, "/citation"));
            self.answer(format!(
                "stays: {what}, because of {why}, until {}",
                text(stays, "/until").get(..10).unwrap_or_default()
            ));
        }
        self.expect(answer.status == 200 && ended > 0, "destroyed keys");
        let look = json!({
            "subject": { "id": ada }, "purpose": "rights", "categories": ["contact.email"], "by": "customer",
        });
        let Some(answer) = self.send(shop, Request::post("/v1/subjects/read", look)).await else { return };
        self.answer(format!("reading her again: {} {}", answer.status, text(&answer.body, "/detail")));
        self.expect(answer.status == 404, "nobody");
    }

    /// Verify: the whole log from its files, under the checkpoint that the world sees.
    pub(crate) async fn verify(&mut self, hosted: &Arc<Hosted>) {
        self.title("Verify", "An auditor recomputes the whole log from its files and the log's key alone.");
        match wait_and_verify(hosted).await {
            Ok((report, note)) => {
                let checkpoint = report.checkpoint;
                self.answer(format!("{} entries hash to the root {}", checkpoint.size, checkpoint.root));
                self.answer("the signed checkpoint:");
                note.lines().for_each(|line| self.out.say(format!("    {line}")));
                let base = format!("http://{}/ledger", self.address);
                self.out.say(format!("    $ curl -s {base}/checkpoint"));
                self.out.say(format!(
                    "    $ curl -s {base}/tile/entries/000 -H \"Authorization: Bearer $AUDITOR\""
                ));
                self.expect(checkpoint.size > 0, "a log");
            }
            Err(error) => self.expect(false, &format!("a log that holds, but: {error:#}")),
        }
    }

    async fn send(&mut self, key: Key<'_>, request: Request) -> Option<Answer> {
        self.out.say(format!("    $ {}", request.as_curl(self.address, key.variable)));
        match request.send(self.address, key.secret).await {
            Ok(answer) => {
                if answer.status >= 400 && answer.status != 404 {
                    self.answer(format!("{} {}", answer.status, answer.body));
                }
                Some(answer)
            }
            Err(error) => {
                self.expect(false, &format!("an answer, but: {error:#}"));
                None
            }
        }
    }

    fn title(&mut self, title: &str, words: &str) {
        self.step += 1;
        self.out.say(format!("\n{:>2}. {title}. {words}", self.step));
    }

    fn answer(&self, line: impl AsRef<str>) {
        self.out.say(format!("    → {}", line.as_ref()));
    }

    fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.failed += 1;
            self.out.remark(format!("    ✗ step {}: expected {what}", self.step));
        }
    }
}

/// Waits until a checkpoint covers what the walk wrote, then checks the files alone.
async fn wait_and_verify(hosted: &Arc<Hosted>) -> anyhow::Result<(app::ledger::Report, String)> {
    let key = hosted.controller.core().signer.verifier().clone();
    let log = LogFolder::open(&hosted.ledger)?;
    let (mut seen, mut looks) = (0, 0);
    let note = loop {
        tokio::time::sleep(LOOK_EVERY).await;
        looks += 1;
        let published = log.published(&key)?;
        let size = published.as_ref().map_or(0, |published| published.checkpoint.size);
        // A second without growth: everything that was written is published.
        let rested = size > 0 && size == seen && looks % 6 == 0;
        match published {
            Some(published) if rested => break published.note,
            _ if looks >= LOOKS_MAX => anyhow::bail!("no checkpoint was published in time"),
            _ if looks % 6 == 0 => seen = size,
            _ => {}
        }
    };
    let report = tokio::task::spawn_blocking(move || verify(&log, &key, None, &mut |_| {})).await??;
    Ok((report, note.to_string()))
}

/// An entry of a timeline as a line.
fn line(item: &Value) -> String {
    let time = text(item, "/recorded").get(11..19).unwrap_or_default().to_owned();
    // An act of the person says more by its kind than by the action behind it.
    let (kind, action) = (text(item, "/kind"), text(item, "/action"));
    let action = if kind == "consent" || action.is_empty() { kind } else { action };
    let purpose = item
        .get("purpose")
        .and_then(Value::as_str)
        .map(|purpose| format!(" for {purpose}"))
        .unwrap_or_default();
    let answer =
        item.get("answer").and_then(Value::as_str).map(|answer| format!(": {answer}")).unwrap_or_default();
    format!("{time}  {:<28} {action}{purpose}{answer}", text(item, "/actor"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(body: &Value, pointer: &str) -> u64 {
    body.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
