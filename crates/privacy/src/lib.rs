//! What hides a value: pure functions over values, without state and without keys.
//!
//! A masked view shows what [`mask`] leaves. Tokens are made by `keys`, which holds the
//! key that they die with (`keys::Subkey::token`).

mod mask;

pub use mask::{Mask, mask};
