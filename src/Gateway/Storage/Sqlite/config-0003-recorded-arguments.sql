-- Whether the record keeps the values of a server's arguments, sealed, or their names alone.
ALTER TABLE servers ADD COLUMN recorded_arguments TEXT NOT NULL DEFAULT 'names' CHECK (recorded_arguments IN ('names', 'sealed'));
