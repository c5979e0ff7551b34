//! The pages of the storefront.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pages::asset::BANNER_SCRIPT;
use words::{Voice, Word};

/// Something to buy.
pub(super) struct Item {
    pub(super) name: &'static str,
    title: &'static str,
    by: &'static str,
    kind: &'static str,
    /// In pence.
    price: u32,
    cover: u8,
}

pub(super) const ITEMS: [Item; 6] = [
    Item {
        name: "window",
        title: "The Shelf by the Window",
        by: "Imani Frost",
        kind: "book",
        price: 1450,
        cover: 1,
    },
    Item {
        name: "rain",
        title: "A Field Guide to Rain",
        by: "Tomas Quill",
        kind: "book",
        price: 1895,
        cover: 2,
    },
    Item {
        name: "kettle",
        title: "Blue Kettle",
        by: "Orla Venn Trio",
        kind: "record",
        price: 2400,
        cover: 3,
    },
    Item {
        name: "trains",
        title: "Night Trains of Europe",
        by: "Jules Amar",
        kind: "book",
        price: 1250,
        cover: 4,
    },
    Item { name: "candle", title: "Rosewood Candle", by: "Rosewood", kind: "gift", price: 990, cover: 5 },
    Item {
        name: "harbour",
        title: "Harbour Songs",
        by: "Nell & Ronan",
        kind: "record",
        price: 2100,
        cover: 6,
    },
];

/// What stands around every page.
pub(super) struct Parts {
    pub(super) voice: Voice,
    pub(super) granted: Vec<String>,
    pub(super) address: String,
    pub(super) banner: String,
    pub(super) link: String,
}

impl Parts {
    fn grants(&self, purpose: &str) -> bool {
        self.granted.iter().any(|granted| granted == purpose)
    }

    pub(super) fn page(&self, title: &str, content: &Markup) -> Markup {
        let (voice, locale) = (self.voice, self.voice.locale());
        let nav = [("/", "shop-nav-home"), ("/basket", "shop-nav-basket"), ("/account", "shop-nav-account")];
        html! {
            (DOCTYPE)
            html lang=(locale.tag()) dir=(locale.direction()) {
                head {
                    meta charset="utf-8";
                    title { (title) " · Rosewood" }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="stylesheet" href="/shop.css";
                    link rel="icon" href="data:,";
                    script src={ "/privacy" (BANNER_SCRIPT.address()) } data-include="server" defer {}
                    (self.statistics())
                }
                body {
                    a class="skip" href="#content" { (voice.say("shop-skip")) }
                    (PreEscaped(&self.banner))
                    header {
                        a class="sign" href="/" { "Rosewood" }
                        p { (voice.say("shop-tagline")) }
                        nav aria-label=(voice.say("shop-menu")) {
                            @for (address, key) in nav {
                                a href=(address) aria-current=[(address == self.address).then_some("page")] { (voice.say(key)) }
                            }
                        }
                    }
                    main id="content" tabindex="-1" {
                        h1 { (title) }
                        (content)
                    }
                    footer {
                        p { (voice.say("shop-foot")) }
                        p { (PreEscaped(&self.link)) }
                    }
                }
            }
        }
    }

    /// The shop's statistics: asleep until they are allowed.
    fn statistics(&self) -> Markup {
        html! {
            @if self.grants("analytics") { script src="/count.js" defer {} }
            @else { script type="text/plain" data-purpose="analytics" data-src="/count.js" {} }
        }
    }

    /// A partner's offer: a placeholder until it is allowed, with the way to allow and to stop it.
    fn offer(&self) -> Markup {
        let voice = self.voice;
        let on = html! { p { (voice.say("shop-offer-on")) } };
        html! {
            aside class="offer" aria-labelledby="offer" {
                h2 id="offer" { (voice.say("shop-offer-title")) }
                @if self.grants("advertising") { (on) } @else { p { (voice.say("shop-offer-off")) } }
                p { a href={ "/privacy/preferences?back=" (self.address) } { (voice.say("shop-offer-change")) } }
            }
        }
    }
}

