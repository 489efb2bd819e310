package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACaseWhoseDefinitionIsLostCanStillBeCancelled(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	c.in.Process = &Process{ID: "ordering", Title: Same("ordering"), Type: c.in.Process.Type, Steps: &List{}}
	abandon := func(ev Event) error {
		ev.At = c.now
		res, err := Abandon(c.in, ev)
		if err == nil {
			c.keep(res)
		}
		return err
	}
	refused(t, abandon(Event{Kind: EventCancel, By: "li.na", Comment: "x"}), CodeForbidden)
	refused(t, abandon(Event{Kind: EventCancel, By: "admin", Admin: true}), CodeCommentRequired)
	refused(t, abandon(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "x"}), CodeCaseSuspended)
	c.must(abandon(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "nobody has the file"}))
	require.Equal(t, Cancelled, c.in.State.Outcome)
	require.Empty(t, c.open())
	require.Len(t, c.entries("voided"), 2)
	require.Len(t, c.entries("undone"), 4, "each effect says that it stands")
	require.Equal(t, "nobody has the file", c.entries("ended")[0].Reason)
	refused(t, abandon(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "again"}), CodeCaseEnded)
}
