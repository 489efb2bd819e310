package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// below is the people under {user} in the line of managers: a manager as recorded, else the head of the department or of the nearest one above
// who is somebody else – the same line that process.people walks upwards. It opens a statement, and is worked out only when it is needed.
const below = `WITH RECURSIVE up (dept, head, parent, n) AS (
		SELECT id, head, parent, 0 FROM departments
		UNION ALL
		SELECT up.dept, d.head, d.parent, up.n + 1 FROM up JOIN departments d ON d.id = up.parent WHERE up.n < 30
	), nearest AS (
		SELECT DISTINCT ON (dept) dept, head FROM up WHERE head <> '' ORDER BY dept, n
	), next AS (
		SELECT DISTINCT ON (up.dept) up.dept, up.head FROM up JOIN nearest ON nearest.dept = up.dept AND nearest.head <> up.head
		WHERE up.head <> '' ORDER BY up.dept, up.n
	), boss (id, boss) AS (
		SELECT u.id, CASE WHEN u.manager <> '' AND u.manager <> u.id THEN u.manager WHEN nearest.head <> u.id THEN nearest.head ELSE next.head END
		FROM users u LEFT JOIN nearest ON nearest.dept = u.department LEFT JOIN next ON next.dept = u.department
	), below (id) AS (
		SELECT id FROM boss WHERE boss = {user}
		UNION
		SELECT boss.id FROM boss JOIN below ON boss.boss = below.id
	) `

// recordSeen is the condition under which the viewer may see a record r, and with it every case and task on it: its owner, its creator, whoever stands
// above the owner, and whoever is or was asked in a case on it.
const recordSeen = `(r.owner = {user} OR r.created_by = {user}
	OR EXISTS (SELECT 1 FROM cases k WHERE k.record_id = r.id AND (k.initiator = {user}
		OR EXISTS (SELECT 1 FROM tasks a WHERE a.case_id = k.id AND (a.assignee = {user} OR a.decided_by = {user}
			OR (a.candidates && {principals}::text[] AND NOT {user} = ANY (a.excluded))))
		OR EXISTS (SELECT 1 FROM timeline l WHERE l.case_id = k.id AND (l.by = {user} OR l.for_user = {user}))))
	OR r.owner IN (SELECT id FROM below))`

// where collects the conditions of a list. Only those in use are in the statement: PostgreSQL plans a prepared statement once for all its
// arguments, and a condition that is mostly empty would spoil that plan.
type where struct {
	with  string // what the statement begins with
	conds []string
	args  []any
}

// arg adds an argument and gives its place.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// and adds a condition; each ? in it is the next of the arguments.
func (w *where) and(cond string, args ...any) {
	for _, a := range args {
		cond = strings.Replace(cond, "?", w.arg(a), 1)
	}
	w.conds = append(w.conds, cond)
}

// seenBy leaves only the records r that the viewer may see.
func (w *where) seenBy(v Viewer) {
	if v.All {
		return
	}
	names := strings.NewReplacer("{user}", w.arg(v.User)+"::text", "{principals}", w.arg(pq.Array(append([]string{}, v.Principals...))))
	w.with = names.Replace(below)
	w.conds = append(w.conds, names.Replace(recordSeen))
}

// sql gives the conditions as a WHERE clause.
func (w *where) sql() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// SeesRecord says whether a record of this type and id exists for the viewer.
func (db *DB) SeesRecord(ctx context.Context, v Viewer, typ, id string) (bool, error) {
	var w where
	w.and("r.type = ? AND r.id = ?", typ, id)
	return db.sees(ctx, v, `records r`, w)
}

// SeesCase says whether a case exists for the viewer.
func (db *DB) SeesCase(ctx context.Context, v Viewer, id string) (bool, error) {
	var w where
	w.and("c.id = ?", id)
	return db.sees(ctx, v, `cases c JOIN records r ON r.id = c.record_id`, w)
}

// SeesTask says whether a task exists for the viewer.
func (db *DB) SeesTask(ctx context.Context, v Viewer, id string) (bool, error) {
	var w where
	w.and("t.id = ?", id)
	return db.sees(ctx, v, `tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = c.record_id`, w)
}

func (db *DB) sees(ctx context.Context, v Viewer, from string, w where) (seen bool, err error) {
	w.seenBy(v)
	err = db.Get(ctx, &seen, w.with+`SELECT EXISTS (SELECT 1 FROM `+from+w.sql()+`)`, w.args...)
	return seen, err
}
