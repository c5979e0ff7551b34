//! One column: a small number for each row.

use std::collections::HashMap;

/// Numbers as narrow as the largest of them allows.
#[derive(Debug, Clone)]
enum Codes {
    Byte(Vec<u8>),
    Short(Vec<u16>),
    Word(Vec<u32>),
}

impl Codes {
    fn get(&self, row: usize) -> Option<u32> {
        match self {
            Self::Byte(codes) => codes.get(row).copied().map(u32::from),
            Self::Short(codes) => codes.get(row).copied().map(u32::from),
            Self::Word(codes) => codes.get(row).copied(),
        }
    }

    /// Puts a number where `row` stands, or behind the last one.
    fn put(&mut self, row: usize, code: u32) {
        match self {
            Self::Byte(codes) => match u8::try_from(code) {
                Ok(code) => put(codes, row, code),
                Err(_) => {
                    *self = Self::Short(widened(codes, u16::from));
                    self.put(row, code);
                }
            },
            Self::Short(codes) => match u16::try_from(code) {
                Ok(code) => put(codes, row, code),
                Err(_) => {
                    *self = Self::Word(widened(codes, u32::from));
                    self.put(row, code);
                }
            },
            Self::Word(codes) => put(codes, row, code),
        }
    }

    fn reserve(&mut self, rows: usize) {
        match self {
            Self::Byte(codes) => codes.reserve_exact(rows.saturating_sub(codes.len())),
            Self::Short(codes) => codes.reserve_exact(rows.saturating_sub(codes.len())),
            Self::Word(codes) => codes.reserve_exact(rows.saturating_sub(codes.len())),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Byte(codes) => codes.capacity(),
            Self::Short(codes) => codes.capacity() * 2,
            Self::Word(codes) => codes.capacity() * 4,
        }
    }
}

fn widened<N: Copy, W>(codes: &[N], wide: impl Fn(N) -> W) -> Vec<W> {
    codes.iter().map(|code| wide(*code)).collect()
}

fn put<N>(codes: &mut Vec<N>, row: usize, code: N) {
    match codes.get_mut(row) {
        Some(slot) => *slot = code,
        None => codes.push(code),
    }
}

/// A column of shapes. The column numbers the shapes it meets by itself, so that a column
/// with few different ones stays narrow. Code 0 is always shape 0: nothing was said.
#[derive(Debug, Clone)]
pub(super) struct Column {
    codes: Codes,
    shapes: Vec<u32>,
    code_of: HashMap<u32, u32>,
}

impl Default for Column {
    fn default() -> Self {
        Self { codes: Codes::Byte(Vec::new()), shapes: vec![0], code_of: HashMap::from([(0, 0)]) }
    }
}

impl Column {
    pub(super) fn put(&mut self, row: usize, shape: u32) {
        let code = if shape == 0 { 0 } else { self.code(shape) };
        self.codes.put(row, code);
    }

    fn code(&mut self, shape: u32) -> u32 {
        let next = self.shapes.len();
        *self.code_of.entry(shape).or_insert_with(|| {
            self.shapes.push(shape);
            u32::try_from(next).unwrap_or(u32::MAX)
        })
    }

    /// The shape of a row.
    pub(super) fn shape(&self, row: usize) -> Option<u32> {
        let code = self.codes.get(row)?;
        self.shapes.get(usize::try_from(code).ok()?).copied()
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.codes.reserve(rows);
    }

    pub(super) fn bytes(&self) -> usize {
        self.codes.bytes() + self.shapes.capacity() * 16
    }
}
