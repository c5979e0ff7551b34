//! Profile values and records: collected, read, corrected through the gate.
