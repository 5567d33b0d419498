-- Prompts, resources and templates as they were reviewed, beside the tools; and instructions that are not the reviewed ones.
ALTER TABLE pins ADD COLUMN shown_instructions TEXT;

-- What is here now was pinned before lists were: its lists are taken as they stand, once. What is written from now on says 0.
ALTER TABLE pins ADD COLUMN before_lists INTEGER NOT NULL DEFAULT 1 CHECK (before_lists IN (0, 1));

CREATE TABLE pinned_lists (
    server TEXT NOT NULL REFERENCES pins (server) ON DELETE CASCADE,
    kind   TEXT NOT NULL CHECK (kind IN ('prompt', 'resource', 'template')),
    PRIMARY KEY (server, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE pinned_entries (
    server      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    waiting     INTEGER NOT NULL CHECK (waiting IN (0, 1)),
    name        TEXT NOT NULL,
    definition  BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    drifted_to  BLOB,
    PRIMARY KEY (server, kind, waiting, name),
    FOREIGN KEY (server, kind) REFERENCES pinned_lists (server, kind) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
