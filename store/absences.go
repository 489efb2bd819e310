package store

import (
	"context"

	"github.com/lib/pq"
)

// Absence is somebody who is away from one day to another ("2006-01-02", business time), both included.
type Absence struct {
	ID        string         `db:"id"`
	User      string         `db:"user_id"`
	From      string         `db:"from_day"`
	To        *string        `db:"to_day"`    // nil: until further notice
	StandIn   *string        `db:"stand_in"`  // nil: nobody
	Processes pq.StringArray `db:"processes"` // empty: in all
	Cancelled bool           `db:"cancelled"`
	MadeBy    string         `db:"made_by"`
}

const absenceColumns = `a.id, a.user_id, to_char(a.from_day, 'YYYY-MM-DD') AS from_day, to_char(a.to_day, 'YYYY-MM-DD') AS to_day, a.stand_in, a.processes,
	a.cancelled, a.made_by`

// Absences lists absences that aren't over on a day, the newest first: of everybody, of one person, or those for which somebody stands in.
func (db *DB) Absences(ctx context.Context, user, standIn, day string, p Page) ([]Absence, *Place, error) {
	var rows []Absence
	err := db.Select(ctx, &rows, `SELECT `+absenceColumns+` FROM absences a
		WHERE ($1 = '' OR a.user_id = $1) AND ($2 = '' OR a.stand_in = $2) AND NOT a.cancelled AND (a.to_day IS NULL OR a.to_day >= $3::date) AND ($4::text IS NULL OR a.id < $4)
		ORDER BY a.id DESC LIMIT $5`, user, standIn, day, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(a Absence) Place { return Place{ID: a.ID} })
	return rows, next, err
}

// ComingAbsences are all that aren't over on a day, the newest first: what is asked while a case is advanced.
func (q querier) ComingAbsences(ctx context.Context, day string) ([]Absence, error) {
	var rows []Absence
	return rows, q.Select(ctx, &rows, `SELECT `+absenceColumns+` FROM absences a WHERE NOT a.cancelled AND (a.to_day IS NULL OR a.to_day >= $1::date)
		ORDER BY a.id DESC`, day)
}

// Absence reads one.
func (q querier) Absence(ctx context.Context, id string) (Absence, error) {
	var a Absence
	return a, q.Get(ctx, &a, `SELECT `+absenceColumns+` FROM absences a WHERE a.id = $1`, id)
}

// ChangingAbsences lets one transaction at a time change absences, and makes everybody read them anew.
func (tx *Tx) ChangingAbsences(ctx context.Context) error {
	_, err := tx.Exec(ctx, `UPDATE library SET absences = absences + 1`)
	return err
}

// SetAbsence writes an absence, a new one or anew. Its person's tasks are looked at again once it begins.
func (tx *Tx) SetAbsence(ctx context.Context, a Absence) error {
	_, err := tx.Exec(ctx, `INSERT INTO absences (id, user_id, from_day, to_day, stand_in, processes, cancelled, made_by)
		VALUES ($1, $2, $3::date, $4::date, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET from_day = excluded.from_day, to_day = excluded.to_day, stand_in = excluded.stand_in, processes = excluded.processes,
			cancelled = excluded.cancelled, begun = false`, a.ID, a.User, a.From, a.To, a.StandIn, a.Processes, a.Cancelled, a.MadeBy)
	return err
}

// BeginAbsences notes that absences have begun by a day, and gives whose.
func (tx *Tx) BeginAbsences(ctx context.Context, day string, limit int) ([]string, error) {
	var users []string
	return users, tx.Select(ctx, &users, `UPDATE absences a SET begun = true FROM (SELECT id FROM absences WHERE NOT begun AND NOT cancelled AND from_day <= $1::date
			ORDER BY from_day LIMIT $2 FOR UPDATE SKIP LOCKED) b
		WHERE a.id = b.id RETURNING a.user_id`, day, limit)
}

// OpenTo is whom a task is open to that nobody has yet: any of Candidates but those in Excluded.
type OpenTo struct {
	Case       string         `db:"case_id"`
	Candidates pq.StringArray `db:"candidates"`
	Excluded   pq.StringArray `db:"excluded"`
}

// OpenToSets are the tasks of some cases that are open to roles, groups, departments … and that nobody has yet, as far as the cases go on by themselves.
func (db *DB) OpenToSets(ctx context.Context, cases []string) ([]OpenTo, error) {
	var rows []OpenTo
	return rows, db.Select(ctx, &rows, `SELECT t.case_id, t.candidates, t.excluded FROM tasks t JOIN cases c ON c.id = t.case_id
		WHERE t.case_id = ANY ($1) AND t.status = 'open' AND t.assignee IS NULL AND t.candidates <> '{}' AND NOT t.vacant AND c.status = 'running' AND c.held IS NULL
		ORDER BY t.case_id, t.id`, pq.StringArray(cases))
}

// CasesAsking are the open cases in which somebody has a task, be it one that waits for an opinion, or might fill the seat of one.
func (tx *Tx) CasesAsking(ctx context.Context, user string) ([]string, error) {
	principals, err := tx.PrincipalsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(principals))
	for i, p := range principals {
		list[i] = string(p)
	}
	var ids []string
	return ids, tx.Select(ctx, &ids, `SELECT DISTINCT case_id FROM inbox WHERE principal = ANY ($1) AND box IN ('todo', 'claimable', 'waits') ORDER BY 1`, pq.StringArray(append(list, "user:"+user)))
}
