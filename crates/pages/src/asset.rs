//! The files that pages load: part of the program, named by their content.

/// A file that pages load. Its address changes with its content, so that it may be kept
/// for ever.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name without an ending, such as `steward`.
    pub name: &'static str,
    /// Its ending: `css` or `js`.
    pub extension: &'static str,
    /// What stands in it.
    pub text: &'static str,
    hash: u64,
}

impl Asset {
    const fn new(name: &'static str, extension: &'static str, text: &'static str) -> Self {
        Self { name, extension, text, hash: fnv1a(text.as_bytes()) }
    }

    /// The last part of its address, such as `steward.0123456789abcdef.css`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.{:016x}.{}", self.name, self.hash, self.extension)
    }

    /// Its address on every host.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/assets/{}", self.file())
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.extension {
            "css" => "text/css; charset=utf-8",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

/// The one style sheet.
pub const STYLE: Asset = Asset::new("steward", "css", include_str!("../../../web/steward.css"));

/// Keeps numbers of the console fresh.
pub const CONSOLE: Asset = Asset::new("console", "js", include_str!("../../../web/console.js"));

/// The style of the banner alone: it stands in pages that have a style of their own.
pub const BANNER_STYLE: Asset = Asset::new("banner", "css", include_str!("../../../web/banner.css"));
/// Answers the banner without leaving the page, and puts it into pages that cannot include it.
pub const BANNER_SCRIPT: Asset = Asset::new("banner", "js", include_str!("../../../web/banner.js"));

/// Every file that pages load.
pub const ALL: &[Asset] = &[STYLE, CONSOLE, BANNER_STYLE, BANNER_SCRIPT];

/// The file with this last part of an address.
#[must_use]
pub fn find(file: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.file() == file)
}

/// FNV-1a, 64 bits (draft-eastlake-fnv): tells versions of our own files apart, proves nothing.
#[expect(clippy::indexing_slicing, reason = "the loop's bound is the length")]
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_content_and_leads_to_it() {
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8, "the published test vector");
        let style = find(&STYLE.file()).expect("the style sheet");
        assert_eq!(style.text, STYLE.text);
        assert!(find("steward.css").is_none() && find("steward.0.css").is_none());
    }

    #[test]
    fn the_style_sheet_loads_nothing_and_names_no_host() {
        for unwanted in ["@import", "url(", "http:", "https:"] {
            assert!(!STYLE.text.replace("href^=\"http\"", "").contains(unwanted), "{unwanted}");
        }
        for physical in [
            "margin-left",
            "margin-right",
            "padding-left",
            "padding-right",
            "text-align: left",
            "text-align: right",
            "float:",
        ] {
            assert!(!STYLE.text.contains(physical), "`{physical}` knows one direction of writing only");
        }
    }
}
