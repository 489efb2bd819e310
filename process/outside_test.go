package process

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const askOutside = "  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name], due: 2 working days, remind: [4 working hours before], late: [{at: due, tell: [holder]}]}\n"

const wang = "outside:Wang Qiang"

// outsider deals about a contact who can be written to.
func outsider(t *testing.T, steps string, more Fields) *trial {
	t.Helper()
	return dealt(t, steps, Fields{"contact": "Wang Qiang <wang@example.com>"}.With(more))
}

// Somebody outside is told, and answers under their own name. Who stands in has the task, and answers for them.
func TestSomebodyOutsideIsAskedAndAnswers(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside, nil)
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	require.Equal(t, &Outside{Name: "Wang Qiang", Email: "wang@example.com"}, c.in.State.Open[0].Seats[0].Outside)
	require.Equal(t, []string{"acts for Wang Qiang, who has no account (named by the chain)"}, c.why("en"))
	require.Equal(t, []int{1, 1}, []int{c.told("xu.lei", "opened"), c.told(wang, "opened")})
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
	decided := c.entries("decided")[0]
	require.Equal(t, [2]string{wang, ""}, [2]string{decided.By, decided.For}, "for nobody but themselves")

	c = outsider(t, askOutside, nil)
	c.must(c.act("xu.lei", EventReject, "ask", saying("he said no on the phone")))
	decided = c.entries("decided")[0]
	require.Equal(t, [2]string{"xu.lei", wang}, [2]string{decided.By, decided.For}, "both are named")
	require.Equal(t, Rejected, c.in.State.Outcome)
}

// What somebody outside may do is answer, and only what they are asked themselves.
func TestSomebodyOutsideCanOnlyAnswerTheirOwn(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside, nil)
	refused(t, c.act("outside:Somebody Else", EventApprove, "ask"), CodeNotYourTask)
	refused(t, c.act("chen.bo", EventApprove, "ask"), CodeNotYourTask)
	for _, kind := range []EventKind{EventTransfer, EventAdd, EventRemove, EventClaim, EventRelease, EventAssign, EventTakeBack, EventWithdraw, EventCancel, EventSuspend, EventStopClock} {
		refused(t, c.act(wang, kind, "ask", saying("please"), to("chen.bo")), CodeForbidden)
	}
	refused(t, c.act(wang, EventReject, "ask"), CodeCommentRequired)
	c.must(c.act(wang, EventReject, "ask", saying("too dear")))
	refused(t, c.try(Event{Kind: EventApprove, By: wang, Task: "c1.1"}), CodeTaskClosed)
}

// The seat is one person's, whoever stands in for them: that the same person has a seat of their own, or has agreed before, takes nothing away from it.
func TestASeatIsOfWhomItAsksOutside(t *testing.T) {
	t.Parallel()
	c := outsider(t, "  - {id: ask, approve: Ask, by: [{user: xu.lei}, {outside: record.contact, stands_in: {user: xu.lei}}], mode: all, show: [name]}\n", nil)
	require.Equal(t, []string{"ask:xu.lei", "ask:xu.lei"}, c.open())
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, Running, c.in.State.Status, "they have answered for themselves alone")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)

	c = outsider(t, "  - {id: first, approve: First, by: {user: xu.lei}}\n"+
		"  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name], same_again: skip_if_approved}\n", nil)
	c.must(c.act("xu.lei", EventApprove, "first"))
	require.Equal(t, []string{"ask:xu.lei"}, c.open(), "xu.lei has agreed, Wang Qiang hasn't")

	c = outsider(t, "  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: initiator}, show: [name], if_initiator: skip, if_none: {to: {user: xu.lei}}}\n", nil)
	require.Equal(t, []string{"ask:xu.lei"}, c.open(), "who started it can't stand in, and nobody is passed over")
	require.Equal(t, wang, c.in.State.Open[0].Seats[0].Outside.ID())
}

