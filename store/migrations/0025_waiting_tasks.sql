-- +goose Up
-- A task whose holder waits for an opinion that somebody else gives first: it stands in no box that people see until the opinion is in, but in one of its own,
-- by which it is found when its holder is away or leaves. The release before writes none, and its tasks are there as they were.
ALTER TABLE tasks ADD waits boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW inbox_source AS
    SELECT b.principal, b.box, CASE t.kind WHEN 'copy' THEN t.opened_at ELSE coalesce(t.due_at, 'infinity') END AS at,
        t.id AS task_id, t.case_id, c.process, b.excluded
    FROM tasks t JOIN cases c ON c.id = t.case_id CROSS JOIN LATERAL (
        SELECT 'user:' || t.assignee, CASE WHEN t.waits THEN 'waits' ELSE 'todo' END, '{}'::text[] WHERE t.kind <> 'copy' AND t.assignee IS NOT NULL
        UNION ALL
        SELECT DISTINCT p, CASE WHEN t.waits THEN 'waits' WHEN t.claim THEN 'claimable' ELSE 'todo' END, t.excluded FROM unnest(t.candidates) p
            WHERE t.kind <> 'copy' AND t.assignee IS NULL AND NOT (p LIKE 'user:%' AND substr(p, 6) = ANY (t.excluded))
        UNION ALL
        SELECT 'user:' || c.initiator, 'started', '{}' WHERE t.kind <> 'copy' AND NOT t.waits
        UNION ALL
        SELECT 'user:' || t.assignee, CASE t.status WHEN 'open' THEN 'copied' ELSE 'read' END, '{}' WHERE t.kind = 'copy'
    ) b (principal, box, excluded)
    WHERE t.status = 'open' OR t.kind = 'copy';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION inbox_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
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
    ELSIF NEW.waits THEN
        INSERT INTO inbox SELECT DISTINCT p, 'waits', due, NEW.id, NEW.case_id, of.process, CASE WHEN NEW.assignee IS NULL THEN NEW.excluded ELSE '{}' END
            FROM unnest(CASE WHEN NEW.assignee IS NULL THEN NEW.candidates ELSE ARRAY['user:' || NEW.assignee] END) p
            WHERE NEW.assignee IS NOT NULL OR NOT (p LIKE 'user:%' AND substr(p, 6) = ANY (NEW.excluded));
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
CREATE TRIGGER inbox_waits AFTER UPDATE ON tasks FOR EACH ROW WHEN (OLD.waits <> NEW.waits) EXECUTE FUNCTION inbox_of_task();

-- +goose Down
DROP TRIGGER inbox_waits ON tasks;
UPDATE tasks SET waits = false WHERE waits;
CREATE OR REPLACE VIEW inbox_source AS
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
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION inbox_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
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
ALTER TABLE tasks DROP waits;
