package store

import (
	"context"
	"fmt"
	"strings"
)

// softwareName is what a session of this software calls itself: with the newest format of states that it understands, so that the database knows who
// works on it. Sessions of v0.2.0 and before have no number.
func softwareName(format int, given string) string {
	return strings.TrimSpace(fmt.Sprintf("crmflow/%d %s", format, given))
}

// OlderSoftware counts the sessions on this database of software that doesn't understand a format of states. A process that hasn't asked the database
// for minutes may have none.
func (q querier) OlderSoftware(ctx context.Context, format int) (int, error) {
	var n int
	return n, q.Get(ctx, &n, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND CASE
		WHEN application_name ~ '^crmflow( |$)' THEN true
		WHEN application_name ~ '^crmflow/[0-9]{1,5}( |$)' THEN substring(application_name from '^crmflow/([0-9]+)')::integer < $1
		ELSE false END`, format)
}
