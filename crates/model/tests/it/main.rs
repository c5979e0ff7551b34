//! Tests over whole manifests.

mod examples;
