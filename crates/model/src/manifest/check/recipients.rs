//! Recipients: contracts that hold, and words about declining.

use super::{Findings, Lint};
use crate::manifest::{Contract, Date, RecipientKind};

pub(super) fn check(findings: &mut Findings<'_>, today: Date) {
    let manifest = findings.manifest();
    for (name, recipient) in &manifest.recipients {
        let path = ["recipients", name.as_str()];
        let mut users =
            manifest.purposes.iter().filter(|(_, purpose)| purpose.recipients.contains(name)).peekable();
        if users.peek().is_none() {
            findings.add(
                Lint::UnusedRecipient,
                &path,
                format!("no purpose gives data to `{name}`"),
                "take it out, or name it among the `recipients` of a purpose",
            );
        }
        let declinable = users.find(|(purpose, _)| !recipient.needed_for.contains(*purpose));
        if let Some((purpose, _)) = declinable.filter(|_| recipient.if_declined.is_empty()) {
            findings.add(
                Lint::DeclineUnexplained,
                &path,
                format!("people may decline `{name}` for `{purpose}`, and nothing says what then happens"),
                "write `if_declined:`, or name the purpose under `needed_for`",
            );
        }
        match &recipient.contract {
            Some(contract) => holds(findings, name.as_str(), contract, today),
            // An authority receives data because a law says so.
            None if recipient.kind == RecipientKind::Authority => {}
            None => findings.add(
                Lint::ContractMissing,
                &path,
                format!("there is no contract with `{name}`; nothing will be sent to it"),
                "add `contract:` with kind, signed, until and summary",
            ),
        }
    }
}

fn holds(findings: &mut Findings<'_>, name: &str, contract: &Contract, today: Date) {
    if let Some(until) = contract.until.filter(|until| *until < today) {
        findings.add(
            Lint::ContractExpired,
            &["recipients", name, "contract", "until"],
            format!("the contract with `{name}` ended on {until}"),
            "renew it and write the new day, or take the recipient out",
        );
    }
    for (language, text) in &contract.summary.0 {
        let sentences = sentences(text);
        if sentences != 2 {
            findings.add(
                Lint::ContractSummary,
                &["recipients", name, "contract", "summary", language.as_str()],
                format!("the summary has {sentences} sentence(s)"),
                "say in two sentences what the recipient may do and what it may not",
            );
        }
    }
}

/// Counts sentences by their full stops, question and exclamation marks at the end of words.
fn sentences(text: &str) -> usize {
    let is_end = |word: &&str| word.ends_with(['.', '!', '?', '…', '。']);
    let ended = text.split_whitespace().filter(is_end).count();
    let open = text.split_whitespace().last().is_some_and(|word| !is_end(&word));
    ended + usize::from(open)
}
