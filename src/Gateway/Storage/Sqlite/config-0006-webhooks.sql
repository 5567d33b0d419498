-- The receivers of webhooks, by a digest of their address, and what each wants to hear. Written anew at each start.
CREATE TABLE webhooks (
    webhook  TEXT PRIMARY KEY,
    asked    INTEGER NOT NULL CHECK (asked IN (0, 1)),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What they are still to be told, oldest first. Written with the approval in one transaction, gone when it was taken.
CREATE TABLE webhook_notices (
    seq     INTEGER PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (webhook),
    id      TEXT NOT NULL,
    notice  TEXT NOT NULL
) STRICT;

CREATE INDEX webhook_notices_webhook ON webhook_notices (webhook, seq);