pub(super) fn home(parts: &Parts) -> Markup {
    let voice = parts.voice;
    parts.page(
        &voice.say("shop-lead"),
        &html! {
            ul class="shelf" {
                @for item in &ITEMS {
                    li {
                        a href={ "/item/" (item.name) } {
                            (cover(item))
                            strong { (item.title) }
                        }
                        span { (voice.say(&format!("shop-{}", item.kind))) " · " (price(voice, item.price)) }
                    }
                }
            }
        },
    )
}

pub(super) fn item(parts: &Parts, item: &Item) -> Markup {
    let voice = parts.voice;
    parts.page(
        item.title,
        &html! {
            div class="item" {
                (cover(item))
                div {
                    p class="by" { (voice.tell("shop-by", &[("who", Word::from(item.by))])) }
                    p { (voice.say(&format!("shop-item-{}", item.name))) }
                    p class="price" { (price(voice, item.price)) }
                    form method="post" action={ "/item/" (item.name) } {
                        button type="submit" { (voice.say("shop-add")) }
                    }
                }
            }
            (parts.offer())
        },
    )
}

pub(super) fn basket(parts: &Parts, items: &[&Item]) -> Markup {
    let voice = parts.voice;
    let total = price(voice, items.iter().map(|item| item.price).sum());
    parts.page(
        &voice.say("shop-nav-basket"),
        &html! {
            @if items.is_empty() {
                p { (voice.say("shop-basket-empty")) }
            } @else {
                ul class="lines" {
                    @for item in items {
                        li { span { (item.title) } span { (price(voice, item.price)) } }
                    }
                }
                p class="price" { (voice.tell("shop-total", &[("price", Word::from(total))])) }
            }
            p { (voice.say("shop-basket-lead")) }
        },
    )
}

pub(super) fn account(parts: &Parts, portal: &str) -> Markup {
    let voice = parts.voice;
    parts.page(
        &voice.say("shop-nav-account"),
        &html! {
            p { (voice.say("shop-account-lead")) }
            p { a class="button" href=(portal) { (voice.say("shop-account-data")) } }
            p { (voice.say("shop-account-how")) }
        p { a href="/mail" { (voice.say("shop-account-mail")) } }
        },
    )
}

pub(super) fn missing(parts: &Parts) -> Markup {
    parts.page(
        &parts.voice.say("shop-missing"),
        &html! { p { a href="/" { (parts.voice.say("shop-nav-home")) } } },
    )
}

/// A price as the language writes it.
fn price(voice: Voice, pence: u32) -> String {
    let (pounds, rest) = (pence / 100, pence % 100);
    match voice.locale() {
        words::Locale::English => format!("£{pounds}.{rest:02}"),
        words::Locale::French => format!("{pounds},{rest:02}\u{a0}£"),
    }
}

/// A cover made of three shapes.
fn cover(item: &Item) -> Markup {
    html! {
        svg class={ "cover c" (item.cover) } viewBox="0 0 120 150" aria-hidden="true" focusable="false" {
            rect width="120" height="150" rx="4" {}
            @match item.cover {
                1 => { path d="M20 120V40h80v80zM60 40v80M20 80h80" {} }
                2 => { path d="M24 30l-8 24M54 22l-8 24M84 30l-8 24M108 52l-8 24M40 64l-8 24M70 60l-8 24M56 100l-8 24M92 96l-8 24" {} }
                3 => { circle cx="60" cy="75" r="42" {} circle cx="60" cy="75" r="14" {} circle cx="60" cy="75" r="3" {} }
                4 => { path d="M14 112h92M22 100h76M30 88V46q0-14 14-14h32q14 0 14 14v42zM30 64h60" {} }
                5 => { path d="M42 124V66h36v58zM60 66V54M60 50q-9-12 0-24 9 12 0 24z" {} }
                _ => { path d="M10 104q16-14 32 0t32 0 36 0M10 120q16-14 32 0t32 0 36 0M60 90V28l30 44H60" {} }
            }
        }
    }
}
