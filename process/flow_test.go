package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const quest = `record: quest
title: {zh: 事, en: Quest}
fields:
  name:     {type: text, required: true}
  note:     {type: text}
  size:     {type: number}
  on:       {type: date}
  at:       {type: datetime}
  parts:    {type: choice, many: true, of: [buy, make, sell]}
  findings: {type: lines, key: part, of: {part: {type: choice, of: [buy, make, sell]}, finding: {type: text}, measure: {type: text}}}
  people:   {type: person, many: true}
  answers:  {type: lines, key: who, of: {who: {type: person}, answer: {type: text}}}
  owner:    {type: person, default: creator}
`

// questCase starts a chain about a quest, with more lines of the head before its steps where there are any.
func questCase(t *testing.T, fields Fields, head, steps string, more ...string) *trial {
	t.Helper()
	c := begin(t, questFields(fields), append([]string{quest, chainAboutQuest(head, steps)}, more...)...)
	c.start("li.na")
	return c
}

func questFields(fields Fields) Fields {
	all := Fields{"name": "one", "owner": "li.na"}
	for k, v := range fields {
		all[k] = v
	}
	return all
}

func chainAboutQuest(head, steps string) string {
	return "process: flow\ntitle: Flow\nrecord: quest\nnumber: \"F{0000}\"\nstart: {by: [role:sales]}\nresubmit: {edit: {name: required}}\n" + head + "\nsteps:\n" + steps
}

// happens lets an event about the record reach the case.
func (c *trial) happens(name string) error { return c.try(Event{Kind: EventHappened, Name: name}) }

// statuses says "step status" of every step reached, "step@item status" inside an each.
func (c *trial) statuses() []string {
	var out []string
	for _, r := range c.in.State.Steps {
		out = append(out, keyOf(r.Step, r.Item)+" "+r.Status)
	}
	return out
}

// waiting are the open steps that ask nobody.
func (c *trial) waiting() []string {
	out := []string{}
	for _, o := range c.in.State.Open {
		if len(o.Seats) == 0 {
			out = append(out, keyOf(o.Step, o.Item))
		}
	}
	return out
}

// effectsOf are the effects of one sort of the last event.
func effectsOf[E Effect](c *trial) []E {
	var out []E
	for _, e := range c.effects {
		if e, ok := e.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

func TestWaitsForAMomentOfTheCalendar(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - {id: pause, wait: start of working day 3}
  - {id: ask, task: Ask, by: initiator}
`)
	require.Equal(t, []string{"pause"}, c.waiting())
	require.Equal(t, "2026-11-26 09:00", c.wakeAt.Format("2006-01-02 15:04"))
	c.pass("2026-11-26 08:59")
	require.Empty(t, c.open())
	c.pass("2026-11-30 10:00")
	require.Equal(t, []string{"ask:li.na"}, c.open())
	require.Equal(t, []string{"pause done", "ask open"}, c.statuses())
	require.Equal(t, "2026-11-26 09:00", c.entries("opened")[0].At.Format("2006-01-02 15:04"), "a late tick opens it at its nominal time")
}

func TestWaitsUntilTheStartOfADate(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: pause, wait: {until: record.on}}
  - {id: ask, task: Ask, by: initiator}
`
	c := questCase(t, Fields{"on": "2026-11-25"}, "", steps)
	require.Equal(t, "2026-11-25 00:00", c.wakeAt.Format("2006-01-02 15:04"))
	c.pass("2026-11-25 00:00")
	require.Equal(t, []string{"ask:li.na"}, c.open())

	c = questCase(t, Fields{"on": "2026-11-20"}, "", steps)
	require.Equal(t, []string{"ask:li.na"}, c.open(), "a moment that is past goes on at once")
	require.Equal(t, "passed_over", c.entries("decided")[0].Outcome)

	c = questCase(t, nil, "", steps)
	require.NotNil(t, c.in.State.Held, "an empty date is no moment: the case is held and says so")
	c.in.Record.Fields["on"] = "2026-11-24"
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "filled in"}))
	require.Equal(t, []string{"pause"}, c.waiting())
}

