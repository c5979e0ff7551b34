//! A language that there are words in.

/// A language that there are words in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Locale {
    /// English, which stands in where another language has no words.
    #[default]
    English,
    /// French.
    French,
}

impl Locale {
    /// Every language, in the order in which pages offer them.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// The direction of its writing, as the `dir` attribute of HTML has it.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::French => "ltr",
        }
    }

    /// The language of a BCP 47 tag, whatever its region.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// The best of an `Accept-Language` header's languages that we have (RFC 9110, 12.5.4);
    /// English where nothing fits.
    #[must_use]
    pub fn negotiate(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for part in header.split(',').take(32) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(0.0);
            let wanted = if tag.trim() == "*" { Some(Self::default()) } else { Self::from_tag(tag) };
            if let Some(locale) = wanted.filter(|_| weight > best.0) {
                best = (weight, locale);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_have_wins() {
        for (header, locale) in [
            ("fr-CA, en;q=0.5", Locale::French),
            ("FR", Locale::French),
            ("de, fr;q=0.2, en;q=0.9", Locale::English),
            ("fr;q=0", Locale::English),
            ("zz", Locale::English),
            ("*", Locale::English),
            ("fr;q=nonsense, ;;,,", Locale::English),
        ] {
            assert_eq!(Locale::negotiate(header), locale, "{header}");
        }
    }
}
