package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The chain of a revoking case follows from the chain that it revokes: the same documents, one approval by whom `approved_by` names, and nothing of the chain's own.
func TestARevokingCaseAsksWhoMustAgree(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "level": "b"}, thing, chainOf(effects)+"revoke: {by: initiator, approved_by: [{manager_of: initiator}, {user: zhou.min}]}\n")
	c.start("li.na")
	for _, act := range [][2]string{{"wang.fang", "one"}, {"sun.wei", "two"}, {"zhou.min", "last"}} {
		c.must(c.act(act[0], EventApprove, act[1]))
	}
	p := c.in.Process
	r := p.Revocation()
	require.Same(t, r, p.Revocation())
	require.Equal(t, []string{p.ID, p.Digest, p.Record, p.Number}, []string{r.ID, r.Digest, r.Record, r.Number})
	require.Equal(t, FormatLinked, p.Format())
	require.Equal(t, FormatLinked, r.Format())
	require.Nil(t, r.Revoke, "a revoking case can't be revoked")
	require.Nil(t, r.Revocation())

	in := c.in
	in.Process = r
	in.State = NewRevocation("r1", "sun.wei", c.in.State, "T0001", "the customer backed out")
	res, err := Apply(in, Event{Kind: EventStart, By: "sun.wei", Comment: "the customer backed out", At: c.now})
	require.NoError(t, err)
	require.Equal(t, "sun.wei", res.State.Initiator)
	require.Len(t, res.State.Open, 1)
	var asked []string
	for _, s := range res.State.Open[0].Seats {
		asked = append(asked, s.Assignee)
	}
	require.Equal(t, []string{"wang.fang", "zhou.min"}, asked, "the manager of who started the case that is revoked")
	for event, status := range map[EventKind]string{EventApprove: Approved, EventReject: Rejected} {
		next := in
		next.State = res.State
		end, err := Apply(next, Event{Kind: event, By: "zhou.min", Task: "r1.2", Comment: "so be it", At: c.now})
		require.NoError(t, err)
		require.Equal(t, status, end.State.Outcome, "the first answer decides")
		for _, e := range end.Effects {
			_, changed := e.(ChangeRecord)
			require.False(t, changed, "what the other case did is that one's to undo")
		}
	}
	in.State = res.State
	_, err = Apply(in, Event{Kind: EventReturn, By: "zhou.min", Task: "r1.2", Comment: "no", At: c.now})
	require.Error(t, err, "there is nothing to go back to")
}

func TestWithoutWhoMustAgreeARevokingCaseEndsAtOnce(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "level": "b"}, thing, chainOf(effects)+"revoke: {by: initiator}\n")
	c.start("li.na")
	in := c.in
	in.Process = c.in.Process.Revocation()
	in.State = NewRevocation("r1", "li.na", c.in.State, "T0001", "")
	res, err := Apply(in, Event{Kind: EventStart, By: "li.na", At: c.now})
	require.NoError(t, err)
	require.Equal(t, []string{Ended, Approved}, []string{res.State.Status, res.State.Outcome})
	require.Empty(t, res.State.Open)
}

// Whom `by` names may ask, within the time that counts from the end by the calendar of the case; nobody else, not before the end, and only of what was approved.
func TestWhoMayRevokeAndUntilWhen(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "level": "b"}, thing, chainOf(effects)+"revoke: {by: [initiator, {user: zhou.min}], within: 2 working days}\n")
	c.start("li.na")
	friday := c.now.AddDate(0, 0, 4)
	code := func(who string, at time.Time) Code {
		if r := MayRevoke(c.in, who, at, friday); r != nil {
			require.NotEmpty(t, r.Message.ZH)
			require.NotEmpty(t, r.Message.EN)
			return r.Code
		}
		return ""
	}
	require.Equal(t, CodeAlreadyOpen, code("li.na", c.now))
	require.Contains(t, MayRevoke(c.in, "li.na", c.now, c.now).Message.EN, "withdraw")
	require.Equal(t, CodeForbidden, code("wang.fang", c.now))
	for _, act := range [][2]string{{"wang.fang", "one"}, {"sun.wei", "two"}, {"zhou.min", "last"}} {
		c.must(c.act(act[0], EventApprove, act[1]))
	}
	until := time.Date(2026, 12, 1, 18, 0, 0, 0, c.now.Location()) // a Tuesday
	require.Equal(t, Code(""), code("li.na", friday))
	require.Equal(t, Code(""), code("zhou.min", until), "the last moment counts")
	require.Equal(t, CodeForbidden, code("li.na", until.Add(time.Second)))
	require.Contains(t, MayRevoke(c.in, "li.na", until.Add(time.Second), friday).Message.EN, "the time for revoking is over")
	require.Equal(t, CodeForbidden, code("wang.fang", friday))
	for outcome, want := range map[string]Code{Rejected: CodeCaseEnded, Withdrawn: CodeCaseEnded, Revoked: CodeCaseEnded} {
		c.in.State.Outcome = outcome
		require.Equal(t, want, code("li.na", friday), outcome)
	}
	c.in.State.Outcome = Approved
	c.in.Process = c.in.Process.Revocation()
	require.Equal(t, CodeForbidden, code("li.na", friday), "there is no end to it else")
}
