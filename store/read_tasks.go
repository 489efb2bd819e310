package store

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"
)

// TaskInCase is a task with its case and the record they are about.
type TaskInCase struct {
	Task   TaskRow   `db:"t"`
	Case   CaseRow   `db:"c"`
	Record RecordRow `db:"r"`
}

var taskInCase = `SELECT ` + TaskColumnsIn + ", " + CaseColumnsIn + ", " + RecordColumnsIn + `
	FROM tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = c.record_id `

// Boxes of tasks, as one person has them.
const (
	BoxTodo      = "todo"      // assigned to me, or a seat that I may fill
	BoxClaimable = "claimable" // open to several of us until one takes it
	BoxDone      = "done"      // decided by me
	BoxStarted   = "started"   // open, of cases that I started
)

// boxes are the conditions of the boxes. A box of two sorts of tasks is read as two lists, each in the order of its own index.
var boxes = map[string][]string{
	BoxTodo: {
		`t.status = 'open' AND t.assignee = {user}`,
		`t.status = 'open' AND t.assignee IS NULL AND NOT t.claim AND t.candidates && {principals}::text[] AND NOT {user} = ANY (t.excluded)`,
	},
	BoxClaimable: {`t.status = 'open' AND t.assignee IS NULL AND t.claim AND t.candidates && {principals}::text[] AND NOT {user} = ANY (t.excluded)`},
	BoxDone:      {`t.status = 'closed' AND t.decided_by = {user}`},
	BoxStarted:   {`t.status = 'open' AND c.initiator = {user} AND c.status <> 'ended'`},
}

// TaskFilter says which box, and narrows it. Zero values narrow nothing.
type TaskFilter struct {
	Box       string
	Query     string // a word of the case's number or subject
	Process   string
	Record    string     // its id
	Late      *bool      // due before Now, or not
	Now       time.Time  // business time
	DueBefore *time.Time // business time
}

// where gives the conditions that narrow a box.
func (f TaskFilter) where(p Page) where {
	var w where
	if word := like(f.Query); word != "" {
		w.and("(c.number ILIKE ? OR c.subject ILIKE ?)", word, word)
	}
	if f.Process != "" {
		w.and("c.process = ?", f.Process)
	}
	if f.Record != "" {
		w.and("c.record_id = ?", f.Record)
	}
	if f.Late != nil {
		w.and("coalesce(t.due_at < coalesce(t.decided_at, ?::timestamptz), false) = ?", f.Now, *f.Late)
	}
	if f.DueBefore != nil {
		w.and("t.due_at < ?", *f.DueBefore)
	}
	switch {
	case p.After == nil:
	case f.Box == BoxDone:
		w.and("t.decided_at <= ? AND (t.decided_at < ? OR t.id > ?)", p.After.At, p.After.At, p.After.ID)
	case p.After.At == nil:
		w.and("t.due_at IS NULL AND t.id > ?", p.After.ID)
	default:
		w.and("(t.due_at IS NULL OR t.due_at > ? OR (t.due_at = ? AND t.id > ?))", p.After.At, p.After.At, p.After.ID)
	}
	return w
}

// Tasks lists one person's box: what is due first comes first, in the box of what is done the newest. The place is where to go on from; nil at the end.
func (db *DB) Tasks(ctx context.Context, v Viewer, f TaskFilter, p Page) ([]TaskInCase, *Place, error) {
	order := func(of string) string { return ` ORDER BY ` + of + `.due_at, ` + of + `.id` }
	place := func(t TaskInCase) Place { return Place{At: t.Task.DueAt, ID: t.Task.ID} }
	if f.Box == BoxDone {
		order = func(of string) string { return ` ORDER BY ` + of + `.decided_at DESC, ` + of + `.id` }
		place = func(t TaskInCase) Place { return Place{At: t.Task.DecidedAt, ID: t.Task.ID} }
	}
	w := f.where(p)
	names := strings.NewReplacer("{user}", w.arg(v.User)+"::text", "{principals}", w.arg(pq.Array(append([]string{}, v.Principals...))))
	var lists []string
	for _, cond := range boxes[f.Box] {
		one := where{conds: append([]string{names.Replace(cond), names.Replace("{principals}::text[] IS NOT NULL")}, w.conds...)}
		lists = append(lists, `(SELECT t.id, t.due_at, t.decided_at FROM tasks t JOIN cases c ON c.id = t.case_id`+one.sql()+order("t")+p.limit()+`)`)
	}
	var rows []TaskInCase
	err := db.Select(ctx, &rows, `WITH page AS (SELECT p.id FROM (`+strings.Join(lists, ` UNION ALL `)+`) p`+order("p")+p.limit()+`) `+
		taskInCase+`JOIN page ON page.id = t.id`+order("t"), w.args...)
	rows, next := cut(rows, p.Limit, place)
	return rows, next, err
}

// TaskInCase reads one task with its case and record.
func (db *DB) TaskInCase(ctx context.Context, id string) (TaskInCase, error) {
	var row TaskInCase
	err := db.Get(ctx, &row, taskInCase+`WHERE t.id = $1`, id)
	return row, err
}
