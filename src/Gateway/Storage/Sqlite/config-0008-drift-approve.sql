-- People may be asked about calls of a tool that drifted. A check cannot be changed, so the table is made anew.
CREATE TABLE servers_with_approve (
    name               TEXT PRIMARY KEY,
    transport          TEXT NOT NULL CHECK (transport IN ('http', 'sse', 'stdio')),
    sealed             TEXT NOT NULL,
    methods_allow      TEXT NOT NULL,
    public             INTEGER NOT NULL CHECK (public IN (0, 1)),
    on_drift           TEXT NOT NULL CHECK (on_drift IN ('block', 'report', 'approve')),
    on_new             TEXT NOT NULL CHECK (on_new IN ('block', 'categorise')),
    connect_ms         INTEGER NOT NULL,
    first_byte_ms      INTEGER NOT NULL,
    idle_ms            INTEGER NOT NULL,
    total_ms           INTEGER NOT NULL,
    recorded_arguments TEXT NOT NULL DEFAULT 'names' CHECK (recorded_arguments IN ('names', 'sealed'))
) STRICT, WITHOUT ROWID;

INSERT INTO servers_with_approve SELECT name, transport, sealed, methods_allow, public, on_drift, on_new, connect_ms, first_byte_ms, idle_ms, total_ms, recorded_arguments FROM servers;
DROP TABLE servers;
ALTER TABLE servers_with_approve RENAME TO servers;
