-- +goose Up
-- Files that people have uploaded. Their bytes are kept elsewhere, under `blob`; a row stands for bytes that are there, and never changes but for `attached`.
CREATE TABLE files (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    size        bigint NOT NULL,
    sha256      text NOT NULL,           -- in hex
    type        text NOT NULL,           -- a media type, found out from the content
    blob        text NOT NULL,
    uploaded_by text NOT NULL,
    at          timestamptz NOT NULL,
    at_real     timestamptz NOT NULL,
    attached    boolean NOT NULL DEFAULT false -- it has been in a field of a record, and is kept for ever
);
CREATE INDEX files_loose ON files (at_real) WHERE NOT attached;

-- The fields of records that hold a file, or have held it: whoever may see one of them may see the file.
CREATE TABLE file_fields (
    file_id   text NOT NULL REFERENCES files (id),
    record_id text NOT NULL REFERENCES records (id),
    field     text NOT NULL,
    PRIMARY KEY (file_id, record_id, field)
);

-- Bytes that may be there and belong to no file: written down before the first of them, gone with the row that they then belong to.
CREATE TABLE loose_bytes (
    blob       text PRIMARY KEY,
    since_real timestamptz NOT NULL
);
CREATE INDEX loose_bytes_since ON loose_bytes (since_real);

-- What the values of fields declared `similar` are made of: every two neighbouring characters of the normalised value, with how many of them the value
-- has, and "=…" for the value itself.
CREATE TABLE record_grams (
    type      text NOT NULL,
    field     text NOT NULL,
    gram      text NOT NULL,
    size      smallint NOT NULL,
    record_id text NOT NULL REFERENCES records (id),
    PRIMARY KEY (type, field, gram, size, record_id)
);

-- How far the records that exist have been entered for a field declared `unique` or `similar`, in the order of their ids. `how` is the number of the way
-- in which values are normalised: another one begins anew.
CREATE TABLE record_keys (
    type  text NOT NULL,
    field text NOT NULL,
    kind  text NOT NULL,                 -- unique, similar
    how   integer NOT NULL,
    upto  text NOT NULL DEFAULT '',
    done  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (type, field, kind)
);

-- Records that came in a file. All lines were checked before the row was written; a worker makes a record of each, once.
CREATE TABLE imports (
    id           text PRIMARY KEY,
    type         text NOT NULL,
    name         text NOT NULL,          -- of the file
    made_by      text NOT NULL,
    at           timestamptz NOT NULL,
    lines        integer NOT NULL,
    made         integer NOT NULL DEFAULT 0,
    failed       integer NOT NULL DEFAULT 0,
    ended_at     timestamptz,            -- null: it isn't through yet
    started_real timestamptz             -- when its workflow was last seen to; null: it has none yet
);
CREATE INDEX imports_open ON imports (id) WHERE ended_at IS NULL;
CREATE TABLE import_lines (
    import_id text NOT NULL REFERENCES imports (id),
    line      integer NOT NULL,          -- of the file
    fields    json,                      -- forgotten when its record is made
    record_id text,                      -- that it has become
    problem   json,                      -- [{"field","message"}]: why no record could be made of it
    PRIMARY KEY (import_id, line)
);
CREATE INDEX import_lines_open ON import_lines (import_id, line) WHERE record_id IS NULL AND problem IS NULL;
CREATE INDEX import_lines_failed ON import_lines (import_id, line) WHERE problem IS NOT NULL;

-- What other programs may read by SQL. The views of record types are made when these are published; see docs/bi.md.
CREATE SCHEMA IF NOT EXISTS bi;
CREATE VIEW bi.cases AS
SELECT c.id, c.number, c.process, c.version, c.subject, c.record_type, c.record_id, c.initiator, c.status, c.outcome, c.held IS NOT NULL AS held, c.stage,
    c.parent, c.started_at, c.ended_at
FROM cases c;
CREATE VIEW bi.steps AS
SELECT t.id, t.case_id, c.number AS case_number, c.process, t.step, t.item, t.round, t.kind, t.title ->> 'zh' AS title_zh, t.title ->> 'en' AS title_en, t.status,
    t.assignee, t.outcome, t.decided_by, t.opened_at, t.due_at, t.decided_at, t.decided_at > t.due_at AS late
FROM tasks t JOIN cases c ON c.id = t.case_id;
CREATE VIEW bi.clocks AS
SELECT c.id AS case_id, c.number AS case_number, c.process, k ->> 'id' AS clock, (k ->> 'due_from')::timestamptz AS started_at, (k ->> 'due')::timestamptz AS due_at,
    coalesce((k ->> 'done')::boolean, false) AS done, k -> 'stop' IS NOT NULL AS stopped
FROM cases c CROSS JOIN LATERAL json_array_elements(coalesce(c.state -> 'clocks', '[]')) AS k;

-- +goose Down
DROP SCHEMA bi CASCADE;
DROP TABLE import_lines, imports, record_keys, record_grams, loose_bytes, file_fields, files;
