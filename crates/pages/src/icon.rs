//! Inline icons: strokes of 1.75 on a grid of 24, in the colour of the text beside them.
//! They repeat what the text says and are hidden from assistive technology.

use maud::{Markup, PreEscaped, Render, html};

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A shield with a key hole: Steward's sign.
    Shield,
    /// Done, good.
    Check,
    /// To be known.
    Info,
    /// To be careful about.
    Warning,
    /// Not done, closed.
    Cross,
    /// Locked: there is no choice.
    Lock,
    /// Takes a file along.
    Download,
    /// Changes a value.
    Pencil,
    /// Erases.
    Bin,
    /// Points on, in the direction of reading.
    Chevron,
    /// A letter.
    Letter,
    /// A moment, a history.
    Clock,
    /// A person.
    Person,
    /// Nothing is here.
    Empty,
    /// Looks something up.
    Search,
    /// Columns: charts and statistics.
    Columns,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Shield => {
                "M12 3l7 2.6v5.6c0 4.4-2.9 7.6-7 9.8-4.1-2.2-7-5.4-7-9.8V5.6zM12 9.2v0a1.7 1.7 0 0 1 .9 3.1l.4 2.7h-2.6l.4-2.7A1.7 1.7 0 0 1 12 9.2"
            }
            Self::Check => "M4.5 12.8l4.7 4.7L19.5 7",
            Self::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5.2M12 7.8v.2",
            Self::Warning => "M12 4L2.8 19.5h18.4zM12 10v4.6M12 17v.2",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Lock => "M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
            Self::Download => "M12 4v11M7.5 11l4.5 4.5L16.5 11M4.5 19.5h15",
            Self::Pencil => "M4.5 19.5l.9-3.9L16.2 4.8l3 3L8.4 18.6z",
            Self::Bin => "M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l.8 13h9.4l.8-13M10 10.5v5.5M14 10.5v5.5",
            Self::Chevron => "M9 5.5l6.5 6.5L9 18.5",
            Self::Letter => "M3.5 6h17v12h-17zM3.5 7l8.5 6 8.5-6",
            Self::Clock => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3.2 2",
            Self::Person => {
                "M12 4a3.8 3.8 0 1 0 0 7.6A3.8 3.8 0 0 0 12 4M4.5 20c.6-4 3.5-5.8 7.5-5.8s6.9 1.8 7.5 5.8"
            }
            Self::Empty => "M4 13.5l2.6-8h10.8l2.6 8v5.5H4zM4 13.5h4.6l1.2 2.4h4.4l1.2-2.4H20",
            Self::Search => "M10.8 4.5a6.3 6.3 0 1 0 0 12.6 6.3 6.3 0 0 0 0-12.6M15.4 15.4l4.6 4.6",
            Self::Columns => "M4.5 20h15M7 20v-6M12 20V5M17 20v-9",
        }
    }
}

impl Render for Icon {
    fn render(&self) -> Markup {
        html! {
            svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
                path d=(PreEscaped(self.path())) {}
            }
        }
    }
}
