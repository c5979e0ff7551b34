-- The first schema. Four column types only: TEXT, BIGINT, BOOLEAN, BYTEA. Times are
-- microseconds UTC (`_us`). Every column is classified and numbered in inventory.toml;
-- the numbers are part of the associated data of sealed values and are never reused.

-- Facts about this store itself.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Versions of the manifest, each applied by a ledgered act.
CREATE TABLE manifest_version (
    version BIGINT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    body TEXT NOT NULL,
    applied_us BIGINT NOT NULL,
    entry_id TEXT NOT NULL
);

-- A person. The row is the person's one order: every write begins by taking it.
CREATE TABLE subject (
    subject_id TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    clock_us BIGINT NOT NULL,
    state TEXT NOT NULL,
    leader_id TEXT,
    created_us BIGINT NOT NULL
);
CREATE INDEX subject_by_leader ON subject (leader_id) WHERE leader_id IS NOT NULL;

-- Epochs under which key records are wrapped. An epoch is closed by deleting its row:
-- the database refuses while one key record still hangs on it.
-- The commitment names the epoch's key, so that no number ever has two.
CREATE TABLE key_epoch (
    epoch BIGINT NOT NULL PRIMARY KEY,
    opened_us BIGINT NOT NULL,
    commitment BYTEA NOT NULL
);

-- Epochs that were closed: no key hangs on them any more. An epoch is over when every place
-- that held its key has confirmed that it is destroyed.
CREATE TABLE key_epoch_past (
    epoch BIGINT NOT NULL PRIMARY KEY,
    opened_us BIGINT NOT NULL,
    closed_us BIGINT NOT NULL,
    over_us BIGINT
);

-- Every place that may hold a copy of an epoch's key (`folder`, `keeper:<name>`): written before
-- it is given one.
CREATE TABLE key_copy (
    epoch BIGINT NOT NULL,
    place TEXT NOT NULL,
    taken_us BIGINT,
    destroyed_us BIGINT,
    PRIMARY KEY (epoch, place)
);

-- The keys of one person: part `person` dies at erasure, part `evidence` on its own day.
CREATE TABLE key_record (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    part TEXT NOT NULL,
    epoch BIGINT NOT NULL REFERENCES key_epoch (epoch),
    body BYTEA NOT NULL,
    PRIMARY KEY (subject_id, part)
);
CREATE INDEX key_record_by_epoch ON key_record (epoch);

-- What a person is known by: a blind index, and the value sealed under `identity`.
-- Led by its own hash, alone among the customer tables.
CREATE TABLE identifier (
    kind TEXT NOT NULL,
    hash BYTEA NOT NULL,
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    value_id TEXT NOT NULL,
    state TEXT NOT NULL,
    form_version BIGINT NOT NULL,
    recorded_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    -- The hash that a tombstone or a suppression of it has, so that neither opens it.
    tomb BYTEA NOT NULL,
    PRIMARY KEY (kind, hash)
);
CREATE INDEX identifier_by_subject ON identifier (subject_id, kind);

-- Choices, as codes; gone at erasure. The full event lies sealed in its entry.
CREATE TABLE consent_event (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    purpose TEXT,
    channel TEXT,
    recipient TEXT,
    detail TEXT,
    occurred_us BIGINT NOT NULL,
    recorded_us BIGINT NOT NULL,
    origin TEXT NOT NULL,
    grade TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (subject_id, event_id)
);

-- Which entry carries which proof of what was shown and chosen. The proof lies in the entry, sealed
-- under the evidence lifetime, and outlives erasure for its term.
CREATE TABLE evidence (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    evidence_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (subject_id, evidence_id)
);

-- The fold of a person's events, kept beside them, and the channels that suppressions close.
CREATE TABLE standing (
    subject_id TEXT NOT NULL PRIMARY KEY REFERENCES subject (subject_id),
    version BIGINT NOT NULL,
    suppressed TEXT NOT NULL,
    body TEXT NOT NULL
);

