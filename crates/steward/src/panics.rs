//! What a panic prints: where it happened, never what it says. The text of a panic may quote
//! a value at hand, which may be personal.

use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};

/// Makes every panic of this process print its place alone.
pub fn hide_payloads() {
    panic::set_hook(Box::new(|info| drop(writeln!(io::stderr(), "{}", line(info)))));
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    match info.location() {
        Some(place) => format!("panic in thread `{name}` at {}:{}", place.file(), place.line()),
        None => format!("panic in thread `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_not_its_text() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let writer = Arc::clone(&told);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| writer.lock().expect("free").push(line(info))));
        let ended = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(|| panic!("the value ada@example.org does not fit"))
            .expect("a thread")
            .join();
        panic::set_hook(before);
        assert!(ended.is_err());
        let told = told.lock().expect("free");
        let of_worker = told.iter().find(|line| line.contains("`worker`")).expect("a line");
        assert!(of_worker.contains("panics.rs:") && !of_worker.contains("ada@"), "{of_worker}");
    }
}
