-- Documents that are to become the next revision of a policy. Each is written before the journal has the answer that makes it.
CREATE TABLE proposals (
    id       TEXT PRIMARY KEY,
    policy   TEXT NOT NULL,
    base     INTEGER NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('Making', 'Open', 'Accepted', 'Rejected', 'Outdated')),
    made     TEXT NOT NULL,
    -- What is proposed, without the document.
    proposal TEXT NOT NULL,
    -- The document, sealed: it repeats values of a call. Gone once somebody has decided.
    sealed   TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX proposals_open ON proposals (policy, state) WHERE state IN ('Making', 'Open');
CREATE INDEX proposals_made ON proposals (made);
