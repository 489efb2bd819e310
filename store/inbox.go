package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// Boxes of tasks, as one person has them.
const (
	BoxTodo      = "todo"      // assigned to me, or a seat that I may fill
	BoxClaimable = "claimable" // open to several of us until one takes it
	BoxStarted   = "started"   // open, of cases that I started
	BoxCopied    = "copied"    // for my information, read or not
	BoxDone      = "done"      // decided by me
)

// Boxes are all of them.
var Boxes = []string{BoxTodo, BoxClaimable, BoxStarted, BoxCopied, BoxDone}

// boxRead is where the table inbox keeps the copies that were read. To people they are in [BoxCopied] still.
const boxRead = "read"

// TaskFilter says which box, and narrows it. Zero values narrow nothing.
type TaskFilter struct {
	Box       string
	Query     string // words of the case's number or subject, or of its record
	Process   string
	Record    string     // its id
	Late      *bool      // due before Now, or not
	Now       time.Time  // business time
	DueBefore *time.Time // business time
	Newest    bool       // of [BoxTodo] and [BoxClaimable]: what was opened last comes first
}

// newest says whether what came last comes first.
func (f TaskFilter) newest() bool { return f.Newest && (f.Box == BoxTodo || f.Box == BoxClaimable) }

// byDue says whether only what is due at some times is asked for.
func (f TaskFilter) byDue() bool { return f.Late != nil || f.DueBefore != nil }

// asked is a statement about somebody's box, in the making. It is read from rows of the table inbox, or, of what is done, from closed tasks.
type asked struct {
	where      // what the statement has for arguments, and what narrows the rows of the box
	box        string
	user       string
	late       *bool
	newest     bool   // else what is due first comes first
	principals string // place of the argument
	n          int    // of principals, as many as the statement has room for
}

// ask begins a statement.
func ask(v Viewer, f TaskFilter, p Page) *asked {
	a := &asked{box: f.Box, user: v.User, late: f.Late, newest: f.newest(), n: 1}
	if f.Box == BoxDone {
		a.askDone(v, f, p)
		return a
	}
	mine := []string{"user:" + v.User}
	if f.Box == BoxTodo || f.Box == BoxClaimable {
		for _, principal := range v.Principals {
			if principal != mine[0] {
				mine = append(mine, principal)
			}
		}
		a.n = roomFor(len(mine))
		a.and("NOT ?::text = ANY (i.excluded)", v.User)
	}
	a.principals = a.arg(pq.Array(mine)) + "::text[]"
	if f.Process != "" {
		a.and("i.process = ?", f.Process)
	}
	if f.Box != BoxCopied && !a.newest {
		a.narrowDue(f, "i.at")
	}
	if p.After != nil {
		beyond := "(i.at, i.task_id) > (?::timestamptz, ?)"
		switch {
		case a.newest:
			beyond = "(i.opened, i.task_id) < (?::timestamptz, ?)"
		case f.Box == BoxCopied:
			beyond = "(i.at, i.task_id) < (?::timestamptz, ?)"
		}
		a.and(beyond, orNever(p.After.At), p.After.ID)
	}
	return a
}

// askDone begins one about what is done, from the newest on.
func (a *asked) askDone(v Viewer, f TaskFilter, p Page) {
	a.and("t.decided_by = ?", v.User)
	a.conds = append(a.conds, `t.status = 'closed'`, `t.kind <> 'copy'`)
	if f.Process != "" {
		a.and("t.process = ?", f.Process)
	}
	if f.DueBefore != nil {
		a.and("t.due_at < ?", *f.DueBefore)
	}
	if p.After != nil {
		a.and("t.decided_at <= ? AND (t.decided_at < ? OR t.id > ?)", p.After.At, p.After.At, p.After.ID)
	}
}

// narrowDue leaves what is due at the times that are asked for. In the order of what is due they are a part of the walk; else what was walked is looked through.
func (a *asked) narrowDue(f TaskFilter, due string) {
	switch {
	case f.Late == nil:
	case *f.Late:
		a.and(due+" < ?", f.Now)
	default:
		a.and(due+" >= ?", f.Now)
	}
	if f.DueBefore != nil {
		a.and(due+" < ?", *f.DueBefore)
	}
}

