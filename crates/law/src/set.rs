//! Small sets of codes.

use crate::code::{Category, Code, Purpose};

macro_rules! set {
    ($(#[$outer:meta])* $type:ident of $code:ident) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(u128);

        impl $type {
            /// No code.
            pub const EMPTY: Self = Self(0);

            /// Whether a code is in the set.
            #[must_use]
            pub const fn has(self, code: $code) -> bool {
                self.0 & Self::bit(code) != 0
            }

            /// The set with one code more.
            #[must_use]
            pub const fn with(self, code: $code) -> Self {
                Self(self.0 | Self::bit(code))
            }

            /// What is in either set.
            #[must_use]
            pub const fn or(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Whether the sets share a code.
            #[must_use]
            pub const fn meets(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether nothing is in the set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Its codes, in the order of the list.
            pub fn codes(self) -> impl Iterator<Item = $code> {
                $code::all().iter().copied().filter(move |code| self.has(*code))
            }

            const fn bit(code: $code) -> u128 {
                1 << (code as u32)
            }
        }

        impl FromIterator<$code> for $type {
            fn from_iter<I: IntoIterator<Item = $code>>(codes: I) -> Self {
                codes.into_iter().fold(Self::EMPTY, Self::with)
            }
        }
    };
}

set! {
    /// A set of categories.
    Categories of Category
}

set! {
    /// A set of purposes.
    Purposes of Purpose
}

const _: () = assert!(Category::ALL.len() <= 128 && Purpose::ALL.len() <= 128);