// Who stands in lends somebody outside neither weight nor veto.
func TestSomebodyOutsideVotesWithAWeightOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := outsider(t, "  - {id: ask, approve: Ask, show: [name], mode: {votes: {need: 2, weights: {'user:xu.lei': 3}, veto: [{user: xu.lei}]}}, "+
		"by: [{outside: record.contact, stands_in: {user: xu.lei}}, {user: he.jing}, {user: guo.yan}]}\n", nil)
	c.must(c.act("xu.lei", EventReject, "ask", saying("they said no")))
	require.Equal(t, Running, c.in.State.Status, "xu.lei's veto isn't theirs")
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Running, c.in.State.Status)
	c.must(c.act("guo.yan", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// Where nobody can be written to only who stands in answers; where nobody is named, or nobody stands in, the step's own rule says what happens.
func TestWhereNobodyOutsideCanBeReached(t *testing.T) {
	t.Parallel()
	c := dealt(t, askOutside, Fields{"contact": "Wang Qiang"})
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	require.Equal(t, []int{1, 0}, []int{c.told("xu.lei", "opened"), c.told(wang, "opened")})
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, wang, c.entries("decided")[0].For)

	for rule, want := range map[string]string{"hold": Running, "skip": Approved, "reject": Rejected} {
		c = dealt(t, "  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name], if_none: "+rule+"}\n", nil)
		require.Equal(t, want, cmp.Or(c.in.State.Outcome, c.in.State.Status), rule)
	}
	c = dealing(t, askOutside, Fields{"contact": "Wang Qiang <wang@example.com>"})
	c.company.leave("xu.lei")
	c.start("li.na")
	require.Equal(t, []string{"ask:admin"}, c.open(), "nobody stands in: an administrator assigns somebody")
	require.Equal(t, 1, c.told(wang, "opened"))
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome, "and they may answer meanwhile")
}

// Names and addresses come as records have them.
func TestHowSomebodyOutsideIsWritten(t *testing.T) {
	t.Parallel()
	for given, want := range map[[2]string]Outside{
		{"王强", ""}:                               {Name: "王强"},
		{"王强", "wang@example.com"}:               {Name: "王强", Email: "wang@example.com"},
		{" 王强\n\x1b ", " wang@example.com "}:     {Name: "王强", Email: "wang@example.com"},
		{"wang@example.com", ""}:                 {Name: "w***@example.com", Email: "wang@example.com"},
		{"Wang <wang@example.com>", ""}:          {Name: "Wang", Email: "wang@example.com"},
		{"Wang <wang@example.com>", "b@b.com"}:   {Name: "Wang", Email: "b@b.com"},
		{"王强", "nobody"}:                         {Name: "王强"},
		{"王强", "a@example.com, b@example.com"}:   {Name: "王强"},
		{"王强", "a@example.com\r\nBcc: b@b.com"}:  {Name: "王强"},
		{"", "wang@example.com"}:                 {Name: "w***@example.com", Email: "wang@example.com"},
		{"", "Wang Qiang <wang@example.com>"}:    {Name: "w***@example.com", Email: "wang@example.com"},
		{"Wang, Qiang; Sales", "q@example.com"}:  {Name: "Wang, Qiang; Sales", Email: "q@example.com"},
		{"outside:Wang", "outside@example.com"}:  {Name: "outside:Wang", Email: "outside@example.com"},
		{"<script>", "wang@[127.0.0.1"}:          {Name: "<script>"},
		{"Wang\u202e Qiang", "wang@example.com"}: {Name: "Wang Qiang", Email: "wang@example.com"},
	} {
		o, known := newOutside(given[0], given[1])
		require.True(t, known, "%q", given)
		require.Equal(t, want, o, "%q", given)
	}
	_, known := newOutside(" \n", "nobody")
	require.False(t, known)
}

// They are reminded and told of what is late beside whoever has the task; what is handed to others in the company isn't their affair.
func TestSomebodyOutsideIsReminded(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside, nil)
	c.pass("2026-11-25 14:00")
	c.pass("2026-11-25 18:00")
	require.Equal(t, []int{1, 1}, []int{c.told("xu.lei", "reminded"), c.told(wang, "reminded")})
	require.Equal(t, []int{1, 1}, []int{c.told("xu.lei", "late"), c.told(wang, "late")})
	c.must(c.act("xu.lei", EventTransfer, "ask", to("chen.bo"), saying("away")))
	require.Equal(t, []int{1, 0}, []int{c.told("chen.bo", "transferred"), c.told(wang, "transferred")})
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome, "whoever stands in now")
}