// orNever is a moment as the table inbox keeps it: what is never due is due after everything else.
func orNever(at *time.Time) any {
	if at == nil {
		return "infinity"
	}
	return *at
}

// roomFor rounds a number of principals up, so that people of about as many share a statement, which is planned once per connection. Room that
// nobody takes costs nothing when it runs.
func roomFor(n int) int {
	room := 8
	for room < n {
		room *= 2
	}
	return room
}

// order is how a box is sorted: what is due first comes first, or what was opened last; of copies and of what is done, the newest.
func (a *asked) order(of string) string {
	switch {
	case a.box == BoxDone:
		return ` ORDER BY ` + of + `at DESC, ` + of + `task_id`
	case a.box == BoxCopied, a.newest:
		return ` ORDER BY ` + of + `at DESC, ` + of + `task_id DESC`
	}
	return ` ORDER BY ` + of + `at, ` + of + `task_id`
}

// walk gives the first tasks of a box as (at, task_id, case_id, due), in its order, each once. There is one ordered walk of an index per principal; PostgreSQL
// merges them and stops when it has enough, so that someone in 200 groups costs 200 looks and not 200 lists.
func (a *asked) walk(most int) string {
	limit := ` LIMIT ` + strconv.Itoa(most)
	var lists []string
	for k := range a.n {
		for _, part := range a.parts() {
			mine := ``
			if a.box != BoxDone {
				mine = `i.principal = (` + a.principals + `)[` + strconv.Itoa(k+1) + `]`
			}
			lists = append(lists, `(`+a.list(``, mine, part)+a.order("")+limit+`)`)
		}
	}
	each := ``
	if a.n > 1 { // it may be open to several of my groups
		each = `DISTINCT ON (u.at, u.task_id) `
	}
	return `SELECT ` + each + `u.at, u.task_id, u.case_id, u.due FROM (` + strings.Join(lists, ` UNION ALL `) + `) u` + a.order("u.") + limit
}

// among gives those tasks of a box that are of some cases, which a statement gives as k.id. Each case is looked up, however large the box is.
func (a *asked) among(cases string) string {
	var lists []string
	for _, part := range a.parts() {
		mine := ``
		if a.box != BoxDone {
			mine = `i.principal = ANY (` + a.principals + `)`
		}
		lists = append(lists, a.list(cases, mine, part))
	}
	return `SELECT DISTINCT u.at, u.task_id, u.case_id, u.due FROM (` + strings.Join(lists, ` UNION ALL `) + `) u`
}

// parts are the conditions of the lists that one principal's box is made of: each is in order by itself.
func (a *asked) parts() []string {
	const late = `coalesce(t.decided_at > t.due_at, false)`
	switch {
	case a.box == BoxDone && a.late == nil:
		return []string{late, `NOT ` + late}
	case a.box == BoxDone && *a.late:
		return []string{late}
	case a.box == BoxDone:
		return []string{`NOT ` + late}
	case a.box == BoxCopied:
		return []string{`i.box = '` + BoxCopied + `'`, `i.box = '` + boxRead + `'`}
	}
	return []string{`i.box = '` + a.box + `'`}
}

// list is one of the lists, of all cases or of some. Of some, it is made from what each case has, never by going through the box: OFFSET sees to that.
func (a *asked) list(cases string, conds ...string) string {
	columns, table, of := `i.at, i.task_id, i.case_id, i.at AS due`, `inbox`, ` i`
	switch {
	case a.box == BoxDone:
		columns, table, of = `t.decided_at AS at, t.id AS task_id, t.case_id, t.due_at AS due`, `tasks`, ` t`
	case a.newest:
		columns = `i.opened AS at, i.task_id, i.case_id, i.at AS due`
	}
	from := table + of
	if cases != `` {
		from = `(` + cases + `) k CROSS JOIN LATERAL (SELECT * FROM ` + table + ` WHERE case_id = k.id OFFSET 0)` + of
	}
	var w where
	for _, cond := range append(conds, a.conds...) {
		if cond != `` {
			w.conds = append(w.conds, cond)
		}
	}
	return `SELECT ` + columns + ` FROM ` + from + w.sql()
}
