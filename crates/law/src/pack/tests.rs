//! Packs that are right, and every way in which one can be wrong.

use super::*;

#[test]
fn every_pack_of_ours_is_read() {
    match builtin() {
        Ok(packs) => assert_eq!(packs.len(), 54),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        }
    }
}
