//! The bytes of a file: counted, unpacked if they are gzip, without byte order mark.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use crate::row::Break;
use crate::source::{Progress, SourceError};

/// More than text can be packed; deflate's own limit is about 1,030.
const UNPACKED_TIMES_MAX: u64 = 200;
/// Below this size the ratio says nothing.
const UNPACKED_FREE_BYTES: u64 = 16 << 20;
const BUFFER_BYTES: usize = 64 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Opens a stream of bytes and says what it really holds.
pub(crate) fn open(
    bytes: impl Read + Send + 'static,
    progress: &Progress,
) -> Result<BufReader<Box<dyn Read + Send>>, SourceError> {
    let counted = Counted { inner: bytes, progress: progress.clone() };
    let (head, packed) = peek(counted, GZIP.len())?;
    let unpacked: Box<dyn Read + Send> = if head == GZIP {
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, packed));
        Box::new(Unpacked { inner: decoder, packed: progress.clone(), bytes: 0 })
    } else {
        Box::new(packed)
    };
    let (head, text) = peek(unpacked, UTF8_MARK.len())?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(SourceError::Utf16);
    }
    let mut text = BufReader::with_capacity(BUFFER_BYTES, Box::new(text) as Box<dyn Read + Send>);
    if head == UTF8_MARK {
        text.fill_buf().map_err(|error| broken(&error))?;
        text.consume(UTF8_MARK.len());
    }
    Ok(text)
}

/// The first bytes, and a reader that still gives them.
fn peek<R: Read>(mut reader: R, count: usize) -> Result<(Vec<u8>, impl Read + use<R>), SourceError> {
    let mut head = Vec::with_capacity(count);
    reader.by_ref().take(count as u64).read_to_end(&mut head).map_err(|error| broken(&error))?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// What an I/O error means here; its text is never passed on.
pub(crate) fn broken(error: &io::Error) -> Break {
    let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Break>());
    ours.cloned().unwrap_or_else(|| Break::Read(error.kind()))
}

/// Counts what is read from the disk.
struct Counted<R> {
    inner: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}

/// Unpacks gzip, also of several members, and refuses bombs.
struct Unpacked<R> {
    inner: MultiGzDecoder<BufReader<R>>,
    packed: Progress,
    bytes: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                io::Error::other(Break::Gzip)
            }
            _ => error,
        })?;
        self.bytes += count as u64;
        if self.bytes > UNPACKED_FREE_BYTES.max(self.packed.done() * UNPACKED_TIMES_MAX) {
            return Err(io::Error::other(Break::Compression(UNPACKED_TIMES_MAX)));
        }
        Ok(count)
    }
}
