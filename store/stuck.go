package store

import (
	"context"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// What keeps a case, or news of one, from going on by itself.
const (
	StuckHeld   = "held"   // the case is on hold: it can't do its next step
	StuckVacant = "vacant" // nobody was found for a task
	StuckLate   = "late"   // a moment of the case passed and nobody woke it
	StuckUntold = "untold" // what must reach somebody else is still here
	StuckLetter = "letter" // somebody outside is asked by a letter that couldn't be delivered
)

// Stuck is one thing that doesn't go on by itself.
type Stuck struct {
	ID      string              `db:"id"` // names it in a page's place
	What    string              `db:"what"`
	Since   time.Time           `db:"since"` // business time
	Why     *JSON[process.Text] `db:"why"`   // held and vacant say it themselves
	Topic   *string             `db:"topic"` // untold: of the outbox, or [StuckRequest]
	Task    *string             `db:"task"`
	Step    *string             `db:"step"`
	Case    *string             `db:"case_id"` // nil: news that is to start one
	Number  *string             `db:"number"`
	Subject *string             `db:"subject"`
	Process *string             `db:"process"`
}

// StuckBefore says how long something must have waited to be called stuck: moments that passed before Business, news that was written before Real.
type StuckBefore struct {
	Business time.Time
	Real     time.Time
}

// StuckRequest stands for the topic of a call to another system that nothing has taken up.
const StuckRequest = "request"

// created is when a row of the table o was written, in business time.
const created = `coalesce(k.anchor_business + (o.created_real - k.anchor_real) * k.scale, o.created_real)`

// leftWhy is why a task of somebody who has left is stuck.
const leftWhy = `json_build_object('zh', coalesce(u.name->>'zh', u.name->>'en', u.id) || ' 已离职或停用，任务无人接手',
	'en', coalesce(u.name->>'en', u.name->>'zh', u.id) || ' has left or is inactive, and nobody has taken it over')`

// stuckParts are the sorts of what is stuck: where each stands, since when, and what there is to say of it. Each is read in the order of an index.
var stuckParts = []struct{ what, since, id, columns, from string }{
	{StuckHeld, `coalesce(t.opened_at, c.started_at)`, `c.id`, `c.held AS why, NULL::text AS topic, t.id AS task, t.step AS step, c.id AS case_id`,
		`cases c LEFT JOIN tasks t ON t.case_id = c.id AND t.kind = 'held' AND t.status = 'open' WHERE c.held IS NOT NULL`},
	{StuckVacant, `t.opened_at`, `t.id`, `t.why, NULL::text, t.id, t.step, t.case_id`,
		`tasks t JOIN cases c ON c.id = t.case_id AND c.status = 'running' AND c.held IS NULL WHERE t.status = 'open' AND t.vacant`},
	{StuckVacant, `t.opened_at`, `t.id`, leftWhy + ` AS why, NULL::text, t.id, t.step, t.case_id`,
		`users u JOIN inbox i ON i.principal = 'user:' || u.id AND i.box IN ('todo', 'waits') JOIN tasks t ON t.id = i.task_id AND t.assignee = u.id
			JOIN cases c ON c.id = t.case_id AND c.status = 'running' AND c.held IS NULL WHERE NOT u.active`},
	{StuckLate, `m.at`, `m.case_id`, `NULL::json, NULL::text, NULL::text, NULL::text, m.case_id`, `moments m WHERE m.at < {business}`},
	{StuckUntold, created, `o.topic || '/' || o.key`, `NULL::json, o.topic, NULL::text, NULL::text, o.payload->>'case'`,
		`outbox o LEFT JOIN clock k ON true WHERE o.created_real < {real}`},
	{StuckUntold, created, `'` + StuckRequest + `/' || o.call`, `NULL::json, '` + StuckRequest + `', NULL::text, o.step, o.case_id`,
		`requests o LEFT JOIN clock k ON true WHERE o.status = 'waiting' AND o.started_real IS NULL AND o.created_real < {real}`},
	{StuckLetter, `coalesce(k.anchor_business + (n.mail_since_real - k.anchor_real) * k.scale, n.mail_since_real)`, `n.id`, `NULL::json, NULL::text, n.task, n.step, n.case_id`,
		`notifications n JOIN tasks t ON t.id = n.task AND t.status = 'open' LEFT JOIN clock k ON true WHERE n.mail = '` + MailUndelivered + `'
			AND NOT EXISTS (SELECT 1 FROM notifications l WHERE l.to_user = n.to_user AND l.id > n.id AND l.task = n.task AND l.mail IN ('` + MailUndelivered + `', '` + MailSent + `'))`},
}

// Stuck lists what doesn't go on by itself, what has waited longest first, with the place to go on from; nil at the end.
func (db *DB) Stuck(ctx context.Context, before StuckBefore, p Page) ([]Stuck, *Place, error) {
	var w where
	names := strings.NewReplacer("{business}", w.arg(before.Business), "{real}", w.arg(before.Real))
	after := ""
	if p.After != nil {
		at, id := w.arg(p.After.At), w.arg(p.After.ID)
		after = ` AND {since} >= ` + at + `::timestamptz AND ({since} > ` + at + ` OR {id} > ` + id + `)`
	}
	var parts []string
	for _, part := range stuckParts {
		id := `'` + part.what + `/' || ` + part.id
		own := strings.NewReplacer("{since}", part.since, "{id}", id)
		parts = append(parts, `(SELECT `+id+` AS id, '`+part.what+`' AS what, `+part.since+` AS since, `+part.columns+
			` FROM `+names.Replace(part.from)+own.Replace(after)+` ORDER BY 3, 1`+p.limit()+`)`)
	}
	var rows []Stuck
	err := db.Select(ctx, &rows, `SELECT s.*, c.number, c.subject, c.process FROM (`+strings.Join(parts, ` UNION ALL `)+`) s
		LEFT JOIN cases c ON c.id = s.case_id ORDER BY s.since, s.id`+p.limit(), w.args...)
	rows, next := cut(rows, p.Limit, func(s Stuck) Place { return Place{At: &s.Since, ID: s.ID} })
	return rows, next, err
}

// CountStuck counts what doesn't go on by itself, by its sort.
func (db *DB) CountStuck(ctx context.Context, before StuckBefore) (map[string]int, error) {
	var w where
	names := strings.NewReplacer("{business}", w.arg(before.Business), "{real}", w.arg(before.Real))
	var parts []string
	for _, part := range stuckParts {
		parts = append(parts, `SELECT '`+part.what+`' AS what, count(*) AS n FROM `+names.Replace(part.from))
	}
	var rows []struct {
		What string `db:"what"`
		N    int    `db:"n"`
	}
	err := db.Select(ctx, &rows, strings.Join(parts, ` UNION ALL `), w.args...)
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.What] += r.N
	}
	return counts, err
}
