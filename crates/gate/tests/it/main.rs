//! The gate from outside: cases as data, a second model to agree with, permits and receipts.

mod cases;
mod permits;
mod receipts;