// When somebody else's act changes what they were shown, they are told again; a change of anything else says nothing to them.
func TestSomebodyOutsideHearsOfAChange(t *testing.T) {
	t.Parallel()
	steps := "  - id: both\n    parallel:\n" +
		"      - {id: a, steps: [{id: ask, approve: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name]}]}\n" +
		"      - {id: b, steps: [{id: work, task: Work, by: {user: chen.bo}, edit: {name: optional, note: optional}}, {id: more, task: More, by: {user: chen.bo}, edit: {name: optional}}]}\n"
	c := outsider(t, steps, nil)
	c.must(c.act("chen.bo", EventComplete, "work", filling(Fields{"note": "x"})))
	require.Zero(t, c.told(wang, "changed"))
	c.must(c.act("chen.bo", EventComplete, "more", filling(Fields{"name": "two"})))
	require.Equal(t, []int{1, 0}, []int{c.told(wang, "changed"), c.told("xu.lei", "changed")})
	refused(t, c.act(wang, EventApprove, "ask", func(e *Event) { e.Seen = "sha256:old" }), CodeContentChanged)
}

// The ways they can go are those that need nothing filled in; others say that there are more.
func TestTheWaysOfSomebodyOutside(t *testing.T) {
	t.Parallel()
	c := outsider(t, "  - {id: ask, task: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name], edit: {note: optional}, outcomes: {agreed: {end: fine}, not_ours: {require: [note], end: other}}}\n", nil)
	task := c.task("ask")
	ways, others := OutsideWays(c.in, task, wang)
	require.Len(t, ways, 1)
	require.Equal(t, [2]string{"agreed", "fine"}, [2]string{ways[0].Outcome, ways[0].End})
	require.True(t, others)
	for _, who := range []string{"xu.lei", "outside:Else", ""} {
		ways, _ = OutsideWays(c.in, task, who)
		require.Empty(t, ways, who)
	}
	c.must(c.act("admin", EventSuspend, "ask", saying("wait")))
	ways, _ = OutsideWays(c.in, task, wang)
	require.Empty(t, ways, "a suspended case asks nobody")
}

// Read aloud, a step says whom it asks outside, where they are written to, and who acts for them.
func TestReadAloudWhoIsAskedOutside(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {outside: record.contact, email: record.note, stands_in: {user: xu.lei}}, show: [name]}\n", nil)
	require.Contains(t, strings.Join(c.in.Process.Say("en", nil), "\n"),
		"It is decided by somebody outside the company, record.contact (who is written to at record.note, and answers by the link in the letter), for whom xu.lei acts.")
	require.Contains(t, strings.Join(c.in.Process.Say("zh", nil), "\n"), "审批人：外部人员 record.contact（写信到 record.note，凭信中的链接答复），由xu.lei代为办理。")
}

// A state with somebody outside is of a format that an older software leaves alone; one without is written as ever.
func TestTheFormatOfAChainThatAsksOutside(t *testing.T) {
	t.Parallel()
	require.Equal(t, FormatScoped, outsider(t, askOutside, nil).in.State.Format)
	c := dealt(t, "  - {id: ask, approve: Ask, by: {user: xu.lei}}\n", nil)
	require.Equal(t, FormatPlain, c.in.State.Format)
	written, err := json.Marshal(c.in.State)
	require.NoError(t, err)
	require.NotContains(t, string(written), "outside")
}

const contacts = "record: contact\ntitle: Contact\nfields:\n  name: {type: text, required: true}\n  mail: {type: email}\n---\nrecord: place\ntitle: Place\nfields:\n  name: {type: text, required: true}\n"