func TestWaitsUntilAMomentAndALiteralDate(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"at": "2026-11-24T10:30:00+08:00"}, "", `
  - {id: one, wait: {until: record.at}}
  - {id: two, wait: {until: 2026-12-01}}
  - {id: ask, task: Ask, by: initiator}
`)
	require.Equal(t, "2026-11-24 10:30", c.wakeAt.In(c.now.Location()).Format("2006-01-02 15:04"))
	c.pass("2026-11-24 10:30")
	require.Equal(t, "2026-12-01 00:00", c.wakeAt.Format("2006-01-02 15:04"))
}

func TestAnEventEndsEveryWaitForIt(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - id: both
    parallel:
      - {id: a, steps: [{id: wa, wait: {on: quest.paid}}, {id: ta, task: A, by: initiator}]}
      - {id: b, steps: [{id: wb, wait: {on: quest.paid}}, {id: tb, task: B, by: {user: sun.wei}}]}
      - {id: c, steps: [{id: wc, wait: {on: quest.sent}}, {id: tc, task: C, by: initiator}]}
`)
	before := c.in.State
	c.must(c.happens("quest.other"))
	before.LastAt = c.in.State.LastAt
	require.Equal(t, before, c.in.State, "nothing waits for it: no effect and no refusal")
	require.Empty(t, c.effects)
	c.must(c.try(Event{Kind: EventHappened, Name: "quest.paid", Caused: true}))
	require.Equal(t, []string{"wa", "wb", "wc"}, c.waiting(), "what the case caused itself doesn't count")
	c.must(c.happens("quest.paid"))
	require.Equal(t, []string{"ta:li.na", "tb:sun.wei"}, c.open())
	require.Equal(t, []string{"wc"}, c.waiting())
}

func TestUntilEndsTheCaseWhereverItStands(t *testing.T) {
	t.Parallel()
	head := "until: [{on: quest.won, end: won}, {on: quest.lost, end: lost}, {at: record.on, end: expired}]"
	steps := `
  - id: both
    parallel:
      - {id: a, steps: [{id: ta, task: A, by: initiator}]}
      - {id: b, steps: [{id: wb, wait: {on: quest.won}}, {id: tb, task: B, by: initiator}]}
`
	c := questCase(t, Fields{"on": "2026-11-25"}, head, steps)
	require.Equal(t, "2026-11-26 00:00", c.wakeAt.Format("2006-01-02 15:04"), "a date ends at its end")
	c.must(c.happens("quest.won"))
	require.Equal(t, "won", c.in.State.Outcome, "until comes before steps that wait for the same")
	require.Equal(t, []string{"both left", "ta left", "wb left"}, c.statuses())
	require.Len(t, c.entries("voided"), 1)
	require.Equal(t, "quest.won happened", c.entries("ended")[0].Reason)
	c.must(c.happens("quest.lost"))
	require.Equal(t, "won", c.in.State.Outcome)

	c = questCase(t, Fields{"on": "2026-11-25"}, head, steps)
	c.in.Record.Fields["on"] = "2026-11-27"
	c.pass("2026-11-26 10:00")
	require.Equal(t, Running, c.in.State.Status, "the record says when, as it stands")
	c.pass("2026-11-30 10:00")
	require.Equal(t, "expired", c.in.State.Outcome)
	ended := c.entries("ended")[0]
	require.Equal(t, "2026-11-28 00:00", ended.At.Format("2006-01-02 15:04"), "at its nominal time")
	require.Empty(t, ended.By)
	require.Nil(t, c.wakeAt)

	c = questCase(t, Fields{"on": "2026-11-20"}, head, steps)
	require.Equal(t, "expired", c.in.State.Outcome)
	require.Empty(t, effectsOf[OpenTask](c), "a moment that is past already ends it before anybody is asked")
}

func TestUntilDecidesBeforeALaterAct(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"on": "2026-11-25"}, "until: [{at: record.on, end: expired}]", "  - {id: ask, approve: Ask, by: {user: sun.wei}}\n")
	task := c.task("ask")
	c.now = c.now.AddDate(0, 0, 5)
	refused(t, c.try(Event{Kind: EventApprove, By: "sun.wei", Task: task}), CodeTaskClosed)
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, "expired", c.in.State.Outcome)
}

func TestAnActThatMovesTheMomentIntoThePastEndsTheCase(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"on": "2026-12-25"}, "until: [{at: record.on, end: expired}]", `
  - {id: ask, task: Ask, by: initiator, edit: {on: required}}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.act("li.na", EventComplete, "ask", filling(Fields{"on": "2026-11-01"})))
	require.Equal(t, "expired", c.in.State.Outcome)
	require.Empty(t, effectsOf[OpenTask](c))
}

