package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// takeOfV040 is how v0.4.0 takes what is to be sent: it knows nobody without an account, and drops what is for them.
const takeOfV040 = `UPDATE notifications n SET mail_due_real = $2, mail = CASE WHEN b.wanted THEN n.mail ELSE 'dropped' END
	FROM (SELECT w.id, coalesce(u.active AND u.email <> '', false) AND w.read_at IS NULL AND coalesce(t.status = 'open', true)
			AND NOT EXISTS (SELECT 1 FROM channels_off o WHERE o.user_id = w.to_user AND o.channel = 'email') AS wanted
		FROM notifications w LEFT JOIN users u ON u.id = w.to_user LEFT JOIN tasks t ON t.id = w.task
		WHERE w.mail = 'waiting' AND w.mail_due_real <= $1 ORDER BY w.mail_due_real LIMIT $3 FOR UPDATE OF w SKIP LOCKED) b
	WHERE n.id = b.id RETURNING n.id, n.mail`

// forgetOfV040 is how a v0.4.0 without a mail server forgets what waits for one.
const forgetOfV040 = `UPDATE notifications n SET mail = 'over'
	FROM (SELECT id FROM notifications WHERE mail = 'waiting' AND mail_since_real < $1 ORDER BY mail_due_real LIMIT $2 FOR UPDATE SKIP LOCKED) b
	WHERE n.id = b.id`

// A worker of the release before, running beside this one, leaves letters to people without an account alone, and goes on sending all others.
func TestGrowthTheReleaseBeforeLeavesLettersOutsideAlone(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	kase(t, db, "c1", true, []store.TaskRow{{ID: "t1", CaseID: "c1", Kind: "approve", Status: store.TaskOpen, OpenedAt: noon, Process: ptr("p")}})
	exec(t, db, `INSERT INTO users (id, name, email) VALUES ('li.na', '{"en": "Li Na"}', 'li.na@example.com')`)
	told := func(to, address string) (id int64) {
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.SaveCase(t.Context(), store.CaseWrite{Case: store.CaseRow{ID: "c1", Status: "running", State: []byte(`{}`)}, Notifications: []store.NotificationRow{
				{To: to, At: noon, About: "opened", CaseID: "c1", Task: ptr("t1"), Text: store.Of(process.Same("x")), Key: to, Address: address}}})
		}))
		require.NoError(t, db.Get(t.Context(), &id, `SELECT id FROM notifications WHERE key = $1`, to))
		return id
	}
	letter, mail := told("outside:王强", "wang@supplier.example"), told("li.na", "")
	later := time.Now().Add(time.Hour)
	var taken []store.TakenMail
	require.NoError(t, db.Select(t.Context(), &taken, takeOfV040, later, later, 10))
	require.Equal(t, []store.TakenMail{{ID: mail, Mail: store.MailWaiting}}, taken)
	exec(t, db, strings.NewReplacer("$1", "now() + interval '1 hour'", "$2", "10").Replace(forgetOfV040))
	taken, err := db.TakeMail(t.Context(), later, later, 10)
	require.NoError(t, err)
	require.Equal(t, []store.TakenMail{{ID: letter, Mail: store.MailOutside}}, taken)

	channel, err := db.Channel(t.Context(), store.ChannelEmail, "li.na")
	require.NoError(t, err)
	require.Equal(t, 1, channel.Waiting)
	var plan []string
	require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		return tx.Select(t.Context(), &plan, `EXPLAIN SELECT id FROM notifications WHERE mail = 'waiting' AND mail_due_real <= now() ORDER BY mail_due_real LIMIT 10`)
	}))
	require.Contains(t, strings.Join(plan, "\n"), "notifications_letters", "the release before finds its own by the index, too")
}

// Where somebody outside is written to is kept for as long as the letter waits, and no longer: whether it was sent, refused, dropped, or had grown old.
func TestTheAddressOfSomebodyOutsideIsForgottenWithTheLetter(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	kase(t, db, "c1", true, []store.TaskRow{{ID: "t1", CaseID: "c1", Kind: "approve", Status: store.TaskOpen, OpenedAt: noon, Process: ptr("p")}})
	tell := func(key string) (id int64) {
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.SaveCase(t.Context(), store.CaseWrite{Case: store.CaseRow{ID: "c1", Status: "running", State: []byte(`{}`)}, Notifications: []store.NotificationRow{
				{To: "outside:王强", At: noon, About: "task", CaseID: "c1", Task: ptr("t1"), Text: store.Of(process.Same(key)), Key: key, Address: "wang@supplier.example"}}})
		}))
		require.NoError(t, db.Get(t.Context(), &id, `SELECT id FROM notifications WHERE key = $1`, key))
		return id
	}
	kept := func() (ids []int64) {
		require.NoError(t, db.Select(t.Context(), &ids, `SELECT id FROM notifications WHERE address IS NOT NULL ORDER BY id`))
		return ids
	}
	later := time.Now().Add(time.Hour)
	for _, as := range []string{store.MailSent, store.MailFailed, store.MailDropped} {
		id := tell(as)
		require.NoError(t, db.RetryMail(t.Context(), id, time.Now()))
		taken, err := db.TakeMail(t.Context(), later, later, 10)
		require.NoError(t, err)
		require.Equal(t, []store.TakenMail{{ID: id, Mail: store.MailOutside}}, taken)
		require.Equal(t, []int64{id}, kept(), "it waits")
		row, err := db.Mail(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "wang@supplier.example", row.Address)
		require.NoError(t, db.EndMail(t.Context(), id, as))
		require.Empty(t, kept(), as)
	}
	old := tell("old")
	_, err := db.ForgetMail(t.Context(), later, 10)
	require.NoError(t, err)
	require.Empty(t, kept(), "what was never sent and is old")
	over := tell("over")
	require.Greater(t, over, old)
	exec(t, db, `UPDATE tasks SET status = 'closed'`)
	_, err = db.TakeMail(t.Context(), later, later, 10)
	require.NoError(t, err)
	require.Empty(t, kept(), "what is over")
}
