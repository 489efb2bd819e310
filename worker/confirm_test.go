package worker

import (
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const asking = `record: part
title: Part
fields:
  name:     {type: text, required: true}
  secret:   {type: text}
  supplier: {type: text}
  mail:     {type: email}
---
process: confirm
title: Confirm
record: part
number: "GY{0000}"
subject: "{record.secret}"
start: {by: [role:sales]}
steps:
  - id: both
    parallel:
      - {id: a, steps: [{id: ask, approve: {zh: 请确认, en: Please confirm}, by: {outside: record.supplier, email: record.mail, stands_in: {user: wang.fang}}, show: [name]}]}
      - {id: b, steps: [{id: work, task: Work, by: {user: li.na}, edit: {name: optional, secret: optional}}]}
`

// newAsking is a company that asks people outside, with a mail server that is away.
func newAsking(t *testing.T) (*stack, *letterbox) {
	t.Helper()
	s, b := newMailed(t), newLetterbox(t)
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{{Path: "confirm.yaml", Content: asking}})
	require.NoError(t, err)
	require.False(t, process.Failed(problems), "%v", problems)
	return s, b
}

func (s *stack) asks(address string) engine.Answer {
	s.t.Helper()
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "confirm",
		With: map[string]any{"name": "P-100", "secret": "9.99", "supplier": "王强", "mail": address}})
	require.NoError(s.t, err)
	return a
}

// taskOf is the open task of a step.
func taskOf(t *testing.T, a engine.Answer, step string) string {
	t.Helper()
	i := slices.IndexFunc(a.Case.Open, func(o engine.OpenView) bool { return o.Step == step })
	require.GreaterOrEqual(t, i, 0, step)
	return a.Case.Open[i].Task
}

