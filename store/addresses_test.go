package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

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
		require.Equal(t, []store.TakenMail{{ID: id, Mail: store.MailWaiting}}, taken)
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
