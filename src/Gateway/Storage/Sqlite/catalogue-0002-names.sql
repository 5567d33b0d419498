-- Names have an index of their own: most words of descriptions stand in no name, and to learn that from lists of all words
-- takes reading those lists whole. A word of up to six letters is found in one list, without merging those of all words that
-- begin so. What everybody may see has columns of its own, so that a search by strangers needs no list of all public tools.
-- Facets begin with U+E000, which no word does: the list of `for` must not hold all that are `forall`.
CREATE VIRTUAL TABLE names USING fts5 (tool, public_tool, facets, prefix = '1 2 3 4 5 6', detail = column, tokenize = 'unicode61 remove_diacritics 2');

CREATE VIRTUAL TABLE fresh USING fts5 (
    tool, server, description, public_tool, public_server, public_description, facets,
    prefix = '1 2 3 4 5 6', detail = column, tokenize = 'unicode61 remove_diacritics 2');

INSERT INTO fresh (rowid, tool, server, description, facets)
SELECT rowid, tool, server, description, char(57344) || replace(trim(facets), ' ', ' ' || char(57344)) FROM words WHERE facets NOT LIKE '% forall';

INSERT INTO fresh (rowid, public_tool, public_server, public_description, facets)
SELECT rowid, tool, server, description, char(57344) || replace(trim(facets), ' ', ' ' || char(57344)) FROM words WHERE facets LIKE '% forall';

INSERT INTO names (rowid, tool, public_tool, facets) SELECT rowid, tool, public_tool, facets FROM fresh;

DROP TABLE words;

ALTER TABLE fresh RENAME TO words;

-- Totals are read from this alone: a row has a manifest before its counts.
CREATE INDEX servers_counts ON servers (source, name, public, reads, writes, executes, destroys, pays, others, unclassified);
