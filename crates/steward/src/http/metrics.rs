//! What the process has done, for Prometheus. Labels are names of the program and of
//! controllers: never an id, never anything personal.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use app::ledger::LogFolder;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Server;
use super::problem::Problem;
use crate::installation::{Hosted, Installation};

/// Upper bounds of the latency histogram, in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The counters of this process.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram>,
    decisions: Family<DecisionLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    controller: String,
    answer: &'static str,
    dry_run: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ControllerLabel {
    controller: String,
}

impl Metrics {
    /// Counters at zero, and what is read from the stores at each scrape.
    pub(crate) fn new(installation: &Installation) -> Self {
        let mut registry = Registry::with_prefix("steward");
        let (requests, decisions) = (Family::default(), Family::default());
        let latency: Family<RouteLabels, Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time until the answer", latency.clone());
        registry.register("decisions", "Answers of the gate; dry runs are counted only", decisions.clone());
        registry.register_collector(Box::new(Stores(installation.hosted.clone())));
        Self { registry, requests, latency, decisions }
    }

    /// Counts one answered request. `route` is the pattern of the path, never the path.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.latency.get_or_create(&RouteLabels { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// Counts answers of the gate.
    pub(crate) fn decided(&self, hosted: &Hosted, answer: model::Answer, dry_run: bool, count: u64) {
        let labels = DecisionLabels {
            controller: hosted.name.to_string(),
            answer: answer.code(),
            dry_run: if dry_run { "true" } else { "false" },
        };
        self.decisions.get_or_create(&labels).inc_by(count);
    }
}

/// Numbers that the stores keep themselves.
struct Stores(Vec<Arc<Hosted>>);

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stores")
    }
}

impl Stores {
    fn counter(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&str, &str),
        read: impl Fn(&store::Stats) -> u64,
    ) -> fmt::Result {
        let family = |hosted: &Arc<Hosted>| {
            let label = ControllerLabel { controller: hosted.name.to_string() };
            (label, ConstCounter::new(read(&hosted.controller.db.stats())))
        };
        let kind = prometheus_client::metrics::MetricType::Counter;
        let mut metric = encoder.encode_descriptor(name, help, None, kind)?;
        self.0.iter().map(family).try_for_each(|(label, value)| value.encode(metric.encode_family(&label)?))
    }

    fn gauge(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&str, &str),
        read: impl Fn(&Hosted) -> u64,
    ) -> fmt::Result {
        let kind = prometheus_client::metrics::MetricType::Gauge;
        let mut metric = encoder.encode_descriptor(name, help, None, kind)?;
        self.0.iter().try_for_each(|hosted| {
            let label = ControllerLabel { controller: hosted.name.to_string() };
            let value = i64::try_from(read(hosted)).unwrap_or(i64::MAX);
            ConstGauge::new(value).encode(metric.encode_family(&label)?)
        })
    }
}

/// How many entries the published checkpoint covers; 0 when there is none that can be read.
fn ledger_entries(hosted: &Hosted) -> u64 {
    let core = hosted.controller.core();
    let published = LogFolder::open(&hosted.ledger).and_then(|log| log.published(core.signer.verifier()));
    published.ok().flatten().map_or(0, |published| published.checkpoint.size)
}

impl Collector for Stores {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut encoder;
        self.counter(encoder, ("store_writes", "Writing transactions committed"), |stats| stats.writes)?;
        self.counter(encoder, ("store_reads", "Reading transactions done"), |stats| stats.reads)?;
        self.counter(encoder, ("store_rollbacks", "Transactions rolled back"), |stats| stats.rollbacks)?;
        self.counter(encoder, ("store_retries", "Transactions run again"), |stats| stats.retries)?;
        self.counter(encoder, ("store_refused", "Transactions refused: queue full"), |stats| stats.refused)?;
        self.counter(encoder, ("store_groups", "Group commits"), |stats| stats.groups)?;
        self.counter(encoder, ("store_grouped", "Transactions in group commits"), |stats| stats.grouped)?;
        self.gauge(encoder, ("store_writes_waiting", "Transactions that wait to write"), |hosted| {
            hosted.controller.db.stats().writes_waiting
        })?;
        self.gauge(encoder, ("store_reads_waiting", "Transactions that wait to read"), |hosted| {
            hosted.controller.db.stats().reads_waiting
        })?;
        self.gauge(encoder, ("keys_epoch", "Number of the epoch under which keys are wrapped"), |hosted| {
            u64::from(hosted.controller.core().keys.current_epoch().number())
        })?;
        self.gauge(
            encoder,
            ("keys_epochs_waiting", "Earlier epochs whose key is not destroyed"),
            |hosted| hosted.controller.key_place().map_or(0, |place| u64::from(place.epochs_waiting())),
        )?;
        self.gauge(encoder, ("keys_epoch_late", "1 while an epoch is late"), |hosted| {
            hosted.controller.key_place().map_or(0, |place| u64::from(place.is_late()))
        })?;
        self.gauge(encoder, ("ledger_entries", "Entries under the published checkpoint"), ledger_entries)
    }
}

/// The metrics in the OpenMetrics text format.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "OpenMetrics text", content_type = "application/openmetrics-text", body = String)
))]
pub(crate) async fn metrics(State(server): State<Server>) -> Result<Response, Problem> {
    let mut text = String::new();
    text::encode(&mut text, &server.metrics().registry).map_err(|_| Problem::internal())?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}
