//! The integration tests, one module per room, in one binary: linking is what costs.

mod dependencies;
