package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var notThereYet = Text{ZH: "没有发布", EN: "not published"}

func TestACallThatCantBeginHoldsTheCaseAndIsMadeAgain(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - {id: other, call: sub}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Failed: notThereYet}))
	require.Equal(t, "other", c.in.State.Held.Step)
	require.Equal(t, notThereYet, c.in.State.Held.Reason)
	require.Empty(t, c.waiting())
	c.must(c.try(Event{Kind: EventResume, By: "ai.min", Admin: true, Comment: "published"}))
	require.Equal(t, "c1.c2", effectsOf[CallCase](c)[0].Call)
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Outcome: Approved}))
	require.Equal(t, []string{"other"}, c.waiting(), "the first call is nobody's any more")
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c2", Failed: notThereYet}))
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Empty(t, c.undone(0), "nothing was started that could stay")
}

func TestACallThatCantBeginAndNobodyWaitsForIsSaid(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - {id: other, call: sub, wait: false}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Step: "other", Failed: notThereYet}))
	require.Nil(t, c.in.State.Held)
	require.Equal(t, "other", c.entries("failed")[0].Step)
	require.Equal(t, "not published", c.entries("failed")[0].Reason)
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestASubCaseIsLeftWithItsCaller(t *testing.T) {
	t.Parallel()
	for _, outcome := range []string{Withdrawn, Cancelled, "voided"} {
		c := callCase(t, `
  - {id: mark, set: {note: changed}, undo: restore}
  - {id: other, call: sub}
`)
		c.must(c.try(Event{Kind: EventSuspend, By: "ai.min", Admin: true, Comment: "wait"}))
		c.must(c.try(Event{Kind: EventLeft, Outcome: outcome}))
		require.Equal(t, outcome, c.in.State.Outcome)
		require.Equal(t, []EndCall{{Call: "c1.c1", Outcome: outcome}}, effectsOf[EndCall](c), "and its own calls with it")
		require.Equal(t, []string{"mark"}, c.undone(0))
		require.Equal(t, []string{"li.na"}, effectsOf[Tell](c)[0].To)
		c.must(c.try(Event{Kind: EventLeft, Outcome: Withdrawn}))
		require.Equal(t, outcome, c.in.State.Outcome, "one that has ended stays as it is")
		require.Empty(t, c.effects)
	}
}

// What a process calls may have changed since it was published; its running cases still know their way.
func TestAPublishedProcessIsNotJudgedByWhatItCallsToday(t *testing.T) {
	t.Parallel()
	outer := chainAboutQuest("", "\n  - {id: other, call: sub, on: {refused: {end: refused}}}\n")
	inner := "process: sub\ntitle: Sub\nrecord: quest\nstart: {by: [role:sales]}\nsteps:\n  - {id: back, call: flow}\n"
	base, problems := Load([]File{{Path: "r.yaml", Content: quest}, {Path: "s.yaml", Content: subProcess}, {Path: "o.yaml", Content: outer}}, nil, nil)
	require.False(t, Failed(problems), "%v", problems)
	today, _ := Load([]File{{Path: "i.yaml", Content: inner}}, base, nil)
	now := &Library{Processes: map[string]*Process{"flow": base.Processes["flow"], "sub": today.Processes["sub"]}, Types: base.Types}
	_, problems = Load([]File{{Path: "o.yaml", Content: outer}}, now, nil)
	require.True(t, Failed(problems), "published anew it would be refused")
	now.Past = true
	again, problems := Load([]File{{Path: "o.yaml", Content: outer}}, now, nil)
	require.False(t, Failed(problems), "%v", problems)
	require.Equal(t, "refused", again.Processes["flow"].Step("other").Ways["refused"].End)
}

// A process that asks for an outcome which its step never has was published once: it is read as before.
func TestAPublishedProcessMayAskForAnOutcomeThatNeverComes(t *testing.T) {
	t.Parallel()
	flow := []File{{Path: "f.yaml", Content: chainAboutQuest("", "\n  - {id: ask, approve: Ask, by: initiator}\n  - {task: More, by: initiator, if: outcome_of(ask) == \"approve\"}\n")}}
	base, _ := Load([]File{{Path: "r.yaml", Content: quest}}, nil, nil)
	_, problems := Load(flow, base, nil)
	require.Contains(t, render(problems, "en"), "the step `ask` has no outcome `approve`")
	base.Past = true
	_, problems = Load(flow, base, nil)
	require.Empty(t, render(problems, "en"))
}

func TestNobodyWaitsForACallOfAnUndo(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - {id: mark, set: {note: changed}, undo: [{id: tidy, call: sub}]}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Equal(t, []CallCase{{Call: "c1.c1", Process: "sub", Step: "tidy"}}, effectsOf[CallCase](c))
	require.Empty(t, effectsOf[EndCall](c), "it lives on by itself")
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Step: "tidy", Failed: notThereYet}))
	require.Equal(t, "tidy", c.entries("failed")[0].Step)
	require.Equal(t, Withdrawn, c.in.State.Outcome)
}
