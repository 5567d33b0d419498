-- A policy in shadow mode is only watched, so each has an end, however its document was written.
CREATE TABLE shadows (
    policy TEXT PRIMARY KEY,
    until  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