// What names somebody outside, and what doesn't, each at its place.
func TestWhatMayNameSomebodyOutside(t *testing.T) {
	t.Parallel()
	record := "---\nrecord: order\ntitle: Order\nfields:\n  name: {type: text, required: true}\n  mail: {type: email}\n  phone: {type: phone}\n  amount: {type: money}\n  kind: {type: choice, of: [a, b]}\n" +
		"  buyer: {type: person}\n  part: {type: department}\n  contact: {type: reference, to: contact}\n  place: {type: reference, to: place}\n  contacts: {type: reference, to: contact, many: true}\n"
	for by, want := range map[string]string{
		"{outside: record.name, email: record.mail, stands_in: initiator}":                 "",
		"{outside: record.mail, stands_in: initiator}":                                     "",
		"{outside: record.contact, stands_in: initiator}":                                  "",
		"{outside: record.place, email: record.contact.mail, stands_in: {user: a}}":        "",
		"{outside: record.contact.name, email: record.contact.mail, stands_in: initiator}": "",
		"{outside: record.name, stands_in: initiator}":                                     "warning: unless `record.name` holds an e-mail address nobody can write to them, and only who stands in acts: say `email: record.…`",
		"{outside: record.place, stands_in: initiator}":                                    "warning: unless `record.place` holds",
		"{outside: record.phone, stands_in: initiator}":                                    "`outside` needs a text, an e-mail address or a reference; this is a phone number",
		"{outside: record.amount, stands_in: initiator}":                                   "`outside` needs a text, an e-mail address or a reference; this is money",
		"{outside: record.kind, stands_in: initiator}":                                     "`outside` needs a text, an e-mail address or a reference; this is a choice",
		"{outside: record.part, stands_in: initiator}":                                     "`outside` needs a text, an e-mail address or a reference; this is a department",
		"{outside: record.contacts, stands_in: initiator}":                                 "`outside` needs a text, an e-mail address or a reference; this is a list",
		"{outside: record.buyer, stands_in: initiator}":                                    "`record.buyer` has an account: write {field: buyer}",
		"{outside: record.name, email: record.phone, stands_in: initiator}":                "`email` needs an e-mail address, or a text",
		"{outside: record.mail, stands_in: {role: sales, everyone: true}}":                 "who stands in is one person, or a set of whom any one will do",
		"{outside: record.mail}":                                                           "somebody outside has no account: who acts for them? Say `stands_in`",
		"{user: li.na, email: record.mail}":                                                "`email` goes with `outside`",
	} {
		doc := contacts + record + "---\nprocess: p\ntitle: P\nrecord: order\nstart: {by: [role:sales]}\nsteps:\n  - {id: ask, approve: Ask, by: " + by + ", show: [name]}\n"
		_, problems := Load([]File{{Path: "p.yaml", Content: doc}}, nil, nil)
		var said string
		for _, p := range problems {
			said += p.String("en") + "\n"
			require.NotEmpty(t, p.Source, "it has its place")
		}
		if want == "" {
			require.Empty(t, said, by)
			continue
		}
		require.Contains(t, said, want, by)
	}
}

// A step that nobody outside could answer is refused; one that says nothing of what they see is pointed out.
func TestAStepThatNobodyOutsideCouldAnswer(t *testing.T) {
	t.Parallel()
	by := "by: {outside: record.contact, stands_in: initiator}"
	for step, want := range map[string]string{
		"approve: Ask, %s, show: [name], signature: required":                                   "somebody outside has no signature here",
		"approve: Ask, %s, show: [name], edit: {note: required}":                                "fills in no fields",
		"approve: Ask, %s, show: [name], on: {approved: {require: [note]}}":                     "fills in no fields",
		"task: Ask, %s, show: [name], outcomes: {a: {require: [note]}, b: {require: [region]}}": "fills in no fields",
		"task: Ask, %s, show: [name], outcomes: {a: {require: [note]}, b: {}}":                  "",
		"task: Ask, %s, show: [name], edit: {note: optional}":                                   "",
		"approve: Ask, %s, show: [name]":                                                        "",
		"approve: Ask, %s":                                                                      "warning: somebody outside sees only what `show` says",
	} {
		_, problems := Load([]File{{Path: "deal.yaml", Content: deal}, {Path: "p.yaml", Content: dealChain("  - {id: ask, " + fmt.Sprintf(step, by) + "}\n")}}, nil, nil)
		said := ""
		for _, p := range problems {
			said += p.String("en") + "\n"
		}
		if want == "" {
			require.NotContains(t, said, "outside has no", step)
			require.NotContains(t, said, "fills in no", step)
			require.False(t, Failed(problems), said)
			continue
		}
		require.Contains(t, said, want, step)
	}
}

