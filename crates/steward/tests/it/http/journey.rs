//! One customer's way through the API, and requests that are sent twice.

use serde_json::{Value, json};

use super::client::Reply;
use super::world::{World, on_both};

/// Takes one customer in and answers the person's id.
pub(crate) fn customer(world: &World, number: u32, email: &str) -> String {
    let row = json!({
        "system": "chinook", "table": "Customer",
        "fields": {"CustomerId": number, "FirstName": "Ada", "LastName": "Byron", "Email": email}
    });
    let done = world.post(&world.keys.storefront, "/v1/subjects", &row).done();
    done["subject"].as_str().expect("an id").to_owned()
}

fn consents(subject: &Value, kind: &str) -> Value {
    json!({
        "subject": subject,
        "events": [
            {"kind": kind, "purpose": "newsletter", "origin": "portal"},
            {"kind": "address-confirmed", "channel": "email", "origin": "mail"}
        ]
    })
}

fn may_mail(world: &World, subject: &str) -> Value {
    let ask = json!({
        "subject": {"id": subject}, "purpose": "newsletter", "action": "send", "channel": "email",
        "categories": ["contact.email"]
    });
    world.post(&world.keys.mailer, "/v1/decisions", &ask).done()
}

#[test]
fn a_customer_is_taken_in_asked_for_mailed_corrected_exported_and_erased() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let subject = customer(world, 1, "Ada@Example.org");
        let person = format!("/v1/subjects/{subject}");

        // The same address in another spelling finds the same person.
        let look = json!({"identifier": {"kind": "email", "value": " ada@example.ORG "}});
        assert_eq!(world.post(key, "/v1/subjects/lookup", &look).done()["subject"], subject.as_str());

        // Nothing optional happens without a yes, and the answer says why in words.
        let no = may_mail(world, &subject);
        assert_eq!(no["answer"], "denied");
        assert!(no["reasons"][0]["text"].as_str().is_some_and(|text| text.len() > 10), "{no}");
        let path = format!("/v1/decisions/{}", no["entry"].as_str().expect("an entry"));
        let again = world.call("GET", &world.keys.mailer, &path, b"", &[("Accept-Language", "fr-CA")]).done();
        assert_eq!((&again["answer"], again["text"].as_str()), (&json!("denied"), Some("Refusé")));
        assert_eq!(world.get(key, &path).problem().0, 404, "another service's decision");

        let yes = consents(&json!({"id": subject}), "given");
        let recorded = world.post(key, "/v1/consents", &yes).done();
        assert_eq!(may_mail(world, &subject)["answer"], "granted");
        let receipt = world.get(key, recorded["events"][0]["receipt"].as_str().expect("a path"));
        assert_eq!((receipt.status, receipt.headers["content-type"].as_str()), (200, "application/ld+json"));
        let standing = world.get(key, &format!("{person}/standing")).done();
        assert_eq!(standing["subject"], subject.as_str());

        // The audience holds the person until they withdraw; its pages ask again.
        let whom = json!({"purpose": "newsletter", "channel": "email", "categories": ["contact.email"]});
        let audience = world.post(&world.keys.mailer, "/v1/audiences", &whom).done();
        assert_eq!(audience["count"], 1);
        let pages = format!("/v1/audiences/{}", audience["id"].as_str().expect("an id"));
        let page = world.get(&world.keys.mailer, &pages).done();
        assert_eq!(page["subjects"], json!([{"subject": subject}]));
        world.post(key, "/v1/consents", &consents(&json!({"id": subject}), "withdrawn")).done();
        assert_eq!(world.get(&world.keys.mailer, &pages).done()["left_out"], 1);
        assert_eq!(world.get(key, &pages).problem().0, 404, "another service's audience");

        // Read, correct, read with the past, export.
        let read = json!({
            "subject": {"id": subject}, "purpose": "order-fulfilment",
            "categories": ["contact.email", "identity.first-name"]
        });
        let values = world.post(key, "/v1/subjects/read", &read);
        assert_eq!(values.headers["cache-control"], "no-store");
        let values = values.done();
        let mut email = values["values"].as_array().expect("values").iter();
        let email = email.rfind(|value| value["category"] == "contact.email").expect("an address");
        assert_eq!(email["value"], "Ada@Example.org");
        let fix =
            json!({"value": email["id"], "new": "ada@new.example", "purpose": "rights", "by": "customer"});
        assert_eq!(world.post(key, &format!("{person}/corrections"), &fix).done()["changed"], true);
        let past = json!({"purpose": "order-fulfilment", "categories": ["contact.email"]});
        let past = world.post(key, &format!("{person}/history"), &past).done();
        assert_eq!(past["values"].as_array().map(Vec::len), Some(2), "{past}");
        let export = json!({"kind": "access", "by": "customer"});
        let export = world.post(key, &format!("{person}/exports"), &export);
        assert!(export.done()["document"].is_object() && export.text().contains("ada@new.example"));

        // The timeline tells all of it, page by page, newest first.
        let newest = world.get(key, &format!("{person}/timeline?limit=2")).done();
        assert_eq!(newest["items"][0]["kind"], "export", "{newest}");
        let next = newest["next"].as_str().expect("more entries");
        let older = world.get(key, &format!("{person}/timeline?before={next}")).done();
        let kinds: Vec<&str> = older["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| item["kind"].as_str())
            .collect();
        assert!(
            ["read", "consent", "decision", "audience"].iter().all(|kind| kinds.contains(kind)),
            "{kinds:?}"
        );
        assert_eq!(kinds.last(), Some(&"collect"));

        // Erase: first the plan, then the act; afterwards nobody is there.
        let plan = json!({"scope": "person", "by": "customer", "dry_run": true});
        assert!(world.post(key, &format!("{person}/erasures"), &plan).done()["plan"].is_object());
        let erase = json!({"scope": "person", "by": "customer"});
        assert!(world.post(key, &format!("{person}/erasures"), &erase).done()["erased"].is_object());
        assert_eq!(world.post(key, "/v1/subjects/read", &read).problem(), (404, "not-found".to_owned()));
        assert_eq!(may_mail(world, &subject)["answer"], "denied");
    });
}

