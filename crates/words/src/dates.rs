//! Dates in words.

use model::Timestamp;

use crate::{Voice, Word};

/// A moment on the calendar of UTC.
pub(crate) struct Civil {
    year: String,
    month: String,
    day: i64,
    time: String,
}

impl Civil {
    /// The parts of a moment, from its RFC 3339 text.
    pub(crate) fn of(at: Timestamp) -> Self {
        let text = at.to_string();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        let mut parts = date.rsplitn(3, '-').map(|part| part.trim_start_matches('0').to_owned());
        let (day, month) = (
            parts.next().and_then(|day| day.parse().ok()).unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let year = parts.next().unwrap_or_default();
        Self { year, month, day, time: time.chars().take(5).collect() }
    }

    pub(crate) fn say(&self, voice: Voice, key: &str) -> String {
        let month = voice.say(&format!("month-{}", self.month));
        voice.tell(
            key,
            &[
                ("day", Word::from(self.day)),
                ("month", Word::from(month)),
                ("year", Word::from(self.year.as_str())),
                ("time", Word::from(self.time.as_str())),
            ],
        )
    }
}
