-- How many calls there were in each of the last minutes, by what was called and how it was judged; empty where there is none.
-- Filled while the journal is read, so that an overview asks a few hundred rows and not every call. A fresh reading fills it.
CREATE TABLE activity (
    minute   INTEGER NOT NULL,
    server   TEXT NOT NULL,
    tool     TEXT NOT NULL,
    decision TEXT NOT NULL,
    code     TEXT NOT NULL,
    rule     TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    PRIMARY KEY (minute, server, tool, decision, code, rule)
) STRICT, WITHOUT ROWID;

DELETE FROM calls;
DELETE FROM sealed_arguments;
DELETE FROM profiles;
DELETE FROM parties;
DELETE FROM targets;
DELETE FROM verdicts;
DELETE FROM blocks;
DELETE FROM position;
