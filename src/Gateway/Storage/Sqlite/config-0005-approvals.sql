-- Calls that people were asked about. What became of one stands in the journal; this is what a restart begins with.
CREATE TABLE approvals (
    id           TEXT PRIMARY KEY,
    state        TEXT NOT NULL,
    asked        TEXT NOT NULL,
    -- What was asked, without what it carries.
    request      TEXT NOT NULL,
    -- What it carries, sealed; gone once it is settled.
    sealed       TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX approvals_open ON approvals (asked) WHERE state IN ('Pending', 'Approved', 'Denied');
CREATE INDEX approvals_asked ON approvals (asked);
