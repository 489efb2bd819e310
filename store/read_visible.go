package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// The lists of people and departments that conditions ask for. Each is worked out only when a row asks.
const (
	// below are the people under {user} in the line of managers: a manager as recorded, else the head of the department or of the nearest one above
	// who is somebody else – the same line that process.people walks upwards.
	below = `up (dept, head, parent, n) AS (
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
	)`
	// under are {department} and the departments below it.
	under = `under (id) AS (
		SELECT id FROM departments WHERE id = {department}
		UNION
		SELECT d.id FROM departments d JOIN under ON d.parent = under.id
	)`
)

// partIn is the condition under which the viewer takes part in the case with an id.
const partIn = `EXISTS (SELECT 1 FROM case_people p WHERE p.case_id = {case} AND p.principal = ANY ({principals}))`

// standingWords are the words of rights as conditions on a record r: the twin of process.StandingOf.
var standingWords = map[string]string{
	process.SeeAll:        `true`,
	process.SeeMine:       `r.owner = {user}`,
	process.SeeMade:       `r.created_by = {user}`,
	process.SeeDepartment: `r.owner IN (SELECT id FROM users WHERE department = {department})`,
	process.SeeBelow:      `r.owner IN (SELECT u.id FROM users u JOIN under ON under.id = u.department)`,
	process.SeeMyCases:    `EXISTS (SELECT 1 FROM cases k WHERE k.record_id = r.id AND ` + strings.ReplaceAll(partIn, "{case}", "k.id") + `)`,
	process.SeeAbove:      `r.owner IN (SELECT id FROM below)`,
}

// where collects the conditions of a list. Only those in use are in the statement: PostgreSQL plans a prepared statement once for all its
// arguments, and a condition that is mostly empty would spoil that plan.
type where struct {
	lists  []string // what the statement begins with
	listed []string // the words that ask for them
	conds  []string
	args   []any
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

// with is what the statement begins with: the lists that its conditions ask for, and others of its own.
func (w *where) with(own ...string) string {
	lists := append(slices.Clone(w.lists), own...)
	if len(lists) == 0 {
		return ""
	}
	return "WITH RECURSIVE " + strings.Join(lists, ", ") + " "
}

// sql gives the conditions as a WHERE clause.
func (w *where) sql() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// asks adds conditions on records r and cases c of the viewer, with the lists that they ask for.
func (w *where) asks(v Viewer, conds ...string) {
	for _, cond := range conds {
		if cond != "true" {
			w.conds = append(w.conds, w.ask(v, cond))
		}
	}
}

// ask puts the viewer into a text in which stand {user}, {principals} and {department}, and before the statement the lists that it asks for.
func (w *where) ask(v Viewer, text string) string {
	var lists []string
	need := func(list, sign string) {
		if strings.Contains(text, sign) && !slices.Contains(w.listed, sign) {
			lists, w.listed = append(lists, list), append(w.listed, sign)
		}
	}
	need(below, "FROM below)")
	need(under, "JOIN under ")
	names := v.names(w, text+strings.Join(lists, ""))
	for _, list := range lists {
		w.lists = append(w.lists, names.Replace(list))
	}
	return names.Replace(text)
}

// names puts the viewer among the arguments, as far as a text speaks of them.
func (v Viewer) names(w *where, text string) *strings.Replacer {
	var pairs []string
	add := func(name, kind string, value any) {
		if strings.Contains(text, name) {
			pairs = append(pairs, name, w.arg(value)+"::"+kind)
		}
	}
	add("{user}", "text", v.User)
	add("{principals}", "text[]", pq.Array(append([]string{}, v.Principals...)))
	add("{department}", "text", v.department())
	return strings.NewReplacer(pairs...)
}

// department is the viewer's own; nil: none.
func (v Viewer) department() any {
	for _, p := range v.Principals {
		if id, ok := strings.CutPrefix(p, "department:"); ok {
			return id
		}
	}
	return nil
}

// anyOf is the condition under which one of the words of rights holds of a record r.
func anyOf(words []string) string {
	conds := make([]string, len(words))
	for i, word := range words {
		conds[i] = standingWords[word]
	}
	if len(conds) == 0 {
		return "false"
	}
	return "coalesce(" + strings.Join(conds, " OR ") + ", false)"
}

// byType gives a condition on a record r for its type: of each type that the document of rights decides its own, of all others that of the built-in rule.
func (v Viewer) byType(of func(typ string) string) string {
	decided := v.Access.Types()
	var conds []string
	for _, typ := range decided {
		conds = append(conds, "r.type = "+pq.QuoteLiteral(typ)+" AND "+of(typ))
	}
	rest := of("")
	if len(decided) > 0 {
		rest = "NOT r.type = ANY (" + literals(decided) + ") AND " + rest
	}
	return "(" + strings.Join(append(conds, rest), " OR ") + ")"
}

// literals is a list of texts of ours, as SQL: it is a part of the statement and no argument, so that the plan is made for these.
func literals(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = pq.QuoteLiteral(s)
	}
	return "ARRAY[" + strings.Join(quoted, ", ") + "]::text[]"
}

// recordSeen is the condition under which the viewer may see a record r.
func (v Viewer) recordSeen() string {
	if v.All {
		return "true"
	}
	return v.byType(func(typ string) string { return anyOf(v.Access.SeeWords(typ, "")) })
}

// caseSeen is the condition under which the viewer may see a case c on a record r: who takes part in it, whom a grant on its process lets, and where no
// grant speaks of the process whoever sees the record.
func (v Viewer) caseSeen() string {
	if v.All {
		return "true"
	}
	takesPart := strings.ReplaceAll(partIn, "{case}", "c.id")
	decided := v.Access.Processes()
	var conds []string
	for _, process := range decided {
		conds = append(conds, "c.process = "+pq.QuoteLiteral(process)+" AND "+anyOf(v.Access.Cases(process)))
	}
	rest := v.recordSeen()
	if len(decided) > 0 {
		rest = "NOT c.process = ANY (" + literals(decided) + ") AND " + rest
	}
	return "(c.initiator = {user} OR " + strings.Join(append(conds, rest), " OR ") + " OR " + takesPart + ")"
}

// SeesRecord says whether a record of this type and id exists for the viewer.
func (db *DB) SeesRecord(ctx context.Context, v Viewer, typ, id string) (bool, error) {
	var w where
	w.and("r.type = ? AND r.id = ?", typ, id)
	w.asks(v, v.recordSeen())
	return db.exists(ctx, `records r`, w)
}

// SeesCase says whether a case exists for the viewer.
func (db *DB) SeesCase(ctx context.Context, v Viewer, id string) (bool, error) {
	var w where
	w.and("c.id = ?", id)
	w.asks(v, v.caseSeen())
	return db.exists(ctx, `cases c JOIN records r ON r.id = c.record_id`, w)
}

// SeesTask says whether a task exists for the viewer: whoever may see its case.
func (db *DB) SeesTask(ctx context.Context, v Viewer, id string) (bool, error) {
	var w where
	w.and("t.id = ?", id)
	w.asks(v, v.caseSeen())
	return db.exists(ctx, `tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = c.record_id`, w)
}

func (db *DB) exists(ctx context.Context, from string, w where) (there bool, err error) {
	err = db.Get(ctx, &there, w.with()+`SELECT EXISTS (SELECT 1 FROM `+from+w.sql()+`)`, w.args...)
	return there, err
}
