package process

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// language reads a document of testdata/load/language.
func language(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/load/language/" + name + ".yaml")
	require.NoError(t, err)
	return string(b)
}

// followUp is the quote follow-up of the language page, word for word, begun by the quote being sent on Monday 2026-11-23 at 09:00.
func followUp(t *testing.T) *trial {
	t.Helper()
	c := begin(t, Fields{"customer": Reference{Type: "customer", ID: "k1", Title: "海川机械"}, "valid_until": "2026-12-20", "status": "sent", "owner": "li.na"},
		language(t, "customer"), language(t, "quote"), language(t, "quote-follow-up"))
	c.must(c.try(Event{Kind: EventStart, Name: "quote.sent"}))
	return c
}

func TestFollowUpAsksOnTheThirdWorkingDay(t *testing.T) {
	t.Parallel()
	c := followUp(t)
	require.Equal(t, "li.na", c.in.State.Initiator)
	require.Equal(t, []string{"pause"}, c.waiting())
	c.pass("2026-11-26 09:00")
	require.Equal(t, []string{"ask:li.na"}, c.open())
	require.Equal(t, "2026-11-26 18:00", c.due("ask"))
	c.pass("2026-11-26 18:00")
	require.Equal(t, 1, c.told("wang.fang", "late"), "their manager is told")
	c.pass("2026-11-27 18:00")
	require.Equal(t, []string{"ask:wang.fang"}, c.open(), "and has it a day later")
}

func TestFollowUpThinkingTwiceThenTheManager(t *testing.T) {
	t.Parallel()
	c := followUp(t)
	c.pass("2026-11-26 09:00")
	refused(t, c.act("li.na", EventComplete, "ask", choosing("thinking")), CodeFieldRequired)
	for _, day := range []string{"2026-11-30", "2026-12-02"} {
		c.in.Record.Fields["next_on"] = day
		c.must(c.act("li.na", EventComplete, "ask", choosing("thinking")))
		require.Equal(t, []string{"later"}, c.waiting())
		c.pass(day + " 09:00")
		require.Equal(t, []string{"ask:li.na"}, c.open())
	}
	c.must(c.act("li.na", EventComplete, "ask", choosing("thinking")))
	require.Equal(t, []string{"manager:wang.fang"}, c.open())
	c.must(c.act("wang.fang", EventComplete, "manager", choosing("won")))
	require.Equal(t, "accepted", c.in.State.Outcome)
	require.Equal(t, "accepted", c.in.Record.Fields["status"])
}

func TestFollowUpEndsWithTheQuote(t *testing.T) {
	t.Parallel()
	for event, outcome := range map[string]string{"quote.accepted": "accepted", "quote.rejected": "lost", "quote.replaced": "replaced"} {
		c := followUp(t)
		c.must(c.happens(event))
		require.Equal(t, outcome, c.in.State.Outcome)
	}
	c := followUp(t)
	c.pass("2026-11-26 09:00")
	c.must(c.act("li.na", EventComplete, "ask", choosing("accepted")))
	require.Equal(t, "accepted", c.in.State.Outcome)
	c.must(c.try(Event{Kind: EventHappened, Name: "quote.accepted", Caused: true}))

	c = followUp(t)
	c.pass("2026-12-21 09:00")
	require.Equal(t, "expired", c.in.State.Outcome)
	require.Equal(t, "2026-12-21 00:00", c.entries("ended")[0].At.Format("2006-01-02 15:04"), "valid to the end of its last day")
}