func TestStartedByAnEvent(t *testing.T) {
	t.Parallel()
	doc := "process: flow\ntitle: Flow\nrecord: quest\nnumber: \"F{0000}\"\nstart: {on: quest.sent, as: {field: owner}}\nsteps:\n  - {id: ask, task: Ask, by: {manager_of: initiator}}\n"
	c := begin(t, questFields(nil), quest, doc)
	c.must(c.try(Event{Kind: EventStart, Name: "quest.sent"}))
	require.Equal(t, "li.na", c.in.State.Initiator)
	require.Equal(t, []string{"ask:wang.fang"}, c.open())
	started := c.entries("started")[0]
	require.Equal(t, "li.na", started.For)
	require.Empty(t, started.By)
	require.Equal(t, "quest.sent", started.Reason)
}

const subProcess = `process: sub
title: Sub
record: quest
start: {by: [role:sales]}
steps:
  - {id: ask, approve: Ask, by: initiator, on: {rejected: {end: refused}}}
`

func callCase(t *testing.T, steps string) *trial {
	t.Helper()
	c := beginOne(t, questFields(nil), "flow", quest, chainAboutQuest("", steps), subProcess)
	c.start("li.na")
	return c
}

func TestCallWaitsForItsOutcome(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: other, call: sub, with: {name: record.name, note: "from us"}, on: {refused: {go: mend}}}
  - {id: next, task: Next, by: initiator}
  - end: fine
  - {id: mend, aside: true, task: Mend, by: initiator, then: {go: other}}
