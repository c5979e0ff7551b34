//! The frame of every page: head, header, navigation, main part and footer.

use maud::{DOCTYPE, Markup, html};
use words::{Locale, Voice};

use crate::asset::{Asset, STYLE};
use crate::form::csrf_field;
use crate::icon::Icon;
use crate::part::{Notice, button};

/// The class and width of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// The customer's own data: narrow, roomy.
    Portal,
    /// Staff: wide.
    Console,
    /// One task only (sign in, an error): a single column without navigation.
    Bare,
}

impl Surface {
    const fn class(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Console => "console",
            Self::Bare => "bare",
        }
    }
}

/// One link of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    /// Where it leads.
    pub address: String,
    /// What it says.
    pub text: String,
    /// Whether it is the page that is shown.
    pub is_current: bool,
}

/// Who is signed in, with what signing out needs.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What they are called here; empty where the page says it elsewhere.
    pub name: String,
    /// Where the form for signing out goes.
    pub sign_out: String,
    /// The token of the session's forms.
    pub csrf: String,
}

/// Everything around the content of a page.
#[derive(Clone)]
pub struct Frame {
    /// The words.
    pub voice: Voice,
    /// The class of page.
    pub surface: Surface,
    /// The name of the page: its `<h1>` and the first part of its title.
    pub title: String,
    /// A sentence or two below the title; empty for none.
    pub lead: String,
    /// The name of the business.
    pub controller: String,
    /// Where people reach the business about their data; empty for none.
    pub contact: String,
    /// What this part of Steward is called, such as `Your data`.
    pub place: String,
    /// The first page of this part.
    pub home: String,
    /// The navigation; empty for none.
    pub nav: Vec<NavItem>,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The page's own address, to which changing the language comes back.
    pub address: String,
    /// What was just done or not done, above everything else.
    pub notices: Vec<Notice>,
    /// Scripts that the page is better with, and works without.
    pub scripts: Vec<Asset>,
    /// What the addresses of files and of the language's form begin with, where a page stands
    /// below a path of another site; empty on our own hosts.
    pub base: String,
}

impl Frame {
    /// A page without navigation, session or notices.
    #[must_use]
    pub fn new(voice: Voice, surface: Surface, title: impl Into<String>) -> Self {
        Self {
            voice,
            surface,
            title: title.into(),
            lead: String::new(),
            controller: String::new(),
            contact: String::new(),
            place: String::new(),
            home: "/".to_owned(),
            nav: Vec::new(),
            signed_in: None,
            address: "/".to_owned(),
            notices: Vec::new(),
            scripts: Vec::new(),
            base: String::new(),
        }
    }

    /// The whole document around `content`.
    #[must_use]
    pub fn page(&self, content: &Markup) -> Markup {
        let locale = self.voice.locale();
        html! {
            (DOCTYPE)
            html lang=(locale.tag()) dir=(locale.direction()) {
                (self.head())
                body class=(self.surface.class()) {
                    a class="skip" href="#content" { (self.voice.say("skip-to-content")) }
                    (self.header())
                    main id="content" class="main" tabindex="-1" {
                        @for notice in &self.notices { (notice) }
                        div class="page-head" {
                            h1 { (self.title) }
                            @if !self.lead.is_empty() { p { (self.lead) } }
                        }
                        (content)
                    }
                    (self.footer())
                }
            }
        }
    }

    fn head(&self) -> Markup {
        let parts = [&self.title, &self.place, &self.controller];
        let title: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        html! {
            head {
                meta charset="utf-8";
                title { (title.join(" · ")) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                link rel="stylesheet" href={ (self.base) (STYLE.address()) };
                link rel="icon" href="data:,";
                @for script in &self.scripts { script src={ (self.base) (script.address()) } defer {} }
            }
        }
    }

    fn header(&self) -> Markup {
        html! {
            header class="top" {
                div class="top-row" {
                    a class="brand" href=(self.home) {
                        (Icon::Shield)
                        span {
                            (self.controller)
                            @if !self.place.is_empty() { " " span { (self.place) } }
                        }
                    }
                    @if let Some(signed_in) = &self.signed_in {
                        @if !signed_in.name.is_empty() { span class="who" { (signed_in.name) } }
                        form method="post" action=(signed_in.sign_out) {
                            (csrf_field(&signed_in.csrf))
                            (button::quiet(&self.voice.say("sign-out")))
                        }
                    }
                }
                @if !self.nav.is_empty() {
                    nav class="nav-row" aria-label=(self.voice.say("menu")) {
                        ul {
                            @for item in &self.nav {
                                li { a href=(item.address) aria-current=[item.is_current.then_some("page")] { (item.text) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether staff read it: whose data a page is about is another question for them.
    fn is_of_staff(&self) -> bool {
        self.surface == Surface::Console || self.home == "/console"
    }

    fn footer(&self) -> Markup {
        html! {
            footer class="foot" {
                div class="foot-row" {
                    @if self.contact.is_empty() {
                        span { (self.controller) }
                    } @else {
                        @let label = if self.is_of_staff() { "contact-label-staff" } else { "contact-label" };
                        span { (self.voice.say(label)) " " (contact(&self.contact)) }
                    }
                    form class="languages" method="post" action={ (self.base) "/language" } aria-label=(self.voice.say("language-label")) {
                        input type="hidden" name="back" value=(self.address);
                        @for locale in Locale::ALL {
                            button class="btn plain" type="submit" name="language" value=(locale.tag()) lang=(locale.tag())
                                aria-current=[(locale == self.voice.locale()).then_some("true")] { (locale.own_name()) }
                        }
                    }
                }
            }
        }
    }
}

/// The contact of a business: an e-mail address, a page or plain text.
fn contact(contact: &str) -> Markup {
    let address = if contact.contains('@') && !contact.contains(' ') {
        Some(format!("mailto:{contact}"))
    } else if contact.starts_with("https://") {
        Some(contact.to_owned())
    } else {
        None
    };
    html! {
        @if let Some(address) = address { a href=(address) rel="noreferrer" { (contact) } } @else { (contact) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(locale: Locale) -> Frame {
        Frame {
            controller: "Rosewood <Books>".to_owned(),
            contact: "privacy@rosewood.example".to_owned(),
            nav: vec![NavItem { address: "/portal".to_owned(), text: "Data".to_owned(), is_current: true }],
            ..Frame::new(Voice::of(locale), Surface::Portal, "What we hold")
        }
    }

    #[test]
    fn a_page_has_one_heading_its_landmarks_and_its_language_and_nothing_inline() {
        let page = frame(Locale::French).page(&html! { p { "x" } }).into_string();
        assert_eq!(page.matches("<h1>").count(), 1);
        for part in [
            "<html lang=\"fr\" dir=\"ltr\">",
            "<header",
            "<nav",
            "<main id=\"content\"",
            "<footer",
            "href=\"#content\"",
        ] {
            assert_eq!(page.matches(part).count(), 1, "{part}");
        }
        assert!(!page.contains("style=") && !page.contains("<script") && !page.contains("<style"));
        assert!(page.contains("Rosewood &lt;Books&gt;"), "names are escaped");
        assert!(page.contains("aria-current=\"page\""));
    }
}
