//! The API through a real socket: every route of the description, on both stores.

mod access;
mod authority;
mod bodies;
mod canary;
mod client;
mod console;
mod controllers;
mod identifiers;
mod journey;
mod openapi;
mod operation;
mod pages;
mod portal;
mod repeats;
mod site;
mod visitors;
mod world;