-- Profile values. A correction adds a row and ends the row before it.
CREATE TABLE profile_value (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    value_id TEXT NOT NULL,
    category TEXT NOT NULL,
    field TEXT NOT NULL,
    lifetime TEXT NOT NULL,
    source TEXT NOT NULL,
    system TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    ended_us BIGINT,
    source_fingerprint BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (subject_id, value_id)
);
CREATE UNIQUE INDEX profile_value_current ON profile_value (subject_id, category, system, field)
    WHERE ended_us IS NULL;
CREATE INDEX profile_value_by_duty ON profile_value (subject_id, lifetime, value_id)
    WHERE lifetime >= 'duty' AND lifetime < 'duty/';

-- Records: orders, invoices, events; one sealed row per source row.
CREATE TABLE record (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_key BYTEA NOT NULL,
    categories TEXT NOT NULL,
    lifetime TEXT NOT NULL,
    source TEXT NOT NULL,
    system TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (subject_id, record_id)
);
CREATE UNIQUE INDEX record_by_source ON record (subject_id, kind, source_key);
CREATE INDEX record_by_duty ON record (subject_id, lifetime, record_id)
    WHERE lifetime >= 'duty' AND lifetime < 'duty/';

-- Keyed hashes of identifiers that must not be contacted (scope: `all` or a channel).
CREATE TABLE suppression (
    hash BYTEA NOT NULL,
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    lifted_us BIGINT,
    PRIMARY KEY (hash, scope)
);
CREATE INDEX suppression_by_time ON suppression (recorded_us);

-- Keyed hashes of identifiers of people who were erased.
CREATE TABLE tombstone (
    hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    erased_us BIGINT NOT NULL,
    keep_until_us BIGINT NOT NULL,
    lifted_us BIGINT
);
CREATE INDEX tombstone_by_end ON tombstone (keep_until_us);

-- Merges of two identities of one person; they move no data and can be undone, which
-- restores the channels that suppressions had closed for the leader.
CREATE TABLE merge (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    merge_id TEXT NOT NULL,
    alias_id TEXT NOT NULL,
    merged_us BIGINT NOT NULL,
    undo_until_us BIGINT NOT NULL,
    undone_us BIGINT,
    leader_suppressed TEXT NOT NULL,
    PRIMARY KEY (subject_id, merge_id)
);

-- The ledger: the store assigns, the files follow. `body` is the canonical entry.
CREATE TABLE ledger_entry (
    entry_id TEXT NOT NULL PRIMARY KEY,
    recorded_us BIGINT NOT NULL,
    log_index BIGINT,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    purpose TEXT,
    answer TEXT,
    body BYTEA NOT NULL
);
CREATE UNIQUE INDEX ledger_entry_by_index ON ledger_entry (log_index) WHERE log_index IS NOT NULL;
CREATE INDEX ledger_entry_unnumbered ON ledger_entry (recorded_us, entry_id) WHERE log_index IS NULL;

-- One row: how far the log is numbered and which checkpoint is signed.
CREATE TABLE ledger_head (
    log TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    checkpoint_size BIGINT NOT NULL,
    checkpoint TEXT NOT NULL
);

-- The people one bulk use covers: root and count stand in the entry, leaves in a file beside the ledger.
CREATE TABLE ledger_set (
    set_id TEXT NOT NULL PRIMARY KEY,
    entry_id TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    root BYTEA NOT NULL,
    published BOOLEAN NOT NULL
);
CREATE INDEX ledger_set_unpublished ON ledger_set (recorded_us, set_id) WHERE NOT published;

-- Leaves of a set until its file is written.
CREATE TABLE ledger_set_chunk (
    set_id TEXT NOT NULL REFERENCES ledger_set (set_id),
    chunk BIGINT NOT NULL,
    leaves BYTEA NOT NULL,
    PRIMARY KEY (set_id, chunk)
);

-- Whom an entry is about: the only way from a person to entries, and gone at erasure.
CREATE TABLE timeline (
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    entry_id TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    set_id TEXT,
    PRIMARY KEY (subject_id, recorded_us, entry_id)
);
CREATE INDEX timeline_by_set ON timeline (set_id, subject_id) WHERE set_id IS NOT NULL;

