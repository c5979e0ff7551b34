//! `steward decide --file`: many questions, answered as they are read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use app::Verdict;
use app::access::{Asker, Mode, Question, decide_batch};
use model::Answer;
use serde_json::json;

use super::beside;
use super::failure::{Ended, usage};
use super::output::Out;
use super::session::Session;
use crate::http::bodies::question;

/// Questions that are asked together: one entry for all that have one answer.
const ASKED_TOGETHER: usize = 1_000;
/// The longest line.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// Answers the questions of a file. Nothing of a part is asked that has a fault.
pub(super) async fn run(session: &Session, file: &Path, asker: Asker, mode: Mode) -> anyhow::Result<Ended> {
    let opened = File::open(beside::path(file));
    let opened = opened.with_context(|| format!("cannot open `{}`", file.display()))?;
    let mut lines = Lines { reader: BufReader::new(opened), number: 0 };
    let store = session.open().await?;
    let answered = answer_all(&mut lines, store.controller(), &asker, mode, session.out).await;
    store.close().await?;
    let Tally { asked, denied } = answered?;
    if !session.out.is_json() {
        session.out.remark(format!("{asked} asked, {denied} denied"));
    }
    Ok(if denied > 0 { Ended::Refused } else { Ended::Done })
}

/// How many answers there were.
#[derive(Default)]
struct Tally {
    asked: usize,
    denied: usize,
}

async fn answer_all(
    lines: &mut Lines,
    controller: &app::Controller,
    asker: &Asker,
    mode: Mode,
    out: Out,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    loop {
        let (numbers, questions) = lines.part()?;
        if questions.is_empty() {
            return Ok(tally);
        }
        let verdicts = decide_batch(controller, questions, asker.clone(), mode).await?;
        tally.asked += verdicts.len();
        tally.denied += verdicts.iter().filter(|verdict| verdict.answer == Answer::Denied).count();
        let answers = || numbers.iter().zip(&verdicts);
        if out.is_json() {
            answers().for_each(|(number, verdict)| {
                out.print(json!({ "line": number, "verdict": verdict }).to_string())
            });
        } else {
            out.table(
                ["line", "answer", "why not", "entry"],
                answers().map(|(number, verdict)| row(*number, verdict)),
            );
        }
    }
}

fn row(number: u64, verdict: &Verdict) -> [String; 4] {
    let answer = words::words().text("en", &format!("answer-{}", verdict.answer), &[]);
    let codes: Vec<&str> = verdict.findings.iter().map(|reason| reason.code.code()).collect();
    let entry = verdict.entry.map_or_else(|| "not recorded".to_owned(), |entry| entry.to_string());
    [number.to_string(), answer, codes.join(", "), entry]
}

/// The lines of a file that have something on them, counted from 1.
struct Lines {
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    /// The next questions, with the lines on which they stand; none: the file is over.
    fn part(&mut self) -> anyhow::Result<(Vec<u64>, Vec<Question>)> {
        let (mut numbers, mut questions) = (Vec::new(), Vec::new());
        let mut line = Vec::new();
        while questions.len() < ASKED_TOGETHER {
            line.clear();
            let read = self.reader.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            self.number += 1;
            let wrong = |why: String| {
                usage(
                    format!("line {}: {why}", self.number),
                    "one JSON object per line, as among the `items` of POST /v1/decisions",
                )
            };
            if read as u64 > LINE_BYTES_MAX {
                return Err(wrong(format!("a line has {LINE_BYTES_MAX} bytes at most")));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            questions.push(question(&line).map_err(wrong)?);
            numbers.push(self.number);
        }
        Ok((numbers, questions))
    }
}
