//! What a process asked of the disk and told the world, as `strace` saw it.
//!
//! Covered: every write, truncation, fsync, new name, rename, link and removal that the
//! executable and SQLite within it make by system calls, in their order over all threads, and
//! every byte sent to a client. Not covered: memory maps (SQLite's `-shm`, which it makes anew).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The system calls that are recorded.
pub(crate) const CALLS: &str = "trace=openat,close,lseek,write,pwrite64,writev,sendto,sendmsg,ftruncate,fsync,\
                                fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,\
                                rmdir,dup,fcntl,fallocate,sync_file_range";

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A file was opened, and made or emptied where that was asked.
    Opened { path: PathBuf, create: bool, truncate: bool },
    /// Bytes were written.
    Written { path: PathBuf, offset: u64, bytes: Vec<u8> },
    /// A file was cut or stretched.
    Cut { path: PathBuf, size: u64 },
    /// A file or folder was fsynced; what was done before the event `since` is on disk.
    Synced { path: PathBuf, since: usize },
    /// A name was moved.
    Renamed { from: PathBuf, to: PathBuf },
    /// A second name was given.
    Linked { from: PathBuf, to: PathBuf },
    /// A name was taken away.
    Removed { path: PathBuf },
    /// A folder was made.
    Folder { path: PathBuf },
    /// Bytes left for a client.
    Sent(Vec<u8>),
    /// A command ended well.
    Done,
}

/// Reads a trace of a process whose folder was `here`, and adds its events.
pub(crate) fn read(text: &[u8], here: &Path, events: &mut Vec<Event>) {
    let mut reader = Reader { here, files: HashMap::new(), began: HashMap::new(), events };
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        reader.line(line);
    }
}

struct Reader<'a> {
    here: &'a Path,
    /// Open files with the place of the next write.
    files: HashMap<i64, (PathBuf, u64)>,
    /// Calls that have begun, by thread: what they said, and where.
    began: HashMap<Vec<u8>, (Vec<u8>, usize)>,
    events: &'a mut Vec<Event>,
}

