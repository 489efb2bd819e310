package store

import (
	"context"
	"strconv"
	"time"
)

// MostCounted is how far boxes are counted: a box of more has at least so many.
const MostCounted = 1000

// BoxCount is how many tasks a box holds: of the copied ones, those not read yet.
type BoxCount struct {
	Box  string `db:"-"`
	N    int    `db:"n"`    // [MostCounted]: so many, or more
	Late int    `db:"late"` // of them; of what is done, what was late

	Cases     int `db:"cases"` // of [BoxStarted]: one's cases that haven't ended, whether or not anybody has a task there
	LateCases int `db:"late_cases"`
}

// CountTasks counts one person's boxes at a business moment.
func (db *DB) CountTasks(ctx context.Context, v Viewer, now time.Time) ([]BoxCount, error) {
	counts := make([]BoxCount, len(Boxes))
	for i, box := range Boxes {
		counts[i].Box = box
		a := ask(v, TaskFilter{Box: box}, Page{})
		if err := db.byKey.Get(ctx, &counts[i], a.count(now), a.args...); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// count is the statement that counts a box. What is late comes first in it, so that it is counted too, however many more there are.
func (a *asked) count(now time.Time) string {
	switch a.box {
	case BoxDone:
		return a.countDone()
	case BoxCopied:
		a.conds = append(a.conds, `i.box = '`+BoxCopied+`'`)
		return `SELECT count(*) AS n, 0 AS late FROM (` + a.walk(MostCounted) + `) u`
	}
	late := a.arg(now)
	if a.box == BoxStarted {
		mine := `SELECT 1 FROM cases c WHERE c.initiator = ` + a.arg(a.user) + ` AND c.status <> 'ended' LIMIT ` + strconv.Itoa(MostCounted)
		return `SELECT count(*) AS n, count(*) FILTER (WHERE u.at < ` + late + `) AS late, count(DISTINCT u.case_id) FILTER (WHERE u.at < ` + late + `) AS late_cases,
			(SELECT count(*) FROM (` + mine + `) m) AS cases FROM (` + a.walk(MostCounted) + `) u`
	}
	return `SELECT count(*) AS n, count(*) FILTER (WHERE u.at < ` + late + `) AS late FROM (` + a.walk(MostCounted) + `) u`
}

// countDone counts what was late and what wasn't, each as far as all of it.
func (a *asked) countDone() string {
	yes, no := true, false
	a.late = &yes
	late := `(SELECT count(*) FROM (` + a.walk(MostCounted) + `) u)`
	a.late = &no
	rest := `(SELECT count(*) FROM (` + a.walk(MostCounted) + `) u)`
	return `SELECT least(x.late + x.rest, ` + strconv.Itoa(MostCounted) + `) AS n, x.late FROM (SELECT ` + late + ` AS late, ` + rest + ` AS rest) x`
}