#[test]
fn a_batch_answers_in_the_order_of_its_questions() {
    on_both(|world| {
        let (one, two) = (customer(world, 1, "one@example.org"), customer(world, 2, "two@example.org"));
        world.post(&world.keys.storefront, "/v1/consents", &consents(&json!({"id": two}), "given")).done();
        let item = |id: &str| {
            json!({"subject": {"id": id}, "purpose": "newsletter", "action": "send", "channel": "email",
                   "categories": ["contact.email"]})
        };
        let batch = json!({"items": [item(&one), item(&two), item(&one)], "dry_run": true});
        let reply = world.post(&world.keys.mailer, "/v1/decisions", &batch).done();
        let answers: Vec<&Value> =
            reply["items"].as_array().expect("items").iter().map(|a| &a["answer"]).collect();
        assert_eq!(answers, ["denied", "granted", "denied"]);
        assert!(reply["items"][1].get("entry").is_none(), "a dry run is not recorded");
    });
}

#[test]
fn two_identities_are_joined_and_parted_again() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let (one, two) = (customer(world, 1, "one@example.org"), customer(world, 2, "two@example.org"));
        let look = |address: &str| {
            let look = json!({"identifier": {"kind": "email", "value": address}});
            world.post(key, "/v1/subjects/lookup", &look).done()["subject"].clone()
        };
        let merge = json!({"one": one, "other": two, "leader": one, "by": "customer"});
        let merged = world.post(key, "/v1/merges", &merge).done();
        assert_eq!((&merged["leader"], &merged["alias"]), (&json!(one), &json!(two)));
        assert_eq!(look("two@example.org"), one.as_str());
        assert_eq!(world.post(key, "/v1/merges", &merge).problem().0, 409, "they are one already");

        let path = format!("/v1/merges/{}", merged["id"].as_str().expect("an id"));
        let part = json!({"by": "customer"}).to_string();
        let parted = world.call("DELETE", key, &path, part.as_bytes(), &[]);
        assert_eq!(parted.done()["alias"], two.as_str());
        assert_eq!(look("two@example.org"), two.as_str());
    });
}

#[test]
fn a_write_sent_twice_is_done_once_and_its_key_fits_no_other_body() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let subject = customer(world, 1, "twice@example.org");
        let writes = [
            (
                "/v1/subjects".to_owned(),
                json!({
                    "system": "chinook", "table": "Customer", "fields": {"CustomerId": 7, "FirstName": "Grace"}
                }),
            ),
            ("/v1/consents".to_owned(), consents(&json!({"id": subject}), "given")),
            (format!("/v1/subjects/{subject}/erasures"), json!({"scope": "person", "by": "customer"})),
        ];
        for (path, body) in writes {
            let repeat = [("Idempotency-Key", "order-4711")];
            let sent = |key: &str, body: &Value| {
                world.call("POST", key, &path, body.to_string().as_bytes(), &repeat)
            };
            // Another path with the same key is another request.
            if path != "/v1/subjects" {
                assert_eq!(sent(key, &body).problem(), (422, "idempotency-mismatch".to_owned()), "{path}");
            }
            let own = [("Idempotency-Key", path.rsplit('/').next().expect("a word"))];
            let sent = |body: &Value| {
                let more = if path == "/v1/subjects" { repeat } else { own };
                world.call("POST", key, &path, body.to_string().as_bytes(), &more)
            };
            let first = sent(&body);
            assert_eq!(first.status, 200, "{path}: {}", first.text());
            let second = sent(&body);
            assert_eq!((second.status, second.text()), (200, first.text()), "{path}");
            let marked = |reply: &Reply| reply.headers.contains_key("idempotency-replayed");
            assert_eq!((marked(&first), marked(&second)), (false, true), "{path}");
            let mut other = body.clone();
            other["request"] = json!("another");
            assert_eq!(sent(&other).problem(), (422, "idempotency-mismatch".to_owned()), "{path}");
        }
        let long = "x".repeat(65);
        for bad in ["", "with space", &long] {
            let body = consents(&json!({"id": subject}), "given").to_string();
            let reply = world.call("POST", key, "/v1/consents", body.as_bytes(), &[("Idempotency-Key", bad)]);
            assert_eq!(reply.problem(), (400, "invalid-request".to_owned()), "`{bad}`");
        }
    });
}

#[test]
fn an_address_that_somebody_else_claimed_stays_theirs() {
    on_both(|world| {
        let first = customer(world, 1, "taken@example.org");
        let second = customer(world, 2, "other@example.org");
        let row = json!({
            "system": "chinook", "table": "Customer",
            "fields": {"CustomerId": 2, "Email": "TAKEN@example.org"}
        });
        let reply = world.post(&world.keys.storefront, "/v1/subjects", &row);
        assert_eq!((reply.status, reply.json()["subject"].as_str()), (200, Some(&*second)));
        assert!(!reply.text().to_lowercase().contains("taken@"), "{}", reply.text());
        let asked = json!({"identifier": {"kind": "email", "value": "taken@example.org"}});
        let found = world.post(&world.keys.storefront, "/v1/subjects/lookup", &asked);
        assert_eq!(found.json()["subject"].as_str(), Some(&*first));
    });
}