`
	c := callCase(t, steps)
	require.Equal(t, []CallCase{{Call: "c1.c1", Process: "sub", With: Fields{"name": "one", "note": "from us"}, Wait: true, Step: "other"}}, effectsOf[CallCase](c))
	require.Equal(t, []string{"other"}, c.waiting())
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c9", Outcome: "approved"}))
	require.Equal(t, []string{"other"}, c.waiting(), "an answer nobody waits for changes nothing")
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Outcome: "refused"}))
	require.Equal(t, []string{"mend:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "mend"))
	require.Equal(t, "c1.c2", effectsOf[CallCase](c)[0].Call, "entered again it is another call")
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c2", Outcome: "approved"}))
	require.Equal(t, []string{"next:li.na"}, c.open(), "an outcome that is not named goes on")
}

func TestCallThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - {id: other, call: sub, wait: false}
  - {id: next, task: Next, by: initiator}
`)
	require.False(t, effectsOf[CallCase](c)[0].Wait)
	require.Equal(t, []string{"next:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "next"))
	require.Empty(t, effectsOf[EndCall](c), "it lives on by itself")
}

func TestALeftCallEndsItsCase(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - id: both
    join: first
    parallel:
      - {id: a, steps: [{id: other, call: sub}]}
      - {id: b, steps: [{id: tb, task: B, by: initiator}]}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.act("li.na", EventComplete, "tb"))
	require.Equal(t, []EndCall{{Call: "c1.c1", Outcome: "voided"}}, effectsOf[EndCall](c))
	c.must(c.try(Event{Kind: EventCalled, Call: "c1.c1", Outcome: "approved"}))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestRequestTakesItsAnswer(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"note": "a/../b"}, "", `
  - id: erp
    request: {to: erp, post: "/orders/{record.note}", body: {name: record.name, count: 3, urgent: true}, into: {size: body.order.count, note: body.order.no}, failed: {go: mend}}
  - {id: next, task: Next, by: initiator}
  - end: fine
  - {id: mend, aside: true, task: Mend, by: initiator, then: {go: erp}}
`)
	require.Equal(t, []CallSystem{{Call: "c1.c1", To: "erp", Method: "post", Path: "/orders/a%2F%2E%2E%2Fb",
		Body: map[string]any{"name": "one", "count": 3.0, "urgent": true}, Step: "erp"}}, effectsOf[CallSystem](c), "what is filled in stays one piece of the path")
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c1", Answer: map[string]any{"order": map[string]any{"count": "many", "no": "A-1"}}}))
	require.Equal(t, []string{"mend:li.na"}, c.open(), "an answer whose value doesn't fit is a failure")
	require.Equal(t, "a/../b", c.in.Record.Fields["note"], "of which nothing is taken")
	c.must(c.act("li.na", EventComplete, "mend"))
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c2", Answer: map[string]any{"order": map[string]any{"count": 7.0, "no": "A-1"}}}))
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, 7.0, c.in.Record.Fields["size"])
	require.Equal(t, "A-1", c.in.Record.Fields["note"])
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c2", Failed: Same("twice")}))
	require.Equal(t, []string{"next:li.na"}, c.open(), "the same answer again changes nothing")
}

// What a record holds is one value of a query, too: it adds none of its own.
func TestWhatIsFilledIntoAQueryStaysOneValue(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"note": "a&admin=1 +海#"}, "", `
  - {id: erp, request: {to: erp, get: "/orders/{record.note}?no={record.note}&all=1"}}
`)
	require.Equal(t, "/orders/a&admin=1%20+%E6%B5%B7%23?no=a%26admin%3D1+%2B%E6%B5%B7%23&all=1", effectsOf[CallSystem](c)[0].Path)
}

func TestTheTimelineSaysHowOftenASystemWasCalled(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - {id: erp, request: {to: erp, get: "/x", into: {note: body.no}}}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c1", Failed: Text{ZH: "超时", EN: "timed out"}, Tries: 8}))
	failed := c.entries("failed")[0]
	require.Equal(t, "timed out", failed.Reason)
	require.Equal(t, map[string]any{"zh": "超时", "system": "erp", "attempts": 8}, failed.Data)
	require.Equal(t, "系统 erp 没有给出可用的回答：超时", c.in.State.Held.Reason.ZH)
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "again"}))
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c2", Answer: map[string]any{"no": "A"}, Tries: 1}))
	require.Equal(t, map[string]any{"system": "erp", "fields": []string{"note"}, "attempts": 1}, c.entries("answered")[0].Data)
}

func TestAFailedRequestHoldsTheCaseAndIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, failed := range []string{"", ", failed: hold"} {
		c := questCase(t, nil, "", `
  - id: erp
    request: {to: erp, get: /orders, into: {size: body.count}`+failed+`}
  - {id: next, task: Next, by: initiator}
`)
		c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c1", Failed: Same("timed out")}))
		require.Contains(t, c.in.State.Held.Reason.EN, "timed out")
		c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "erp is back"}))
		require.Equal(t, "c1.c2", effectsOf[CallSystem](c)[0].Call)
		c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c2", Answer: map[string]any{}}))
		require.Contains(t, c.in.State.Held.Reason.EN, "no body.count")
	}
}
