-- What some operators show beside the password. The secret is sealed; of recovery codes there are hashes alone.
CREATE TABLE operator_factors (
    operator  TEXT PRIMARY KEY REFERENCES operators (name) ON DELETE CASCADE,
    secret    TEXT NOT NULL,
    used_step INTEGER NOT NULL,
    since     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_recovery_codes (
    operator TEXT NOT NULL REFERENCES operator_factors (operator) ON DELETE CASCADE,
    hash     TEXT NOT NULL,
    PRIMARY KEY (operator, hash)
) STRICT, WITHOUT ROWID;
