//! CSV as RFC 4180 has it: comma, double quote, a header, lines ended by LF or CRLF.
//! Empty lines are passed over. Source: <https://www.rfc-editor.org/rfc/rfc4180>.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv_core::ReadRecordResult;

use crate::input;
use crate::row::{self, Break, COLUMNS_MAX, ROW_BYTES_MAX, Reason, Row, RowError};
use crate::source::{Progress, Reader, SourceError, Table, check_columns};

pub(crate) fn open(path: &Path) -> Result<Table, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::Open(error.kind()))?;
    let total = file.metadata().ok().map(|metadata| metadata.len());
    csv_table(file, total)
}

/// Opens CSV, plain or gzipped, from any stream of bytes; `total` is their number, if known.
///
/// # Errors
/// When it is empty, not UTF-8, or the header is unusable.
pub fn csv_table(bytes: impl Read + Send + 'static, total: Option<u64>) -> Result<Table, SourceError> {
    let progress = Progress::new(total);
    let mut file = Box::new(CsvFile::new(input::open(bytes, &progress)?));
    let columns = match file.read()? {
        None => return Err(SourceError::Empty),
        Some(Size::TooLong) => return Err(SourceError::ColumnCount),
        Some(Size::Fields(count)) => header(&file, count)?,
    };
    check_columns(&columns)?;
    file.columns = columns.len();
    Ok(Table { columns, reader: Reader::Csv(file), progress })
}

fn header(file: &CsvFile, count: usize) -> Result<Vec<String>, SourceError> {
    let name = |(column, bytes)| row::text(bytes, column).map_err(|_| SourceError::Name { column });
    (1..).zip(file.fields(count)).map(name).collect()
}

/// A CSV file, its header read.
pub(crate) struct CsvFile {
    input: BufReader<Box<dyn Read + Send>>,
    parser: csv_core::Reader,
    /// The row's fields one after the other, unquoted, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line at which the next byte stands, and at which the last row began.
    line: u64,
    row_line: u64,
    columns: usize,
}

/// What was read: so many fields, or more than the limits allow.
enum Size {
    Fields(usize),
    TooLong,
}

impl CsvFile {
    fn new(input: BufReader<Box<dyn Read + Send>>) -> Self {
        let (bytes, ends) = (vec![0; 4 << 10], vec![0; COLUMNS_MAX]);
        Self { input, parser: csv_core::Reader::new(), bytes, ends, line: 1, row_line: 1, columns: 0 }
    }

    pub(crate) const fn rows(self: Box<Self>, wanted: Vec<usize>) -> CsvRows {
        CsvRows { file: self, wanted }
    }

    /// Reads the next row into `bytes` and `ends`; `None` at the end of the file.
    fn read(&mut self) -> Result<Option<Size>, Break> {
        let more = self.skip_line_ends()?;
        self.row_line = self.line;
        if !more {
            return Ok(None);
        }
        let (mut filled, mut fields, mut too_long) = (0, 0, false);
        loop {
            let input = self.input.fill_buf().map_err(|error| input::broken(&error))?;
            let at_end = input.is_empty();
            // At the end of the file one more line end closes the row, unless a quote is open.
            let input = if at_end { b"\n" } else { input };
            let output = self.bytes.get_mut(filled..).unwrap_or_default();
            let ends = self.ends.get_mut(fields..).unwrap_or_default();
            let (result, consumed, written, ended) = self.parser.read_record(input, output, ends);
            if !at_end {
                let passed = input.get(..consumed).unwrap_or_default();
                self.line += line_ends(passed);
                self.input.consume(consumed);
            }
            filled += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty if at_end => return Err(Break::UnclosedQuote),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() < ROW_BYTES_MAX => {
                    self.bytes.resize((self.bytes.len() * 2).min(ROW_BYTES_MAX), 0);
                }
                // A row above the limits is read to its end, over itself.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (filled, fields, too_long) = (0, 0, true);
                }
                ReadRecordResult::Record if too_long => return Ok(Some(Size::TooLong)),
                ReadRecordResult::Record => return Ok(Some(Size::Fields(fields))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Passes over line ends; whether there is anything after them.
    fn skip_line_ends(&mut self) -> Result<bool, Break> {
        loop {
            let input = self.input.fill_buf().map_err(|error| input::broken(&error))?;
            if input.is_empty() {
                return Ok(false);
            }
            let found = input.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
            let passed = found.unwrap_or(input.len());
            self.line += line_ends(input.get(..passed).unwrap_or_default());
            self.input.consume(passed);
            if found.is_some() {
                return Ok(true);
            }
        }
    }

    /// The first `count` fields of the row just read.
    fn fields(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.get(..count).unwrap_or_default();
        let starts = std::iter::once(&0).chain(ends);
        starts.zip(ends).map(|(start, end)| self.bytes.get(*start..*end).unwrap_or_default())
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// The rows of a CSV file.
pub(crate) struct CsvRows {
    file: Box<CsvFile>,
    wanted: Vec<usize>,
}

impl CsvRows {
    pub(crate) fn next_row(&mut self) -> Option<Result<Row, RowError>> {
        let size = match self.file.read() {
            Ok(size) => size?,
            Err(reason) => return Some(Err(RowError::Broken { line: self.file.row_line, reason })),
        };
        Some(row::row(self.file.row_line, self.values(&size)))
    }

    fn values(&self, size: &Size) -> Result<Vec<Option<String>>, Reason> {
        let Size::Fields(found) = *size else { return Err(Reason::RowTooLong) };
        if found != self.file.columns {
            return Err(Reason::FieldCount { found, expected: self.file.columns });
        }
        let fields: Vec<&[u8]> = self.file.fields(found).collect();
        let value = |wanted: &usize| {
            let bytes = fields.get(*wanted).copied().unwrap_or_default();
            if bytes.is_empty() { Ok(None) } else { row::text(bytes, wanted + 1).map(Some) }
        };
        self.wanted.iter().map(value).collect()
    }
}
