//! The API keys of the demo's shop.

use std::collections::BTreeSet;

use app::Controller;
use app::services::{self, Scopes};
use model::{Action, Actor, ApiKeyId, PurposeName, Secret, ServiceName};

/// The demo's API keys.
pub(crate) struct Keys {
    /// The web shop's; it also acts for people and staff.
    pub(crate) storefront: Secret<String>,
    /// The mail program's.
    pub(crate) mailer: Secret<String>,
    /// An auditor's.
    pub(crate) auditor: Secret<String>,
}

impl Keys {
    pub(crate) async fn create(controller: &Controller) -> anyhow::Result<Self> {
        use Action::{Collect, Correct, Erase, Export, Read, Send, Share, Use};
        let storefront = scopes(
            Some("storefront"),
            &[Collect, Read, Use, Correct, Export, Erase],
            &["order-fulfilment", "newsletter", "rights"],
        )?;
        let mailer = scopes(Some("mailer"), &[Read, Use, Send, Share], &["newsletter", "service-messages"])?;
        let auditor = Scopes { audit: true, ..scopes(None, &[], &[])? };
        Ok(Self {
            storefront: create(controller, Scopes { look_up: true, ..storefront }, "demo web shop").await?.1,
            mailer: create(controller, mailer, "demo mail program").await?.1,
            auditor: create(controller, auditor, "demo auditor").await?.1,
        })
    }
}

fn scopes(service: Option<&str>, actions: &[Action], purposes: &[&str]) -> anyhow::Result<Scopes> {
    Ok(Scopes {
        service: service.map(ServiceName::new).transpose()?,
        actions: actions.iter().copied().collect(),
        purposes: purposes.iter().map(|name| PurposeName::new(name)).collect::<Result<BTreeSet<_>, _>>()?,
        look_up: false,
        audit: false,
    })
}

async fn create(
    controller: &Controller,
    scopes: Scopes,
    label: &str,
) -> anyhow::Result<(ApiKeyId, Secret<String>)> {
    Ok(services::create(controller, scopes, label.to_owned(), None, Actor::Operator).await?)
}
