-- What became of the definitions of a server, in the order in which it was noticed. The newest are kept.
CREATE TABLE pin_history (
    seq    INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    time   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    what   TEXT NOT NULL,
    before TEXT,
    after  TEXT,
    who    TEXT
) STRICT;

CREATE INDEX pin_history_server ON pin_history (server, seq);
CREATE INDEX pin_history_name ON pin_history (server, kind, name, seq);
