-- +goose Up
-- Who takes part in a case: who started it, is or was asked, decided or did something else in it, or got a copy. A set of people that was asked stands here as
-- it is, "role:finance", and is whoever belongs to it now. Nobody goes out again. It is written by the statement that writes the case.
CREATE TABLE case_people (
    principal text NOT NULL,             -- "user:li.na", "role:finance"
    case_id   text NOT NULL,
    PRIMARY KEY (principal, case_id)
);
INSERT INTO case_people (principal, case_id)
    SELECT 'user:' || initiator, id FROM cases WHERE initiator <> ''
    UNION SELECT 'user:' || assignee, case_id FROM tasks WHERE assignee IS NOT NULL
    UNION SELECT 'user:' || decided_by, case_id FROM tasks WHERE decided_by IS NOT NULL
    UNION SELECT unnest(candidates), case_id FROM tasks
    UNION SELECT 'user:' || by, case_id FROM timeline WHERE by IS NOT NULL
    UNION SELECT 'user:' || for_user, case_id FROM timeline WHERE for_user IS NOT NULL
    UNION SELECT 'user:' || to_user, case_id FROM notifications WHERE about = 'copied';

-- The fields of the record that a case's subject shows: who may not see one of them doesn't find the case by its subject. Null: it isn't known which.
ALTER TABLE cases ADD subject_shows text[];

-- The texts of a record's fields, as they are searched, without some of the fields.
CREATE FUNCTION record_text(fields jsonb, without text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(word, ' '), '') FROM jsonb_each(fields) AS f (name, value)
        CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END) AS one (v)
        CROSS JOIN LATERAL (
            SELECT v #>> '{}' WHERE jsonb_typeof(v) = 'string'
            UNION ALL SELECT v ->> 'title' WHERE v ?& '{type,id}'
            UNION ALL SELECT coalesce(cell ->> 'title', cell #>> '{}') FROM jsonb_each(CASE WHEN jsonb_typeof(value) = 'array' AND jsonb_typeof(v) = 'object' AND NOT v ?& '{type,id}' AND NOT v ? 'sha256' THEN v ELSE '{}' END) AS c (col, cell)
                WHERE jsonb_typeof(cell) = 'string' OR cell ?& '{type,id}'
        ) AS words (word)
    WHERE name <> ALL (without)
$$;

-- +goose Down
DROP FUNCTION record_text(jsonb, text[]);
ALTER TABLE cases DROP subject_shows;
DROP TABLE case_people;
