//! What a page looks like: the layout, a handful of components, charts and the templates of
//! every page, as pure functions of view structs to HTML. Everything escapes by default.
//! Knows no use case and no HTTP; `docs/design.md` shows each part and says when to use it.
//!
//! A page works without script, by keyboard, on a phone and printed. No inline style and no
//! inline script: the Content-Security-Policy permits neither.

pub mod asset;
pub mod chart;
pub mod console;
mod contrast;
pub mod form;
pub mod icon;
pub mod layout;
pub mod page;
pub mod part;
pub mod portal;
pub mod site;
pub mod table;

pub use asset::Asset;
pub use icon::Icon;
pub use layout::{Frame, NavItem, SignedIn, Surface};
pub use maud::{Markup, PreEscaped, html};
