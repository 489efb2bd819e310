package store

import "context"

// TopicCall is the topic of what cases ask of cases: to begin, to end, to hear how one has ended.
const TopicCall = "call"

var lockCaseOfCall = `SELECT ` + caseColumns.in("c") + `, c.foreseen, ` + recordColumns.in("r") + `, ` + presentColumns + `
	FROM cases c JOIN records r ON r.id = c.record_id ` + presentJoin + `
	WHERE c.parent = $1 AND c.call = $2 FOR UPDATE OF c, r`

// LockCaseOfCall is [Tx.LockCase] for the case that a call of another case has started.
func (tx *Tx) LockCaseOfCall(ctx context.Context, parent, call string) (LockedCase, error) {
	var l LockedCase
	return l, tx.Get(ctx, &l, lockCaseOfCall, parent, call)
}

// Case reads a case as it stands, not locked.
func (tx *Tx) Case(ctx context.Context, id string) (CaseRow, error) {
	var c CaseRow
	return c, tx.Get(ctx, &c, `SELECT `+CaseColumns+` FROM cases c WHERE c.id = $1`, id)
}

// CallDepth is how many calls stand above a case, as far as is counted: 0 for one that nobody called.
func (tx *Tx) CallDepth(ctx context.Context, id string, most int) (int, error) {
	var depth int
	return depth, tx.Get(ctx, &depth, `WITH RECURSIVE up (id, n) AS (
			SELECT parent, 0 FROM cases WHERE id = $1
			UNION ALL SELECT c.parent, up.n + 1 FROM up JOIN cases c ON c.id = up.id WHERE up.n < $2)
		SELECT max(n) FROM up`, id, most)
}

// WaitsInOutbox says whether a row stands in the outbox.
func (tx *Tx) WaitsInOutbox(ctx context.Context, topic, key string) (bool, error) {
	var there bool
	return there, tx.Get(ctx, &there, `SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = $1 AND key = $2)`, topic, key)
}

// PutOffOutbox leaves a row in the outbox until later, with another payload; [ErrNotFound] when it is there no more.
func (tx *Tx) PutOffOutbox(ctx context.Context, row OutboxRow) error {
	n, err := tx.Exec(ctx, `UPDATE outbox SET payload = $3, due_real = $4 WHERE topic = $1 AND key = $2`, row.Topic, row.Key, string(row.Payload), row.Due)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// Kin is a case that another one called, or that called another one.
type Kin struct {
	ID      string  `db:"id"`
	Number  string  `db:"number"`
	Process string  `db:"process"`
	Status  string  `db:"status"`
	Outcome *string `db:"outcome"`
	Call    *string `db:"call"` // of the child: which call of its parent
	Step    *string `db:"step"` // of the child: the step of its parent that called it
}

// Parent reads the case that called a case, as far as the viewer may see it; nil when nobody called it. Call and Step are those of the call.
func (db *DB) Parent(ctx context.Context, v Viewer, id string) (*Kin, error) {
	var w where
	w.and("child.id = ?", id)
	list, err := db.kin(ctx, v, w, `cases child JOIN cases c ON c.id = child.parent`, "child")
	if len(list) == 0 {
		return nil, err
	}
	return &list[0], err
}

// Children reads the cases that a case has called, as far as the viewer may see them, in the order in which they started.
func (db *DB) Children(ctx context.Context, v Viewer, id string) ([]Kin, error) {
	var w where
	w.and("c.parent = ?", id)
	return db.kin(ctx, v, w, `cases c`, "c")
}

// maxKin bounds how many children of one case are shown.
const maxKin = "500"

func (db *DB) kin(ctx context.Context, v Viewer, w where, from, child string) ([]Kin, error) {
	w.asks(v, v.caseSeen())
	var list []Kin
	return list, db.Select(ctx, &list, w.with()+`SELECT c.id, c.number, c.process, c.status, c.outcome, `+child+`.call, `+child+`.call_step AS step
		FROM `+from+` JOIN records r ON r.id = c.record_id`+w.sql()+` ORDER BY c.started_at, c.id LIMIT `+maxKin, w.args...)
}
