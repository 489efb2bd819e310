package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"
)

// TaskInCase is a task with its case and the record they are about.
type TaskInCase struct {
	Task   TaskRow   `db:"t"`
	Case   CaseRow   `db:"c"`
	Record RecordRow `db:"r"`
}

var taskInCaseColumns = TaskColumnsIn + ", " + CaseColumnsIn + ", " + RecordColumnsIn

// How many tasks of a box are looked at for the ones that words are in: at first so many for each that a page holds, since most words are in one's own
// tasks or in few; and so many when the words are in many tasks of others. A page that isn't full then says where to go on.
const (
	lookedAtFirst = 20
	lookedAt      = 5_000
)

// How many tasks of a box that is read from the newest on are looked at for those that are due at some times: so many for each that a page holds, and no fewer
// than these.
const (
	newestLookedAt = 10
	newestAtLeast  = 500
)

// Tasks lists one person's box: what is due first comes first, or what was opened last; in the boxes of copies and of what is done the newest. The place is where
// to go on from; nil at the end. With words to find, and of what is due at some times from the newest on, a page may hold fewer than asked for though it isn't the last.
func (db *DB) Tasks(ctx context.Context, v Viewer, f TaskFilter, p Page) ([]TaskInCase, *Place, error) {
	if f.Box == BoxCopied && (f.DueBefore != nil || f.Late != nil && *f.Late) {
		return nil, nil, nil // copies are never due
	}
	s, searched := searchFor(f.Query)
	switch {
	case f.Record != "":
		return db.tasksOf(ctx, v, f, p, s, nil, []string{f.Record})
	case !searched && f.newest() && f.byDue():
		rows, next, _, err := db.lookThrough(ctx, v, f, p, s, max(newestAtLeast, newestLookedAt*p.Limit))
		return rows, next, err
	case !searched:
		a := ask(v, f, p)
		return db.taskPage(ctx, a, p, a.walk(p.Limit+1))
	}
	rows, next, through, err := db.lookThrough(ctx, v, f, p, s, lookedAtFirst*p.Limit)
	if err != nil || through {
		return rows, next, err
	}
	cases, records, few, err := s.casesAndRecords(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	if few {
		return db.tasksOf(ctx, v, f, p, s, cases, records)
	}
	rows, next, _, err = db.lookThrough(ctx, v, f, p, s, lookedAt)
	return rows, next, err
}

// tasksOf lists the tasks of a box that are of some cases, or of cases on some records.
func (db *DB) tasksOf(ctx context.Context, v Viewer, f TaskFilter, p Page, s search, cases, records []string) ([]TaskInCase, *Place, error) {
	a := ask(v, f, p)
	of := `SELECT k.id FROM cases k WHERE k.record_id = ANY (` + a.arg(pq.StringArray(records)) + `)`
	if len(cases) > 0 {
		of += ` UNION SELECT unnest(` + a.arg(pq.StringArray(cases)) + `::text[])`
	}
	list := a.among(of)
	return db.taskPage(ctx, a, p, list, a.found(v, f, s)...)
}

// lookThrough lists the tasks of a box that words are in, or that are due at some times, of the first so many. It is through when there is a page of them, or no more in the box.
func (db *DB) lookThrough(ctx context.Context, v Viewer, f TaskFilter, p Page, s search, most int) (rows []TaskInCase, next *Place, through bool, err error) {
	a := ask(v, f, p)
	list := a.walk(most)
	rows, next, err = db.taskPage(ctx, a, p, list, a.found(v, f, s)...)
	if err != nil || next != nil {
		return rows, next, err == nil, err
	}
	var last []struct {
		At *time.Time `db:"at"`
		ID string     `db:"task_id"`
	}
	a = ask(v, f, p)
	err = db.byKey.Select(ctx, &last, `SELECT nullif(u.at, 'infinity') AS at, u.task_id FROM (`+a.walk(most)+`) u`+a.order("u.")+` OFFSET `+strconv.Itoa(most-1), a.args...)
	if err != nil || len(last) == 0 {
		return rows, nil, err == nil, err
	}
	return rows, &Place{At: last[0].At, ID: last[0].ID}, false, nil
}

// found are the conditions that the words are in a case or its record, and of what is read from the newest on that it is due at the times that are asked for; none
// when nothing is sought. It is called once for a statement.
func (a *asked) found(v Viewer, f TaskFilter, s search) []string {
	own := len(a.conds)
	if a.newest {
		a.narrowDue(f, "u.due")
	}
	a.asks(v, s.each(&a.where, v.inCase)...)
	found := slices.Clone(a.conds[own:])
	a.conds = a.conds[:own]
	return found
}

// taskPage reads the page that begins a list of (at, task_id, case_id, due).
func (db *DB) taskPage(ctx context.Context, a *asked, p Page, list string, conds ...string) ([]TaskInCase, *Place, error) {
	only := where{conds: conds}
	var rows []TaskInCase
	err := db.byKey.Select(ctx, &rows, a.with()+`SELECT `+taskInCaseColumns+` FROM (`+list+`) u JOIN cases c ON c.id = u.case_id JOIN records r ON r.id = c.record_id JOIN tasks t ON t.id = u.task_id`+only.sql()+
		a.order("u.")+p.limit(), a.args...)
	rows, next := cut(rows, p.Limit, a.place)
	return rows, next, err
}

// place is where a page of the box ended.
func (a *asked) place(row TaskInCase) Place {
	switch {
	case a.box == BoxDone:
		return Place{At: row.Task.DecidedAt, ID: row.Task.ID}
	case a.box == BoxCopied, a.newest:
		return Place{At: &row.Task.OpenedAt, ID: row.Task.ID}
	}
	return Place{At: row.Task.DueAt, ID: row.Task.ID}
}

// TaskInCase reads one task with its case and record.
func (q querier) TaskInCase(ctx context.Context, id string) (TaskInCase, error) {
	var row TaskInCase
	err := q.Get(ctx, &row, `SELECT `+taskInCaseColumns+` FROM tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = c.record_id WHERE t.id = $1`, id)
	return row, err
}
