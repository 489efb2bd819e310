package engine

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxComplaint is what a finished complaint may take in our tables: rows, their indexes, and what updates left behind. The answers under its requests'
// keys, which are forgotten after a day, come on top.
const maxComplaint = 60 << 10

// keyed does what [world.does] does, under a key of its own, as every program and the page do.
func (w *world) keyed(a Answer, user, step, item string, c ActCommand) Answer {
	w.t.Helper()
	c.Task = at(w.t.(*testing.T), a, step, item).Task
	r := by(user)
	r.Key = rand.Text()
	next, err := w.Act(w.ctx, r, c)
	require.NoError(w.t, err)
	return next
}

// finishComplaint takes a complaint through two departments, one of which looks again and whose clock stood still meanwhile.
func (w *world) finishComplaint(customer process.Reference) Answer {
	w.t.Helper()
	a := w.complain(customer)
	find := func(user, department string) {
		a = w.keyed(a, user, "cause", department, ActCommand{Act: process.EventClaim})
		a = w.keyed(a, user, "cause", department, ActCommand{Act: process.EventComplete, Outcome: "found", Fields: map[string]any{"finding": "供应商换料，未通知我方", "measure": "退回该批次，恢复进厂复检"}})
	}
	a = w.keyed(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventClaim})
	a = w.keyed(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventStopClock, Reason: "waiting_for_supplier", Comment: "样品在路上"})
	a = w.keyed(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventStartClock})
	a = w.keyed(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventRelease})
	find("guo.yong", "production")
	find("zhu.lin", "purchasing")
	a = w.keyed(a, "xu.lei", "confirm", "", ActCommand{Act: process.EventReturn, Items: []string{"purchasing"}, Comment: "没有证据，请附上供应商的说明"})
	find("zhu.lin", "purchasing")
	a = w.keyed(a, "xu.lei", "confirm", "", ActCommand{Act: process.EventApprove})
	return w.keyed(a, "li.na", "answer", "", ActCommand{Act: process.EventComplete, Outcome: "closed", Fields: map[string]any{"answer": "已换货，并附检测报告"}})
}

func TestAFinishedComplaintIsSmall(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	size := func() (bytes int64) {
		require.NoError(t, w.db.Get(w.ctx, &bytes, `SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname <> 'request_keys'`))
		return bytes
	}
	finish := func() {
		a := w.finishComplaint(customer)
		require.Equal(t, "closed", a.Case.Outcome)
		_, err := w.db.Exec(w.ctx, `DELETE FROM outbox WHERE topic = $1`, store.TopicCase) // heard
		require.NoError(t, err)
		_, err = w.db.Exec(w.ctx, `DELETE FROM news`) // read by everybody, and swept
		require.NoError(t, err)
		_, err = w.db.Exec(w.ctx, `VACUUM`) // as it happens by itself in a database that lives longer than this test
		require.NoError(t, err)
	}
	const many = 25 // pages are 8 kB each
	finish()        // and the maps of free space that the first VACUUM makes, 32 kB for each table, are of no complaint
	before := size()
	for range many {
		finish()
	}
	each := (size() - before) / many
	t.Logf("%d bytes for each complaint", each)
	require.Less(t, each, int64(maxComplaint))
}
