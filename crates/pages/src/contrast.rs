//! Holds the colours of the style sheet to WCAG 2.2: 4.5:1 for writing (1.4.3), 3:1 for the
//! edges of controls and for charts (1.4.11).

#![cfg(test)]

use std::collections::BTreeMap;

use crate::asset::STYLE;

/// Everything that writing may stand on.
const GROUNDS: [&str; 7] = ["paper", "surface", "sunk", "tint-info", "tint-good", "tint-warn", "tint-bad"];
/// Everything that writing may be written in.
const WRITING: [&str; 6] = ["ink", "quiet", "accent", "good", "warn", "bad"];
/// Writing on a filled ground of its own.
const FILLED: [(&str, &str); 2] = [("on-accent", "accent"), ("on-bad", "bad")];
/// What must be seen, but is not read.
const SHAPES: [&str; 7] = ["edge", "series-1", "series-2", "series-3", "series-4", "series-5", "series-6"];
/// Hairlines between things that are apart anyway.
const FREE: [&str; 1] = ["line"];

type Colours = BTreeMap<&'static str, [u8; 3]>;

/// The colours of a block of the style sheet that starts with `head`.
fn block(head: &str) -> Colours {
    let rest = STYLE.text.split_once(head).expect(head).1;
    let body = rest.split_once('}').expect("an end").0;
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": #"))
        .map(|(name, hex)| {
            assert_eq!(hex.len(), 6, "{name}");
            let number = u32::from_str_radix(hex, 16).expect("hexadecimal digits");
            let [_, red, green, blue] = number.to_be_bytes();
            (name, [red, green, blue])
        })
        .collect()
}

/// The relative luminance of WCAG 2.
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn schemes() -> [(&'static str, Colours); 3] {
    let light = block(":root {");
    let with = |head: &'static str| light.clone().into_iter().chain(block(head)).collect();
    [
        ("light", light.clone()),
        ("dark", with("(prefers-color-scheme: dark) {\n  :root {")),
        ("print", with("@media print {\n  :root {")),
    ]
}

#[test]
fn every_pair_of_colours_has_the_contrast_it_needs() {
    let mut findings = Vec::new();
    for (scheme, colours) in schemes() {
        let mut hold = |front: &str, back: &str, least: f64| {
            let found = contrast(colours[front], colours[back]);
            if found < least {
                findings.push(format!("{scheme}: {front} on {back} has {found:.2}, needs {least}"));
            }
        };
        for back in GROUNDS {
            WRITING.iter().for_each(|front| hold(front, back, 4.5));
        }
        FILLED.iter().for_each(|(front, back)| hold(front, back, 4.5));
        for back in ["paper", "surface", "sunk"] {
            SHAPES.iter().for_each(|front| hold(front, back, 3.0));
        }
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn every_colour_is_a_token_that_is_held_and_stands_nowhere_else() {
    let known: Vec<&str> = [&GROUNDS[..], &WRITING, &FILLED.map(|(front, _)| front), &SHAPES, &FREE].concat();
    for (scheme, colours) in schemes() {
        for name in colours.keys() {
            assert!(known.contains(name), "{scheme}: {name} is in no list of this test");
        }
        assert_eq!(colours.len(), known.len(), "{scheme}");
    }
    let dark = block("(prefers-color-scheme: dark) {\n  :root {");
    assert_eq!(dark.len(), known.len(), "every colour has its dark sister");
    for (line, text) in STYLE.text.lines().enumerate() {
        let is_token = text.trim().starts_with("--") || text.trim().starts_with(":root {");
        let has_colour =
            text.contains(": #") || text.contains("rgb") || text.contains("hsl") || text.contains("oklch");
        assert!(is_token || !has_colour, "line {}: colours stand among the tokens", line + 1);
    }
}
