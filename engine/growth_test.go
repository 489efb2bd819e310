package engine

import (
	"context"
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// older is a session of an older software on the database of a world, until it is closed.
func (w *world) older(name string) (closed func()) {
	w.t.Helper()
	var address struct {
		Database string `db:"database"`
		Sockets  string `db:"sockets"`
		Port     string `db:"port"`
		User     string `db:"user"`
	}
	require.NoError(w.t, w.db.Get(w.ctx, &address, `SELECT current_database() AS database, current_user AS user,
		current_setting('port') AS port, split_part(current_setting('unix_socket_directories'), ',', 1) AS sockets`))
	db, err := sql.Open("postgres", "host="+address.Sockets+" port="+address.Port+" user="+address.User+" dbname="+address.Database+" sslmode=disable application_name="+name)
	require.NoError(w.t, err)
	require.NoError(w.t, db.Ping())
	return func() {
		require.NoError(w.t, db.Close())
		require.Eventually(w.t, func() bool {
			n, err := w.db.OlderSoftware(context.Background(), process.StateFormat)
			return err == nil && n == 0
		}, 10*time.Second, 10*time.Millisecond, "the session is gone")
	}
}

// What an older software would run and lose isn't published while it works on the database; what it can carry out is, and is written as it reads it.
func TestAFormatIsWrittenOnlyOnceEverybodyUnderstandsIt(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	for _, name := range []string{"crmflow", "crmflow/2"} {
		closed := w.older(name)
		list, problems := w.publish([]process.File{{Path: "projects.yaml", Content: projects}})
		require.Empty(t, list)
		problems = slices.DeleteFunc(problems, func(p process.Problem) bool { return p.Warning })
		for _, p := range problems {
			require.Contains(t, p.Message.EN, "an older crmflow still works on this database")
		}
		require.Len(t, problems, 3, "project, check and tour call; look, visit and memo don't")
		list, problems = w.publish(edited("review.yaml", "en: Review", "en: A review "+name))
		require.NotEmpty(t, list, "%v", problems)
		closed()
	}
	list, problems := w.publish([]process.File{{Path: "projects.yaml", Content: projects}})
	require.NotEmpty(t, list, "%v", problems)

	project, check, look := w.checked("one")
	memo := w.begins("visit", "two")
	for a, format := range map[*Answer]int{&project: process.FormatCalls, &check: process.FormatCalls, &look: process.FormatCalls, &memo: process.FormatPlain} {
		st, err := decodeState(w.row(*a).State)
		require.NoError(t, err)
		require.Equal(t, format, st.Format, a.Case.Process)
	}
}
