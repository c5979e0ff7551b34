//! The demo's accounts of staff. Their secrets are shown freely: nobody here exists.

use std::sync::Arc;

use app::{Controller, staff};
use model::{RoleName, Secret};
use serde_json::{Value, json};

/// Who signs in to the demo's console: name and role.
const STAFF: [(&str, &str); 2] = [("anna", "support"), ("ben", "privacy-officer")];

/// One account.
pub(super) struct Login {
    pub(super) name: &'static str,
    pub(super) role: &'static str,
    pub(super) password: Secret<String>,
    totp: Secret<String>,
}

impl Login {
    /// The second factor's code at this moment.
    pub(super) fn code(&self, now_seconds: i64) -> String {
        keys::totp_code(&self.totp, now_seconds).expose().clone()
    }
}

/// The accounts; clones share them.
#[derive(Clone)]
pub(super) struct Logins(pub(super) Arc<Vec<Login>>);

impl Logins {
    /// Makes them.
    pub(super) async fn create(controller: &Controller) -> anyhow::Result<Self> {
        let mut logins = Vec::new();
        for (name, role) in STAFF {
            let made = staff::add(controller, name, RoleName::new(role)?, None).await?;
            let password = made.password.unwrap_or_else(|| Secret::new(String::new()));
            logins.push(Login { name, role, password, totp: made.totp });
        }
        Ok(Self(Arc::new(logins)))
    }

    /// For programs that drive the demo.
    pub(super) fn to_json(&self) -> Value {
        let each = self.0.iter().map(|login| {
            json!({ "name": login.name, "role": login.role, "password": login.password.expose(), "totp": login.totp.expose() })
        });
        each.collect()
    }
}
