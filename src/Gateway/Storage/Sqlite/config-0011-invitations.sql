-- A link with which an operator chooses a password, once: the SHA-256 of its secret. And where a session was begun from.
ALTER TABLE operators ADD COLUMN invitation_hash TEXT;
ALTER TABLE operators ADD COLUMN invitation_expires TEXT;
ALTER TABLE operator_sessions ADD COLUMN address TEXT;