-- Evaluated audiences; their members are the timeline rows of their set.
CREATE TABLE audience (
    audience_id TEXT NOT NULL PRIMARY KEY,
    set_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    asker TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT,
    member_count BIGINT NOT NULL,
    policy_version BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL
);

-- Choices of browsers without a known person; one row, expiring with the cookie.
CREATE TABLE visitor_choice (
    visitor_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    body TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (visitor_id, event_id)
);
-- No two choices of a browser have the same moment: the later one is the last word.
CREATE UNIQUE INDEX visitor_choice_by_time ON visitor_choice (visitor_id, recorded_us);
CREATE INDEX visitor_choice_by_end ON visitor_choice (until_us);

-- API keys: the hash of the secret, and what it may do.
CREATE TABLE api_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL,
    label TEXT NOT NULL,
    body TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    until_us BIGINT,
    revoked_us BIGINT
);

-- Answers already given to writes, by the caller's idempotency key. Whose data an answer quotes
-- stands beside it, so that it goes when anything of theirs ends.
CREATE TABLE idempotency (
    asker TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    subject_id TEXT,
    PRIMARY KEY (asker, idempotency_key)
);
CREATE INDEX idempotency_by_time ON idempotency (recorded_us);
CREATE INDEX idempotency_by_subject ON idempotency (subject_id) WHERE subject_id IS NOT NULL;

-- Follow-up work, written in the transaction that causes it.
CREATE TABLE job (
    job_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    due_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until_us BIGINT NOT NULL,
    fence BIGINT NOT NULL
);
CREATE INDEX job_by_due ON job (due_us, job_id);

-- Runs of imports, with their counts.
CREATE TABLE import_run (
    import_id TEXT NOT NULL PRIMARY KEY,
    system TEXT NOT NULL,
    source_table TEXT NOT NULL,
    state TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    ended_us BIGINT,
    counts TEXT NOT NULL
);

-- One-time codes that customers asked for, by the blind index of the address. A code stands as a
-- keyed hash, and sealed for its owner until its mail is sent.
CREATE TABLE login_code (
    login_id TEXT NOT NULL PRIMARY KEY,
    address BYTEA NOT NULL,
    locale TEXT NOT NULL,
    again BOOLEAN NOT NULL,
    requested_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    subject_id TEXT REFERENCES subject (subject_id),
    code BYTEA,
    sealed BYTEA
);
CREATE INDEX login_code_by_address ON login_code (address, again, requested_us);
CREATE INDEX login_code_by_subject ON login_code (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX login_code_by_time ON login_code (requested_us);

-- Customers who are signed in. Led by the hash of the token, which only the browser has.
CREATE TABLE session (
    session_hash BYTEA NOT NULL PRIMARY KEY,
    subject_id TEXT NOT NULL REFERENCES subject (subject_id),
    created_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    proven_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL
);
CREATE INDEX session_by_subject ON session (subject_id, created_us);
CREATE INDEX session_by_end ON session (until_us);

-- Accounts of staff. The operator gives the name; the password is a hash, the secret of the second
-- factor is sealed under the controller's own key.
CREATE TABLE staff (
    staff_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password BYTEA NOT NULL,
    totp BYTEA NOT NULL,
    totp_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    disabled_us BIGINT
);
CREATE UNIQUE INDEX staff_by_name ON staff (name);

-- Staff who are signed in.
CREATE TABLE staff_session (
    session_hash BYTEA NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (staff_id),
    created_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL
);
CREATE INDEX staff_session_by_staff ON staff_session (staff_id);
CREATE INDEX staff_session_by_end ON staff_session (until_us);

-- What the log's entries come to, by day: how many, and how many people they are about.
CREATE TABLE tally (
    day BIGINT NOT NULL,
    what TEXT NOT NULL,
    purpose TEXT NOT NULL,
    detail TEXT NOT NULL,
    entries BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (day, what, purpose, detail)
);

-- How far the log is counted.
CREATE TABLE tally_cursor (
    log TEXT NOT NULL PRIMARY KEY,
    next_index BIGINT NOT NULL
);
