-- +goose Up
-- Boxes at a million tasks, and text found anywhere in them (docs/decisions/0021).

-- What text is compared by: capital letters as small ones, full-width characters as plain ones.
-- +goose StatementBegin
CREATE FUNCTION folded(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT lower(normalize(t, NFKC)) $$;
-- +goose StatementEnd

-- What text is found by: every two characters that stand side by side in it.
-- +goose StatementBegin
CREATE FUNCTION bigrams(t text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE pairs text[] := '{}';
BEGIN
    FOR i IN 1 .. length(t) - 1 LOOP
        pairs[i] := substr(t, i, 2);
    END LOOP;
    RETURN pairs;
END $$;
-- +goose StatementEnd

-- The text that lists are searched by. New text waits in a short list before an index sorts it in: each search reads that list, so it is kept short. Nobody
-- plans by how often which two characters occur, so ANALYZE needn't count them.
ALTER TABLE records ADD text text NOT NULL GENERATED ALWAYS AS (folded(' ' || search)) STORED;
ALTER TABLE cases ADD text text NOT NULL GENERATED ALWAYS AS (folded(' ' || number || ' ' || subject)) STORED;
ALTER TABLE users ADD text text NOT NULL GENERATED ALWAYS AS (folded(' ' || id || ' ' || coalesce(name->>'zh', '') || ' ' || coalesce(name->>'en', ''))) STORED;
CREATE INDEX records_text ON records USING gin (bigrams(text)) WITH (gin_pending_list_limit = 256);
CREATE INDEX cases_text ON cases USING gin (bigrams(text)) WITH (gin_pending_list_limit = 256);
CREATE INDEX users_text ON users USING gin (bigrams(text));
ALTER INDEX records_text ALTER COLUMN 1 SET STATISTICS 0;
ALTER INDEX cases_text ALTER COLUMN 1 SET STATISTICS 0;
ALTER INDEX users_text ALTER COLUMN 1 SET STATISTICS 0;

-- Who has decided what, whether they were late, and in which process. Copies are read, not decided.
ALTER TABLE tasks ADD process text; -- a copy of its case's
UPDATE tasks t SET process = c.process FROM cases c WHERE c.id = t.case_id;
DROP INDEX tasks_done;
CREATE INDEX tasks_done ON tasks (decided_by, coalesce(decided_at > due_at, false), decided_at DESC, id) WHERE status = 'closed' AND kind <> 'copy';
CREATE INDEX tasks_done_process ON tasks (decided_by, process, coalesce(decided_at > due_at, false), decided_at DESC, id)
    WHERE status = 'closed' AND kind <> 'copy';

-- What stands in whose box: a row for each principal that has an open task there, and one for whoever started its case; and every copy. Nothing is
-- decided by it. It is always equal to inbox_source: triggers keep it, so that whatever writes tasks, an older software or a restore too, keeps it.
CREATE TABLE inbox (
    principal text NOT NULL,             -- "user:…", "role:…"
    box       text NOT NULL,             -- todo, claimable, started, copied (not read yet), read
    at        timestamptz NOT NULL,      -- when it is due, infinity: never; of a copy, when it came
    task_id   text NOT NULL,
    case_id   text NOT NULL,
    process   text NOT NULL,
    excluded  text[] NOT NULL,           -- who may not fill the seat, though they are one of the principal
    PRIMARY KEY (case_id, task_id, principal, box)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000); -- its rows go soon, from where lists begin to read

CREATE VIEW inbox_source AS
    SELECT b.principal, b.box, CASE t.kind WHEN 'copy' THEN t.opened_at ELSE coalesce(t.due_at, 'infinity') END AS at,
        t.id AS task_id, t.case_id, c.process, b.excluded
    FROM tasks t JOIN cases c ON c.id = t.case_id CROSS JOIN LATERAL (
        SELECT 'user:' || t.assignee, 'todo', '{}'::text[] WHERE t.kind <> 'copy' AND t.assignee IS NOT NULL
        UNION ALL
        SELECT DISTINCT p, CASE WHEN t.claim THEN 'claimable' ELSE 'todo' END, t.excluded FROM unnest(t.candidates) p
            WHERE t.kind <> 'copy' AND t.assignee IS NULL AND NOT (p LIKE 'user:%' AND substr(p, 6) = ANY (t.excluded))
        UNION ALL
        SELECT 'user:' || c.initiator, 'started', '{}' WHERE t.kind <> 'copy'
        UNION ALL
        SELECT 'user:' || t.assignee, CASE t.status WHEN 'open' THEN 'copied' ELSE 'read' END, '{}' WHERE t.kind = 'copy'
    ) b (principal, box, excluded)
    WHERE t.status = 'open' OR t.kind = 'copy';

-- Copies so far were only told.
INSERT INTO tasks (id, case_id, step, round, kind, title, status, assignee, why, opened_at, outcome, decided_by, decided_at, process)
    SELECT 'copy' || n.id, n.case_id, coalesce(n.step, ''), 1, 'copy', n.text, CASE WHEN n.read_at IS NULL THEN 'open' ELSE 'closed' END, n.to_user,
        '{"zh": "抄送给您，无需办理", "en": "for your information; nothing to do"}', n.at, CASE WHEN n.read_at IS NOT NULL THEN 'read' END,
        CASE WHEN n.read_at IS NOT NULL THEN n.to_user END, n.read_at, c.process
    FROM notifications n JOIN cases c ON c.id = n.case_id WHERE n.about = 'copied';

INSERT INTO inbox SELECT * FROM inbox_source;
CREATE INDEX inbox_at ON inbox (principal, box, at, task_id);
CREATE INDEX inbox_process ON inbox (principal, box, process, at, task_id);

-- +goose StatementBegin
CREATE FUNCTION inbox_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of record; -- its case
    due timestamptz := coalesce(NEW.due_at, 'infinity');
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM inbox WHERE case_id = NEW.case_id AND task_id = NEW.id;
    END IF;
    IF NEW.status <> 'open' AND NEW.kind <> 'copy' THEN
        RETURN NULL;
    END IF;
    -- The same as inbox_source says, of this one row: made from the view, a decision took a fifth longer.
    SELECT initiator, process INTO of FROM cases WHERE id = NEW.case_id;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF NEW.kind = 'copy' THEN
        INSERT INTO inbox VALUES ('user:' || NEW.assignee, CASE NEW.status WHEN 'open' THEN 'copied' ELSE 'read' END, NEW.opened_at, NEW.id, NEW.case_id, of.process, '{}');
    ELSIF NEW.assignee IS NOT NULL THEN
        INSERT INTO inbox VALUES ('user:' || NEW.assignee, 'todo', due, NEW.id, NEW.case_id, of.process, '{}'),
            ('user:' || of.initiator, 'started', due, NEW.id, NEW.case_id, of.process, '{}');
    ELSE
        INSERT INTO inbox SELECT DISTINCT p, CASE WHEN NEW.claim THEN 'claimable' ELSE 'todo' END, due, NEW.id, NEW.case_id, of.process, NEW.excluded FROM unnest(NEW.candidates) p
            WHERE NOT (p LIKE 'user:%' AND substr(p, 6) = ANY (NEW.excluded));
        INSERT INTO inbox VALUES ('user:' || of.initiator, 'started', due, NEW.id, NEW.case_id, of.process, '{}');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION inbox_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM inbox WHERE case_id = NEW.id;
    INSERT INTO inbox SELECT * FROM inbox_source WHERE case_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- The release before writes tasks without their process.
-- +goose StatementBegin
CREATE FUNCTION process_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks SET process = (SELECT process FROM cases WHERE id = NEW.case_id) WHERE id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER inbox_opened AFTER INSERT ON tasks FOR EACH ROW WHEN (NEW.status = 'open' OR NEW.kind = 'copy') EXECUTE FUNCTION inbox_of_task();
CREATE TRIGGER inbox_changed AFTER UPDATE ON tasks FOR EACH ROW
    WHEN ((OLD.status, OLD.assignee, OLD.candidates, OLD.excluded, OLD.claim, OLD.due_at)
        IS DISTINCT FROM (NEW.status, NEW.assignee, NEW.candidates, NEW.excluded, NEW.claim, NEW.due_at)) EXECUTE FUNCTION inbox_of_task();
CREATE TRIGGER inbox_initiator AFTER UPDATE OF initiator ON cases FOR EACH ROW WHEN (OLD.initiator <> NEW.initiator) EXECUTE FUNCTION inbox_of_case();
CREATE TRIGGER task_process AFTER INSERT ON tasks FOR EACH ROW WHEN (NEW.process IS NULL) EXECUTE FUNCTION process_of_task();

DROP INDEX tasks_assignee, tasks_candidates;

-- +goose Down
DROP TRIGGER task_process ON tasks;
DROP TRIGGER inbox_initiator ON cases;
DROP TRIGGER inbox_changed ON tasks;
DROP TRIGGER inbox_opened ON tasks;
DROP FUNCTION process_of_task, inbox_of_case, inbox_of_task;
DROP VIEW inbox_source;
DROP TABLE inbox;
DELETE FROM tasks WHERE kind = 'copy';
DROP INDEX tasks_done, tasks_done_process, records_text, cases_text, users_text;
ALTER TABLE tasks DROP process;
ALTER TABLE records DROP text;
ALTER TABLE cases DROP text;
ALTER TABLE users DROP text;
DROP FUNCTION bigrams, folded;
CREATE INDEX tasks_assignee ON tasks (assignee, due_at, id) WHERE status = 'open';
CREATE INDEX tasks_candidates ON tasks USING gin (candidates) WHERE status = 'open' AND assignee IS NULL;
CREATE INDEX tasks_done ON tasks (decided_by, decided_at DESC, id) WHERE status = 'closed';
