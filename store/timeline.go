package store

import (
	"encoding/json"
	"time"
)

// TimelineRow is one entry of what happened to a case. It is never changed.
type TimelineRow struct {
	CaseID  string          `db:"case_id" json:"case_id"`
	Seq     int             `db:"seq" json:"seq"`
	At      time.Time       `db:"at" json:"at"`
	Event   string          `db:"event" json:"event"`
	Step    *string         `db:"step" json:"step"`
	Item    *string         `db:"item" json:"item"`
	Task    *string         `db:"task" json:"task"`
	By      *string         `db:"by" json:"by"`
	For     *string         `db:"for_user" json:"for_user"`
	Outcome *string         `db:"outcome" json:"outcome"`
	Comment *string         `db:"comment" json:"comment"`
	Reason  *string         `db:"reason" json:"reason"`
	Data    json.RawMessage `db:"data" json:"data"`
}

var timelineColumns = columns{"case_id", "seq", "at", "event", "step", "item", "task", "by", "for_user", "outcome", "comment", "reason"}

// TimelineColumns is a SELECT list for [TimelineRow], of the table aliased l. No data reads as JSON's null.
var TimelineColumns = timelineColumns.of("l") + `, coalesce(l.data, 'null') AS data`

const insertTimeline = `INSERT INTO timeline (case_id, seq, at, event, step, item, task, by, for_user, outcome, comment, reason, data)
	SELECT * FROM json_to_recordset($13) AS l (case_id text, seq integer, at timestamptz, event text, step text, item text, task text,
		by text, for_user text, outcome text, comment text, reason text, data json)`
