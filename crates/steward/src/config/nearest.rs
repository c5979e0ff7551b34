//! Which known key an unknown one was meant to be.

/// Rewrites serde's text about an unknown field; other texts stay as they are.
pub(super) fn suggest(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field ") else { return message.to_owned() };
    let mut words = rest.split('`').skip(1).step_by(2);
    let Some(unknown) = words.next() else { return message.to_owned() };
    let known: Vec<&str> = words.collect();
    let nearest = known.iter().map(|word| (distance(unknown, word), *word)).min();
    match nearest {
        Some((far, word)) if far <= word.len().div_ceil(3) => {
            format!("unknown key `{unknown}`, did you mean `{word}`?")
        }
        _ => format!("unknown key `{unknown}`; known are `{}`", known.join("`, `")),
    }
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut next = vec![line + 1];
        for ((other, above_left), above) in to.chars().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            let change = above_left + usize::from(letter != other);
            next.push(change.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
