-- +goose Up
-- Files that stand in a comment on a case: whoever may see the case may see them.
CREATE TABLE case_files (
    file_id text NOT NULL REFERENCES files (id),
    case_id text NOT NULL REFERENCES cases (id),
    PRIMARY KEY (file_id, case_id)
);

-- Who was urged about which task and when, in business time: it is what the limits count.
CREATE TABLE urges (
    case_id text NOT NULL REFERENCES cases (id),
    task_id text NOT NULL,
    to_user text NOT NULL,
    at      timestamptz NOT NULL,
    by_user text NOT NULL,
    PRIMARY KEY (case_id, task_id, to_user, at)
);

-- +goose Down
DROP TABLE urges, case_files;