// A letter that was due while the case stood still wasn't sent. It is, once the case goes on.
func TestSomebodyOutsideIsToldAgainWhenTheCaseGoesOn(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside, nil)
	c.must(c.try(Event{Kind: EventSuspend, By: "admin", Admin: true, Comment: "wait"}))
	require.Equal(t, 1, c.told(wang, "opened"))
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "go on"}))
	require.Equal(t, 2, c.told(wang, "opened"))
	require.Equal(t, 1, c.told("xu.lei", "opened"), "whoever has an account finds the task where it was")

	c = outsider(t, "  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name]}\n", nil)
	c.in.State.Held = &Held{Reason: Same("the other branch"), Task: "c1.9"}
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "go on"}))
	require.Equal(t, 2, c.told(wang, "opened"))
}

// Who is asked outside has one seat, however often they are named and whoever stands in for them.
func TestSomebodyOutsideWhoIsNamedTwiceHasOneSeat(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"{user: xu.lei}", "{user: he.jing}", "{role: finance}"} {
		c := outsider(t, "  - {id: ask, approve: Ask, by: [{outside: record.contact, stands_in: {user: xu.lei}}, {outside: record.contact, stands_in: "+second+"}], mode: all, show: [name]}\n", nil)
		require.Equal(t, []string{"ask:xu.lei"}, c.open())
		require.Equal(t, 1, c.told(wang, "opened"))
	}
}

// Who stands in for somebody outside and has a seat of their own has both, also when one comes to them from who is away.
func TestASeatOutsideIsKeptWhenItComesToSomebodyOfTheRound(t *testing.T) {
	t.Parallel()
	both := "  - {id: ask, approve: Ask, by: [{user: he.jing}, {outside: record.contact, stands_in: {user: xu.lei}}], mode: all, show: [name]}\n"
	for leaver, other := range map[string]string{"xu.lei": "he.jing", "he.jing": "xu.lei"} {
		c := outsider(t, both, nil)
		c.company.leave(leaver)
		c.in.Absences = away{leaver: other}
		c.must(c.try(Event{Kind: EventPeople, By: "admin"}))
		require.Equal(t, []string{"ask:" + other, "ask:" + other}, c.open())
	}
}

// Who stands in and takes their answer back lets the one outside be asked again: the link they have is for a task that is closed.
func TestSomebodyOutsideIsWrittenToWhenAnAnswerForThemIsTakenBack(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside+"  - {id: next, approve: Next, by: {user: zhou.min}}\n", nil)
	task := c.task("ask")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: task}))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	require.Equal(t, 2, c.told(wang, "opened"))
}

// The same when an administrator leads a held case past what it couldn't do, or that is left with its branch: not for a task that is left with it, and not while
// something else holds the case.
func TestSomebodyOutsideIsToldAgainWhenAHeldCaseIsLedElsewhere(t *testing.T) {
	t.Parallel()
	steps := "  - id: both\n    parallel:\n      - {id: a, steps: [" + strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(askOutside), "-")) + "]}\n" +
		"      - {id: b, steps: [{id: pause, wait: {on: deal.paid}}, {id: note, set: {note: paid}}, {id: work, task: Work, by: initiator}]}\n" +
		"  - {id: next, task: Next, by: initiator}\n"
	held := func() *trial {
		c := outsider(t, steps, nil)
		c.in.Broken = map[string]Text{"note": Same("the record is locked")}
		require.Nil(t, c.in.State.Held)
		c.must(c.happens("deal.paid"))
		require.Equal(t, "note", c.in.State.Held.Step)
		require.Equal(t, 1, c.told(wang, "opened"))
		return c
	}
	c := held()
	task := c.in.State.Held.Task
	c.must(c.try(jumpTo("work")))
	require.Equal(t, []string{"ask:xu.lei", "work:li.na"}, c.open())
	require.Equal(t, 2, c.told(wang, "opened"))
	require.Equal(t, []string{task}, []string{c.entries("voided")[0].Task})

	c = held()
	c.must(c.try(jumpTo("next")))
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, 1, c.told(wang, "opened"), "nothing is asked of them any more")

	c = held()
	c.must(c.admin(EventResume, "again"))
	require.NotNil(t, c.in.State.Held, "it is held again")
	require.Equal(t, 1, c.told(wang, "opened"))
	c.in.Broken = nil
	c.must(c.admin(EventResume, "put right"))
	require.Equal(t, 2, c.told(wang, "opened"))
}
