CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `sealed` holds address, headers, command and environment: any of them may carry a secret.
CREATE TABLE servers (
    name          TEXT PRIMARY KEY,
    transport     TEXT NOT NULL CHECK (transport IN ('http', 'sse', 'stdio')),
    sealed        TEXT NOT NULL,
    methods_allow TEXT NOT NULL,
    public        INTEGER NOT NULL CHECK (public IN (0, 1)),
    on_drift      TEXT NOT NULL CHECK (on_drift IN ('block', 'report')),
    on_new        TEXT NOT NULL CHECK (on_new IN ('block', 'categorise')),
    connect_ms    INTEGER NOT NULL,
    first_byte_ms INTEGER NOT NULL,
    idle_ms       INTEGER NOT NULL,
    total_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    document BLOB NOT NULL,
    author   TEXT,
    note     TEXT,
    time     TEXT NOT NULL,
    PRIMARY KEY (name, revision)
) STRICT, WITHOUT ROWID;

-- A record names the revision that judged it, so a revision stays what it was.
CREATE TRIGGER policies_keep_update BEFORE UPDATE ON policies
BEGIN SELECT RAISE(ABORT, 'revisions of policies are append-only'); END;

CREATE TRIGGER policies_keep_delete BEFORE DELETE ON policies
BEGIN SELECT RAISE(ABORT, 'revisions of policies are append-only'); END;

CREATE TABLE grants (
    id         TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    identity   TEXT,
    attributes TEXT NOT NULL,
    expires    TEXT,
    revoked    TEXT,
    created    TEXT
) STRICT, WITHOUT ROWID;

-- Servers and policies may also be declared in callgate.yaml, so nothing here points at their tables.
CREATE TABLE grant_servers (
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    server   TEXT NOT NULL,
    policy   TEXT,
    PRIMARY KEY (grant_id, server)
) STRICT, WITHOUT ROWID;

CREATE TABLE pins (
    server       TEXT PRIMARY KEY,
    instructions TEXT,
    pinned_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pinned_tools (
    server      TEXT NOT NULL REFERENCES pins (server) ON DELETE CASCADE,
    waiting     INTEGER NOT NULL CHECK (waiting IN (0, 1)),
    name        TEXT NOT NULL,
    definition  BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    category    TEXT,
    drifted_to  BLOB,
    PRIMARY KEY (server, waiting, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stops (
    what  TEXT PRIMARY KEY,
    since TEXT NOT NULL
) STRICT, WITHOUT ROWID;
