-- A policy in shadow mode is only watched, so each has an end, which is said of one revision.
CREATE TABLE shadows (
    policy   TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    until    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