impl Reader<'_> {
    fn line(&mut self, line: &[u8]) {
        let at = line.iter().position(|byte| *byte == b' ').expect("a thread");
        let (thread, rest) = (line[..at].to_vec(), line[at..].trim_ascii_start());
        if let Some(head) = rest.strip_suffix(b"<unfinished ...>") {
            self.begins(head);
            self.began.insert(thread, (head.to_vec(), self.events.len()));
        } else if let Some(tail) = rest.strip_prefix(b"<... ") {
            let Some((mut whole, since)) = self.began.remove(&thread) else { return };
            let end = find(tail, b"resumed>").expect("it resumes");
            whole.extend_from_slice(&tail[end + b"resumed>".len()..]);
            self.ends(&whole, since);
        } else if !rest.starts_with(b"+++") && !rest.starts_with(b"---") {
            self.begins(rest);
            self.ends(rest, self.events.len());
        }
    }

    /// What counts from the moment that a call begins: what is sent may have arrived.
    fn begins(&mut self, call: &[u8]) {
        let (name, arguments) = parts(call);
        let number = arguments.first().and_then(|argument| number(argument));
        match (name, number) {
            (b"close", Some(file)) => drop(self.files.remove(&file)),
            (b"write" | b"writev" | b"sendto" | b"sendmsg", Some(file))
                if file > 2 && !self.files.contains_key(&file) =>
            {
                let bytes: Vec<u8> = arguments.iter().flat_map(|argument| texts(argument)).collect();
                self.events.push(Event::Sent(bytes));
            }
            _ => {}
        }
    }

    fn ends(&mut self, call: &[u8], since: usize) {
        let Some(answer) = answer(call) else { return };
        let (name, arguments) = parts(call);
        let path = |place: usize| self.here.join(path_of(&arguments[place]));
        let file = arguments.first().and_then(|argument| number(argument));
        match name {
            b"openat" => {
                let flags = &arguments[2];
                let has = |flag: &[u8]| find(flags, flag).is_some();
                let opened = path(1);
                self.files.insert(answer, (opened.clone(), 0));
                self.events.push(Event::Opened {
                    path: opened,
                    create: has(b"O_CREAT"),
                    truncate: has(b"O_TRUNC"),
                });
            }
            b"lseek" => {
                if let Some((_, place)) = file.and_then(|file| self.files.get_mut(&file)) {
                    *place = answer as u64;
                }
            }
            b"write" | b"pwrite64" | b"writev" => {
                let Some((path, place)) = file.and_then(|file| self.files.get_mut(&file)) else { return };
                let mut bytes = texts(&arguments[1]);
                bytes.truncate(answer as usize);
                let offset = if name == b"pwrite64" {
                    number(&arguments[3]).expect("a place") as u64
                } else {
                    let here = *place;
                    *place += bytes.len() as u64;
                    here
                };
                self.events.push(Event::Written { path: path.clone(), offset, bytes });
            }
            b"ftruncate" => {
                let Some((path, _)) = file.and_then(|file| self.files.get(&file)) else { return };
                let size = number(&arguments[1]).expect("a size") as u64;
                self.events.push(Event::Cut { path: path.clone(), size });
            }
            b"fsync" | b"fdatasync" => {
                let (path, _) = file.and_then(|file| self.files.get(&file)).expect("an open file is synced");
                self.events.push(Event::Synced { path: path.clone(), since });
            }
            b"rename" => self.events.push(Event::Renamed { from: path(0), to: path(1) }),
            b"renameat" | b"renameat2" => self.events.push(Event::Renamed { from: path(1), to: path(3) }),
            b"link" => self.events.push(Event::Linked { from: path(0), to: path(1) }),
            b"linkat" => self.events.push(Event::Linked { from: path(1), to: path(3) }),
            b"unlink" => self.events.push(Event::Removed { path: path(0) }),
            b"unlinkat" => self.events.push(Event::Removed { path: path(1) }),
            b"mkdir" => self.events.push(Event::Folder { path: path(0) }),
            b"mkdirat" => self.events.push(Event::Folder { path: path(1) }),
            b"fallocate" | b"sync_file_range" | b"rmdir" => {
                panic!("a call that the rebuilt disks do not know")
            }
            _ => {}
        }
    }
}

/// The name of a call and its arguments as they are printed.
fn parts(call: &[u8]) -> (&[u8], Vec<Vec<u8>>) {
    let open = call.iter().position(|byte| *byte == b'(').expect("a call");
    let (mut arguments, mut current, mut depth, mut quoted) = (Vec::new(), Vec::new(), 0_u32, false);
    for &byte in &call[open + 1..] {
        match byte {
            b'"' => quoted = !quoted,
            b'[' | b'{' | b'(' if !quoted => depth += 1,
            b')' if !quoted && depth == 0 => break,
            b']' | b'}' | b')' if !quoted => depth -= 1,
            b',' if !quoted && depth == 0 => {
                arguments.push(std::mem::take(&mut current));
                continue;
            }
            _ => {}
        }
        current.push(byte);
    }
    arguments.push(current);
    (&call[..open], arguments)
}

/// What a call answered; `None` when it failed.
fn answer(call: &[u8]) -> Option<i64> {
    // Nothing that is printed in hexadecimal looks like this.
    let at = call.windows(3).rposition(|window| window == b" = ")?;
    let text = String::from_utf8_lossy(&call[at + 3..]);
    text.trim().split(' ').next()?.parse().ok().filter(|answer| *answer >= 0)
}

fn number(argument: &[u8]) -> Option<i64> {
    std::str::from_utf8(argument).ok()?.trim().parse().ok()
}

fn path_of(argument: &[u8]) -> String {
    String::from_utf8(texts(argument)).expect("a path")
}

/// The bytes of every quoted part, which are all printed as `\xNN`.
fn texts(argument: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = argument;
    while let Some(at) = find(rest, b"\\x") {
        let digits = std::str::from_utf8(&rest[at + 2..at + 4]).expect("two digits");
        bytes.push(u8::from_str_radix(digits, 16).expect("a byte"));
        rest = &rest[at + 4..];
    }
    bytes
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
