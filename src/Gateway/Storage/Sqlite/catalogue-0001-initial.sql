CREATE TABLE servers (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    source       TEXT NOT NULL CHECK (source IN ('registered', 'pack', 'added')),
    title        TEXT NOT NULL,
    description  TEXT NOT NULL,
    version      TEXT NOT NULL,
    public       INTEGER NOT NULL CHECK (public IN (0, 1)),
    manifest     BLOB,
    digest       BLOB NOT NULL,
    updated      TEXT NOT NULL,
    reads        INTEGER NOT NULL,
    writes       INTEGER NOT NULL,
    executes     INTEGER NOT NULL,
    destroys     INTEGER NOT NULL,
    pays         INTEGER NOT NULL,
    others       INTEGER NOT NULL,
    unclassified INTEGER NOT NULL,
    UNIQUE (name, source)
) STRICT;

CREATE INDEX servers_public ON servers (public, name, source);

-- What a page shows of a tool beside its definition is worked out when it is shown.
CREATE TABLE tools (
    id         INTEGER PRIMARY KEY,
    server     INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    definition BLOB NOT NULL,
    category   INTEGER,
    signals    INTEGER NOT NULL,
    confidence REAL NOT NULL,
    UNIQUE (server, name)
) STRICT;

CREATE INDEX tools_name ON tools (name);

-- A row for each tool, under its id. `facets` holds words that no text holds: its category, its risk, who may see it.
CREATE VIRTUAL TABLE words USING fts5 (tool, server, description, facets, prefix = '1 2 3', detail = column, tokenize = 'unicode61 remove_diacritics 2');
