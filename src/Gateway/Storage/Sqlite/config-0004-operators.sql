-- Who may sign in. The stamp changes with the password, and a name that comes back has another: sessions of before have ended.
CREATE TABLE operators (
    name          TEXT PRIMARY KEY,
    identity      TEXT,
    roles         TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    stamp         TEXT NOT NULL,
    created       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_sessions (
    token_hash TEXT PRIMARY KEY,
    operator   TEXT NOT NULL REFERENCES operators (name) ON DELETE CASCADE,
    stamp      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('page', 'cli')),
    created    TEXT NOT NULL,
    last_used  TEXT NOT NULL,
    expires    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX operator_sessions_operator ON operator_sessions (operator);
