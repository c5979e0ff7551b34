//! Closed lists of codes, as the packs write them.

/// An enum whose variants have fixed codes in the packs and in JSON.
macro_rules! codes {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$doc])* $name),+ }

        impl $type {
            /// Every variant, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code used in the packs and in JSON.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The variant with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| variant.code() == code)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }
    };
}
pub(crate) use codes;
