//! The gate from outside: cases as data, a second model to agree with, permits and receipts.
#![expect(clippy::expect_used, clippy::panic, reason = "this is a test binary; its helpers fail loudly")]

mod cases;
mod permits;
mod receipts;
