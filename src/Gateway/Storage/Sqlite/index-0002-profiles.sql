-- What calls have in common stands once: who calls, what is called, how it was judged, and as a profile all three together.
-- A call points at its profile. Searches find the profiles that fit and then walk their calls in order, so that one index
-- serves every filter and any number of them together.
DROP TABLE calls;
DELETE FROM position;

CREATE TABLE parties (
    id       INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL UNIQUE,
    grant_id TEXT,
    identity TEXT,
    client   TEXT,
    searched TEXT NOT NULL
) STRICT;

CREATE TABLE targets (
    id             INTEGER PRIMARY KEY,
    digest         TEXT NOT NULL UNIQUE,
    server         TEXT,
    method         TEXT,
    tool           TEXT,
    argument_names TEXT NOT NULL,
    searched       TEXT NOT NULL
) STRICT;

CREATE TABLE verdicts (
    id       INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL UNIQUE,
    decision TEXT NOT NULL,
    code     TEXT,
    rule     TEXT,
    policy   TEXT,
    revision INTEGER,
    outcome  TEXT,
    shadow   INTEGER NOT NULL,
    searched TEXT NOT NULL
) STRICT;

CREATE TABLE profiles (
    id        INTEGER PRIMARY KEY,
    party     INTEGER NOT NULL,
    target    INTEGER NOT NULL,
    verdict   INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    UNIQUE (party, target, verdict)
) STRICT;

CREATE INDEX profiles_target ON profiles (target);
CREATE INDEX profiles_verdict ON profiles (verdict);

-- own_client and own_rule stand before those of the profile: texts that would make a profile of every call.
CREATE TABLE calls (
    seq              INTEGER PRIMARY KEY,
    id               TEXT NOT NULL,
    time             INTEGER NOT NULL,
    profile          INTEGER NOT NULL,
    open             INTEGER NOT NULL,
    upstream_status  INTEGER,
    duration_ms      INTEGER,
    arguments_digest TEXT,
    request_id       TEXT,
    approval         TEXT,
    charges          TEXT,
    own_client       TEXT,
    own_rule         TEXT
) STRICT;

CREATE INDEX calls_id ON calls (id);
CREATE INDEX calls_profile ON calls (profile);
CREATE INDEX calls_open ON calls (seq) WHERE open = 1;

-- The earliest and the latest time among 4,096 numbers: clocks step, so times are not in the order of numbers.
CREATE TABLE blocks (
    block    INTEGER PRIMARY KEY,
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL
) STRICT;
