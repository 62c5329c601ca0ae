-- Everything Postern remembers. Types are ours (README.md): TEXT, INT64, BYTES. Times are microseconds since
-- 1970; there are no booleans, because a nullable time says more.

-- A person who signs in. Every decision about an account locks its row first.
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    groups TEXT NOT NULL,
    manager TEXT REFERENCES account (id),
    created_at INT64 NOT NULL,
    enrolled_at INT64,
    offboarded_at INT64
) CLUSTERED;
CREATE INDEX account_by_manager ON account (manager) WHERE manager IS NOT NULL;

-- Where a channel of the policy reaches an account.
CREATE TABLE address (
    account TEXT NOT NULL REFERENCES account (id),
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    confirmed_at INT64,
    changed_at INT64 NOT NULL,
    failures INT64 NOT NULL,
    locked_until INT64,
    PRIMARY KEY (account, channel)
) CLUSTERED;

-- An authenticator bound to an account; `name` is its name in the policy.
CREATE TABLE authenticator (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staged', 'active', 'disabled', 'revoked')),
    staged_by TEXT,
    bound_at INT64 NOT NULL,
    bound_by TEXT NOT NULL,
    last_used_at INT64,
    failures INT64 NOT NULL,
    locked_until INT64,
    last_step INT64 NOT NULL,
    sealed BYTES NOT NULL
);
CREATE INDEX authenticator_by_account ON authenticator (account);
CREATE INDEX authenticator_by_case ON authenticator (staged_by) WHERE staged_by IS NOT NULL;

CREATE TABLE recovery_code (
    authenticator TEXT NOT NULL REFERENCES authenticator (id),
    hash BYTES NOT NULL,
    spent_at INT64,
    PRIMARY KEY (authenticator, hash)
) CLUSTERED;

-- An invitation: single use, stored hashed. No channel: the first administrator's, printed on the terminal.
CREATE TABLE ticket (
    id TEXT NOT NULL PRIMARY KEY,
    hash BYTES NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id),
    channel TEXT,
    created_by TEXT NOT NULL,
    created_at INT64 NOT NULL,
    expires_at INT64 NOT NULL,
    used_at INT64,
    revoked_at INT64
);
CREATE INDEX ticket_by_account ON ticket (account);

-- One attempt at one door of the policy. `account` is null when the claimed name is nobody's.
CREATE TABLE access_case (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    account TEXT REFERENCES account (id),
    population TEXT NOT NULL,
    door TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    holder_hash BYTES UNIQUE,
    check_code TEXT,
    opened_at INT64 NOT NULL,
    expires_at INT64 NOT NULL,
    ready_at INT64,
    closed_at INT64,
    outcome TEXT,
    policy_digest TEXT NOT NULL
) CLUSTERED;
CREATE INDEX access_case_by_account ON access_case (account, opened_at);
CREATE INDEX access_case_open ON access_case (expires_at) WHERE closed_at IS NULL;

-- One piece of evidence proved in a case. `by_account` is '' when nobody else is concerned: a null would not
-- take part in the uniqueness.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    access_case TEXT NOT NULL REFERENCES access_case (id),
    term TEXT NOT NULL,
    by_account TEXT NOT NULL,
    at INT64 NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (access_case, term, by_account)
) CLUSTERED;

-- A code sent to a channel for a case; a new one replaces the old one, the channel's failures stay.
CREATE TABLE issued_code (
    access_case TEXT NOT NULL REFERENCES access_case (id),
    channel TEXT NOT NULL,
    hash BYTES NOT NULL,
    sent_at INT64 NOT NULL,
    expires_at INT64 NOT NULL,
    used_at INT64,
    PRIMARY KEY (access_case, channel)
) CLUSTERED;

-- What a passkey ceremony must remember between its two requests, sealed.
CREATE TABLE challenge (
    id TEXT NOT NULL PRIMARY KEY,
    access_case TEXT REFERENCES access_case (id),
    purpose TEXT NOT NULL,
    state BYTES NOT NULL,
    expires_at INT64 NOT NULL,
    used_at INT64
);
CREATE INDEX challenge_by_case ON challenge (access_case);
CREATE INDEX challenge_by_expiry ON challenge (expires_at);

-- A cookie names its session, so nothing looks up the hash: an index of hashes would be written in another place for
-- every sign-in.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    hash BYTES NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    aal INT64 NOT NULL,
    phishing_resistant INT64 NOT NULL,
    used TEXT NOT NULL,
    authenticated_at INT64 NOT NULL,
    created_at INT64 NOT NULL,
    last_seen_at INT64 NOT NULL,
    idle_expires_at INT64 NOT NULL,
    expires_at INT64 NOT NULL,
    ended_at INT64,
    peer TEXT NOT NULL,
    agent TEXT NOT NULL
) CLUSTERED;
CREATE INDEX session_by_account ON session (account, created_at);

-- The outbox: messages to people, written by the transaction that made them necessary.
CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    access_case TEXT REFERENCES access_case (id),
    channel TEXT NOT NULL,
    channel_kind TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_sealed BYTES NOT NULL,
    created_at INT64 NOT NULL,
    next_try_at INT64 NOT NULL,
    attempts INT64 NOT NULL,
    sent_at INT64,
    failed_at INT64,
    last_error TEXT,
    stop_hash BYTES
);
CREATE INDEX notice_due ON notice (next_try_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX notice_failed ON notice (failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX notice_by_account ON notice (account);
CREATE UNIQUE INDEX notice_by_stop ON notice (stop_hash) WHERE stop_hash IS NOT NULL;

-- The audit log. `seq` is the leaf's index in the Merkle tree, from 0 and without gaps. Nothing refers to
-- other tables: the log must stand alone.
CREATE TABLE event (
    seq INT64 NOT NULL PRIMARY KEY,
    at INT64 NOT NULL,
    account TEXT,
    body BYTES NOT NULL,
    leaf BYTES NOT NULL
);

-- The events of each account, for reading. Entered in bulk and soon after, not by each decision: that would write another
-- page of a large index for each.
CREATE TABLE event_by_account (
    account TEXT NOT NULL,
    seq INT64 NOT NULL,
    PRIMARY KEY (account, seq)
) CLUSTERED;

-- How many events, from the first on, have been entered.
CREATE TABLE event_by_account_head (
    id INT64 NOT NULL PRIMARY KEY CHECK (id = 1),
    size INT64 NOT NULL
);

-- The signed checkpoint of every commit: what lets verification say where a log was changed.
CREATE TABLE checkpoint (
    size INT64 NOT NULL PRIMARY KEY,
    at INT64 NOT NULL,
    text TEXT NOT NULL
);

-- The log's state, so that no process has to remember it.
CREATE TABLE log_head (
    id INT64 NOT NULL PRIMARY KEY CHECK (id = 1),
    size INT64 NOT NULL,
    frontier BYTES NOT NULL,
    checkpoint TEXT NOT NULL
);

-- Data keys, wrapped by the master key.
CREATE TABLE sealed_key (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped BYTES NOT NULL,
    created_at INT64 NOT NULL,
    retired_at INT64
);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
