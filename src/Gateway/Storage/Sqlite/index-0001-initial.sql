-- How far the journal has been read: file, offset behind the last entry, its number and hash.
CREATE TABLE position (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    file   TEXT NOT NULL,
    start  INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    hash   TEXT NOT NULL
) STRICT;

CREATE TABLE calls (
    seq              INTEGER PRIMARY KEY,
    id               TEXT NOT NULL,
    time             TEXT NOT NULL,
    grant_id         TEXT,
    identity         TEXT,
    server           TEXT,
    method           TEXT,
    tool             TEXT,
    decision         TEXT NOT NULL,
    code             TEXT,
    rule             TEXT,
    policy           TEXT,
    revision         INTEGER,
    outcome          TEXT,
    upstream_status  INTEGER,
    duration_ms      INTEGER,
    argument_names   TEXT NOT NULL,
    arguments_digest TEXT,
    client           TEXT,
    request_id       TEXT,
    shadow           INTEGER NOT NULL,
    approval         TEXT,
    charges          TEXT NOT NULL
) STRICT;

-- Each index ends in seq by itself, so a filtered page comes out in order without a sort. What most calls have in common
-- (a tool call, allowed, answered) is in no index: it would cost every call and narrow no search.
CREATE INDEX calls_id ON calls (id);
CREATE INDEX calls_time ON calls (time);
CREATE INDEX calls_grant ON calls (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX calls_identity ON calls (identity) WHERE identity IS NOT NULL;
CREATE INDEX calls_server ON calls (server) WHERE server IS NOT NULL;
CREATE INDEX calls_tool ON calls (tool) WHERE tool IS NOT NULL;
CREATE INDEX calls_method ON calls (method) WHERE method <> 'tools/call';
CREATE INDEX calls_decision ON calls (decision) WHERE decision <> 'allow';
CREATE INDEX calls_code ON calls (code) WHERE code IS NOT NULL;
CREATE INDEX calls_outcome ON calls (outcome) WHERE outcome <> 'answered';
CREATE INDEX calls_open ON calls (seq) WHERE outcome IS NULL;
