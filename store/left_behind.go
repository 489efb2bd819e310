package store

import (
	"context"

	"github.com/lib/pq"
)

// Belonging is what of one kind is somebody's.
type Belonging struct {
	What  string         `db:"what"`
	Count int            `db:"count"`
	Names pq.StringArray `db:"names"` // ids, where there are few; definitions as "process/lead-review"
}

// belongings counts what is $1's, kind by kind; $2 is the day.
const belongings = `
SELECT 'tasks' AS what, count(DISTINCT task_id) AS count, '{}'::text[] AS names FROM inbox WHERE principal = 'user:' || $1 AND box IN ('todo', 'claimable', 'waits')
UNION ALL SELECT 'assignments', count(*), '{}' FROM cases c WHERE status <> 'ended' AND CASE WHEN strpos(state::text, to_json($1::text)::text) > 0 THEN
	jsonb_path_exists(state::jsonb, '$.open[*].turn[*] ? (@.assignee == $u)', jsonb_build_object('u', $1::text))
	OR jsonb_path_exists(state::jsonb, '$.later[*].people[*] ? (@ == $u)', jsonb_build_object('u', $1::text))
	OR jsonb_path_exists(state::jsonb, '$.picks.*[*] ? (@ == $u)', jsonb_build_object('u', $1::text)) END
UNION ALL SELECT 'initiator', count(*), '{}' FROM cases WHERE initiator = $1 AND status <> 'ended'
UNION ALL SELECT 'records', count(*), '{}' FROM records WHERE owner = $1 AND type IN (SELECT id FROM definitions_current WHERE kind = 'record')
UNION ALL SELECT 'roles', count(*), coalesce(array_agg(held ORDER BY held), '{}') FROM (
	SELECT role FROM user_roles WHERE user_id = $1 UNION ALL SELECT role || '@' || scope FROM scoped_roles WHERE user_id = $1) r (held)
UNION ALL SELECT 'groups', count(*), coalesce(array_agg(group_id ORDER BY group_id), '{}') FROM group_members WHERE user_id = $1
UNION ALL SELECT 'positions', count(*), coalesce(array_agg(position), '{}') FROM users WHERE id = $1 AND position IS NOT NULL
UNION ALL SELECT 'departments', count(*), coalesce(array_agg(id ORDER BY id), '{}') FROM departments WHERE head = $1 OR in_charge = $1
UNION ALL SELECT 'people', count(*), coalesce(array_agg(id ORDER BY id), '{}') FROM users WHERE manager = $1
UNION ALL SELECT 'absences', count(*), coalesce(array_agg(id ORDER BY id), '{}') FROM absences
	WHERE (stand_in = $1 OR user_id = $1) AND NOT cancelled AND (to_day IS NULL OR to_day >= $2::date)
UNION ALL SELECT 'definitions', count(*), coalesce(array_agg(d.kind || '/' || d.id ORDER BY d.kind, d.id), '{}') FROM definitions_current c
	JOIN definitions d USING (kind, id, version)
	WHERE d.source ~ ('(^|[^A-Za-z0-9._@-])' || regexp_replace($1, '([.+])', '\\\1', 'g') || '($|[^A-Za-z0-9._@-])')`

// Belongings says what is somebody's: what a handover moves, and what it can only list. day is the company's.
func (q querier) Belongings(ctx context.Context, user, day string) ([]Belonging, error) {
	var rows []Belonging
	return rows, q.Select(ctx, &rows, belongings, user, day)
}

// HandOverDirectory gives what the directory holds of somebody who leaves to a successor: groups, the position where the successor has none, departments
// and people to lead – a successor from below moves up into their place –, and of the roles all but the administrator's, which is given to people by name. They are inactive then, and signed out.
func (tx *Tx) HandOverDirectory(ctx context.Context, from string, to Directed) error {
	for _, s := range []struct {
		sql string
		to  string
	}{
		{`INSERT INTO user_roles (role, user_id) SELECT role, $2 FROM user_roles WHERE user_id = $1 AND role <> 'administrator' ON CONFLICT DO NOTHING`, to.Roles},
		{`DELETE FROM user_roles WHERE user_id = $1 AND $2 <> ''`, to.Roles},
		{`INSERT INTO scoped_roles (role, scope, user_id) SELECT role, scope, $2 FROM scoped_roles WHERE user_id = $1 ON CONFLICT DO NOTHING`, to.Roles},
		{`DELETE FROM scoped_roles WHERE user_id = $1 AND $2 <> ''`, to.Roles},
		{`INSERT INTO group_members (group_id, user_id) SELECT group_id, $2 FROM group_members WHERE user_id = $1 ON CONFLICT DO NOTHING`, to.Roles},
		{`DELETE FROM group_members WHERE user_id = $1 AND $2 <> ''`, to.Roles},
		{`UPDATE users u SET position = l.position, version = u.version + 1 FROM users l WHERE l.id = $1 AND u.id = $2 AND u.position IS NULL AND l.position IS NOT NULL`, to.Roles},
		{`UPDATE departments SET head = CASE head WHEN $1 THEN $2 ELSE head END, in_charge = CASE in_charge WHEN $1 THEN $2 ELSE in_charge END
			WHERE head = $1 OR in_charge = $1`, to.Departments},
		{`WITH RECURSIVE line (id) AS (SELECT manager FROM users WHERE id = $2 UNION SELECT u.manager FROM users u JOIN line ON u.id = line.id WHERE u.manager IS NOT NULL)
			UPDATE users u SET manager = nullif(l.manager, u.id), version = u.version + 1 FROM users l WHERE l.id = $1 AND u.id = $2 AND $1 IN (SELECT id FROM line)`, to.Departments},
		{`UPDATE users SET manager = $2, version = version + 1 WHERE manager = $1`, to.Departments},
		{`UPDATE users SET active = false, position = NULL, version = version + 1 WHERE id = $1 AND $2 <> ''`, to.Roles},
		{`DELETE FROM sessions WHERE user_id = $1 AND $2 <> ''`, to.Roles},
	} {
		if _, err := tx.Exec(ctx, s.sql, from, s.to); err != nil {
			return err
		}
	}
	return nil
}

// Directed is who takes over what the directory holds.
type Directed struct {
	Roles       string // also groups and the position
	Departments string // also people to lead
}

// StandsIn are the absences that aren't over on a day and that somebody has, or stands in for.
func (tx *Tx) StandsIn(ctx context.Context, user, day string) ([]Absence, error) {
	var rows []Absence
	return rows, tx.Select(ctx, &rows, `SELECT `+absenceColumns+` FROM absences a
		WHERE (a.stand_in = $1 OR a.user_id = $1) AND NOT a.cancelled AND (a.to_day IS NULL OR a.to_day >= $2::date) ORDER BY a.id`, user, day)
}
