-- The sealed values of arguments, of servers whose record keeps them. Apart from the calls: no search reads them.
CREATE TABLE sealed_arguments (
    seq  INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