// outside are the letters to an address: the subject and the text of each, in the order in which they came.
func (b *letterbox) outside(address string) (subjects, texts []string) {
	b.t.Helper()
	for _, raw := range b.letters() {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		require.NoError(b.t, err)
		if m.Header.Get("To") != "<"+address+">" {
			require.NotContains(b.t, raw, address, "nobody else learns the address")
			continue
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		require.NoError(b.t, err)
		_, kind, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		require.NoError(b.t, err)
		part, err := multipart.NewReader(m.Body, kind["boundary"]).NextPart()
		require.NoError(b.t, err)
		text, err := io.ReadAll(part)
		require.NoError(b.t, err)
		subjects, texts = append(subjects, subject), append(texts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return subjects, texts
}

var actLink = regexp.MustCompile(`https://crm\.example\.com/act/([A-Z2-7]{52})`)

// Somebody without an account has a letter of their own, in both languages, with a link to answer by and no more of the record than the step shows. When what
// they were shown changes they have another one; when they have answered, what was still to be said isn't.
func TestSomebodyOutsideIsWrittenTo(t *testing.T) {
	t.Parallel()
	s, b := newAsking(t)
	b.comes()
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	a := s.asks("wang@supplier.example")
	letters := func(n int) (subjects, texts []string) {
		s.until("letters", func() bool { subjects, texts = b.outside("wang@supplier.example"); return len(texts) == n })
		return subjects, texts
	}
	subjects, texts := letters(1)
	require.Equal(t, "GY0001 请确认 / Please confirm", subjects[0])
	for _, want := range []string{"王强，您好", "Dear 王强", "请您答复: 请确认", "Your answer is asked for: Please confirm", "7 天后失效", "please don't forward it"} {
		require.Contains(t, texts[0], want)
	}
	for _, never := range []string{"9.99", "settings", "设置", "wang.fang", "/tasks/", "/cases/"} {
		require.NotContains(t, texts[0], never)
	}
	link := actLink.FindStringSubmatch(texts[0])
	require.NotNil(t, link, texts[0])
	first, err := s.db.ActLink(s.ctx, link[1])
	require.NoError(t, err)
	require.Equal(t, []string{"outside:王强", taskOf(t, a, "ask")}, []string{first.User, first.Task})

	_, err = s.engine.Act(s.ctx, engine.Request{Caller: "li.na"}, engine.ActCommand{Task: taskOf(t, a, "work"), Act: process.EventComplete, Fields: map[string]any{"name": "P-200"}})
	require.NoError(t, err)
	_, texts = letters(2)
	require.Contains(t, texts[1], "The content has changed")
	second, err := s.db.ActLink(s.ctx, actLink.FindStringSubmatch(texts[1])[1])
	require.NoError(t, err)
	require.NotEqual(t, first.Seen, second.Seen)

	_, err = s.engine.Act(s.ctx, engine.Request{Caller: first.User, Link: first.Hash}, engine.ActCommand{Task: first.Task, Act: process.EventApprove, Seen: first.Seen})
	require.ErrorContains(t, err, "content_changed")
	done, err := s.engine.Act(s.ctx, engine.Request{Caller: second.User, Link: second.Hash}, engine.ActCommand{Task: second.Task, Act: process.EventApprove, Seen: second.Seen})
	require.NoError(t, err)
	require.Equal(t, process.Ended, done.Case.Status)
	require.ErrorContains(t, s.engine.WriteAgain(s.ctx, first), "task_closed")
}

// While the mail server is away who stands in answers, and nobody outside is troubled with what is over; a link that has expired brings a new letter, once.
func TestWhatIsOverIsNotWrittenOutside(t *testing.T) {
	t.Parallel()
	s, b := newAsking(t)
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	over, open, nowhere := s.asks("over@supplier.example"), s.asks("open@supplier.example"), s.asks("")
	_, err := s.engine.Act(s.ctx, engine.Request{Caller: "wang.fang"}, engine.ActCommand{Task: taskOf(t, over, "ask"), Act: process.EventApprove})
	require.NoError(t, err)
	b.comes()
	s.until("what is open was sent", func() bool { _, texts := b.outside("open@supplier.example"); return len(texts) == 1 })
	s.until("what is over was settled", func() bool { return s.becameOf(over)[store.MailOutside] == 0 })
	_, texts := b.outside("over@supplier.example")
	require.Empty(t, texts)
	s.until("no address is kept", func() bool {
		var kept int
		require.NoError(t, s.db.Get(s.ctx, &kept, `SELECT count(*) FROM notifications WHERE address IS NOT NULL`))
		return kept == 0
	})
	var told int
	require.NoError(t, s.db.Get(s.ctx, &told, `SELECT count(*) FROM notifications WHERE case_id = $1 AND to_user LIKE 'outside:%'`, nowhere.Case.ID))
	require.Zero(t, told, "nobody can write to them")

	_, texts = b.outside("open@supplier.example")
	link, err := s.db.ActLink(s.ctx, actLink.FindStringSubmatch(texts[0])[1])
	require.NoError(t, err)
	require.Equal(t, taskOf(t, open, "ask"), link.Task)
	_, err = s.db.Exec(s.ctx, `UPDATE act_links SET expires_real = now() - interval '1 second'`)
	require.NoError(t, err)
	require.NoError(t, s.engine.WriteAgain(s.ctx, link))
	require.ErrorIs(t, s.engine.WriteAgain(s.ctx, link), engine.ErrLinkUsed)
	s.until("a new letter", func() bool {
		_, texts = b.outside("open@supplier.example")
		return len(texts) == 2
	})
	again, err := s.db.ActLink(s.ctx, actLink.FindStringSubmatch(texts[1])[1])
	require.NoError(t, err)
	require.Equal(t, []string{link.User, link.Task, link.Seen}, []string{again.User, again.Task, again.Seen})
}

// A letter to somebody outside that is refused for good isn't lost: who stands in is told, once, and it is in the administrators' list for as long as it matters.
func TestALetterOutsideThatCannotBeDelivered(t *testing.T) {
	t.Parallel()
	s, b := newAsking(t)
	b.nobody = "gone@supplier.example"
	b.comes()
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	a := s.asks("gone@supplier.example")
	stuck := func() (tasks []string) {
		rows, _, err := s.db.Stuck(s.ctx, store.StuckBefore{}, store.Page{Limit: 50})
		require.NoError(t, err)
		for _, r := range rows {
			require.Equal(t, []any{store.StuckLetter, a.Case.ID}, []any{r.What, *r.Case})
			tasks = append(tasks, *r.Task)
		}
		return tasks
	}
	s.until("it was given up", func() bool { return s.becameOf(a)[store.MailUndelivered] == 1 })
	require.Equal(t, []string{taskOf(t, a, "ask")}, stuck())
	told := func() (who []string) {
		require.NoError(t, s.db.Select(s.ctx, &who, `SELECT to_user FROM notifications WHERE case_id = $1 AND about = 'undelivered'`, a.Case.ID))
		return who
	}
	require.Equal(t, []string{"wang.fang"}, told())
	counts, err := s.db.CountStuck(s.ctx, store.StuckBefore{})
	require.NoError(t, err)
	require.Equal(t, 1, counts[store.StuckLetter])
	var kept int
	require.NoError(t, s.db.Get(s.ctx, &kept, `SELECT count(*) FROM notifications WHERE address IS NOT NULL`))
	require.Zero(t, kept, "the address isn't kept for it")
	require.NoError(t, s.engine.Undelivered(s.ctx, taskOf(t, a, "ask"), "outside:王强"))
	require.Equal(t, []string{"wang.fang"}, told(), "once")
	require.NoError(t, s.engine.Undelivered(s.ctx, taskOf(t, a, "ask"), "outside:赵明"))

	_, err = s.engine.ChangeRecord(s.ctx, engine.Request{Caller: "admin"}, "part", a.Case.Record.ID, map[string]any{"mail": "here@supplier.example"}, 0)
	require.NoError(t, err)
	s.until("the new address is written to", func() bool { _, texts := b.outside("here@supplier.example"); return len(texts) == 1 })
	require.Empty(t, stuck())
	require.ErrorContains(t, s.engine.Undelivered(s.ctx, "nowhere", "outside:王强"), "not_found")
}
