package worker

import (
	"io"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// letterbox is a mail server that may be away, keeps what it takes, and refuses as a test wants.
type letterbox struct {
	t       *testing.T
	address string
	server  *smtp.Server
	mu      sync.Mutex
	took    []string
	refuse  []error // of the next recipients
	nobody  string  // an address at which nobody is
}

func newLetterbox(t *testing.T) *letterbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return &letterbox{t: t, address: l.Addr().String()}
}

// comes lets the mail server be there.
func (b *letterbox) comes() {
	b.t.Helper()
	var listener net.Listener
	require.Eventually(b.t, func() (ok bool) {
		var err error
		listener, err = net.Listen("tcp", b.address)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	b.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{b}, nil }))
	b.t.Cleanup(func() { _ = b.server.Close() })
	go func() { _ = b.server.Serve(listener) }()
}

func (b *letterbox) sender() notify.Sender {
	b.t.Helper()
	email, err := notify.NewEmail("smtp://"+b.address+"?tls=off", "crm@example.com")
	require.NoError(b.t, err)
	return email
}

func (b *letterbox) letters() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.took...)
}

type delivery struct{ *letterbox }

func (d *delivery) Reset()                               {}
func (d *delivery) Logout() error                        { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if to == d.nobody {
		return &smtp.SMTPError{Code: 550, Message: "no such person"}
	}
	if len(d.refuse) == 0 {
		return nil
	}
	err := d.refuse[0]
	d.refuse = d.refuse[1:]
	return err
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.took = append(d.took, string(raw))
	return err
}

// newMailed is a stack whose people have addresses.
func newMailed(t *testing.T) *stack {
	t.Helper()
	s := newStack(t)
	_, err := s.db.Exec(s.ctx, `UPDATE users SET email = id || '@example.com', language = 'en'`)
	require.NoError(t, err)
	return s
}

// becameOf counts the messages of a case by what has become of their mail.
func (s *stack) becameOf(a engine.Answer) map[string]int {
	s.t.Helper()
	var rows []string
	require.NoError(s.t, s.db.Select(s.ctx, &rows, `SELECT mail FROM notifications WHERE case_id = $1`, a.Case.ID))
	counts := map[string]int{}
	for _, r := range rows {
		counts[r]++
	}
	return counts
}

const mailSoon = 50 * time.Millisecond

// Whoever gets a task has a letter, once, with a link of their own. Several workers don't make it several letters.
func TestATaskComesByMailOnce(t *testing.T) {
	t.Parallel()
	s, b := newMailed(t), newLetterbox(t)
	b.comes()
	for range 2 {
		s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	}
	var cases []engine.Answer
	for range 20 {
		cases = append(cases, s.start())
	}
	s.until("all are sent", func() bool {
		for _, a := range cases {
			if s.becameOf(a)[store.MailSent] != 1 {
				return false
			}
		}
		return true
	})
	ids := map[string]bool{}
	for _, raw := range b.letters() {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		require.NoError(t, err)
		require.Equal(t, "<wang.fang@example.com>", m.Header.Get("To"))
		ids[m.Header.Get("Message-ID")] = true
	}
	require.Len(t, b.letters(), len(cases))
	require.Len(t, ids, len(cases), "each has an id of its own")
	link := regexp.MustCompile(`https://crm\.example\.com/act/([A-Z2-7]{52})`).FindStringSubmatch(strings.ReplaceAll(b.letters()[0], "=\r\n", ""))
	require.NotNil(t, link, b.letters()[0])
	opened, err := s.db.ActLink(s.ctx, link[1])
	require.NoError(t, err)
	require.Equal(t, "wang.fang", opened.User)
	require.True(t, strings.HasPrefix(opened.Seen, "sha256:"))
	var kept int
	require.NoError(t, s.db.Get(s.ctx, &kept, `SELECT count(*) FROM act_links WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, link[1]))
	require.Zero(t, kept, "the link itself is kept nowhere")
}

// While the mail server is away people decide as ever. When it is back they are told of what is still to be done, and of nothing else.
func TestTheMailServerIsAway(t *testing.T) {
	t.Parallel()
	s, b := newMailed(t), newLetterbox(t)
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	over, open := s.start(), s.start()
	s.approve(s.approve(over))
	s.until("the channel fails", func() bool {
		c, err := s.db.Channel(s.ctx, store.ChannelEmail, "li.na")
		require.NoError(t, err)
		return c.Configured && c.Failing != nil && c.Why != nil
	})
	require.Empty(t, s.becameOf(open)[store.MailSent])
	b.comes()
	s.until("what is open was sent", func() bool { return s.becameOf(open)[store.MailSent] == 1 })
	s.until("what is over was settled", func() bool { return s.becameOf(over)[store.MailWaiting] == 0 })
	require.Equal(t, 2, s.becameOf(over)[store.MailDropped], "both tasks were decided before anybody could be told: %v", s.becameOf(over))
	s.until("the channel works", func() bool {
		c, err := s.db.Channel(s.ctx, store.ChannelEmail, "li.na")
		require.NoError(t, err)
		return c.Failing == nil && c.Why == nil
	})
}

// A mail server that takes a connection and says nothing keeps nobody from deciding.
func TestTheMailServerIsSilent(t *testing.T) {
	t.Parallel()
	s, b := newMailed(t), newLetterbox(t)
	listener, err := net.Listen("tcp", b.address)
	require.NoError(t, err)
	defer listener.Close()
	knocked := make(chan struct{}, 1)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			select {
			case knocked <- struct{}{}:
			default:
			}
		}
	}()
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	a := s.start()
	<-knocked
	require.Equal(t, "approved", s.approve(s.approve(a)).Case.Outcome)
}

// What one letter is refused for is its own affair: the next ones arrive. One that is refused for now is tried again, one that is refused for good isn't.
func TestALetterIsRefused(t *testing.T) {
	t.Parallel()
	s, b := newMailed(t), newLetterbox(t)
	b.refuse = []error{&smtp.SMTPError{Code: 550, Message: "no such person"}, &smtp.SMTPError{Code: 450, Message: "not now"}}
	a := s.start()
	later := s.start()
	third := s.start()
	b.comes()
	s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
	s.until("the third was sent", func() bool { return s.becameOf(third)[store.MailSent] == 1 })
	require.Equal(t, 1, s.becameOf(a)[store.MailFailed])
	require.Equal(t, 1, s.becameOf(later)[store.MailWaiting])
	var tries int
	require.NoError(t, s.db.Get(s.ctx, &tries, `SELECT max(mail_tries) FROM notifications WHERE case_id = $1`, later.Case.ID))
	require.Equal(t, 1, tries)
	_, err := s.db.Exec(s.ctx, `UPDATE notifications SET mail_due_real = mail_due_real - interval '1 minute' WHERE case_id = $1`, later.Case.ID)
	require.NoError(t, err)
	s.until("it was sent", func() bool { return s.becameOf(later)[store.MailSent] == 1 })
}

// Who doesn't want mail, has no address, has left, or has read it on the page gets none; nor does anybody what is days old.
func TestWhoGetsNoMail(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]string{
		"turned off": `INSERT INTO channels_off (user_id, channel) VALUES ('wang.fang', 'email')`,
		"no address": `UPDATE users SET email = NULL WHERE id = 'wang.fang'`,
		"has left":   `UPDATE users SET active = false WHERE id = 'wang.fang'`,
		"has read":   `UPDATE notifications SET read_at = at`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s, b := newMailed(t), newLetterbox(t)
			a := s.start()
			_, err := s.db.Exec(s.ctx, change)
			require.NoError(t, err)
			b.comes()
			s.work(Config{Drain: mailSoon, Mail: b.sender(), URL: "https://crm.example.com"})
			s.until("it was settled", func() bool { return s.becameOf(a)[store.MailDropped] == 1 })
			require.Empty(t, b.letters())
		})
	}
}

// A development stack keeps its mail.
func TestMailIsCaught(t *testing.T) {
	t.Parallel()
	s := newMailed(t)
	a := s.start()
	s.work(Config{Drain: mailSoon, Mail: Catcher{s.db}, URL: "https://crm.example.com"})
	s.until("it was caught", func() bool { return s.becameOf(a)[store.MailSent] == 1 })
	var id int64
	require.NoError(t, s.db.Get(s.ctx, &id, `SELECT id FROM notifications WHERE case_id = $1`, a.Case.ID))
	caught, err := s.db.CaughtMailOf(s.ctx, []int64{id})
	require.NoError(t, err)
	require.Len(t, caught[id], 1)
	require.Equal(t, "wang.fang@example.com", caught[id][0].Address)
	require.Contains(t, caught[id][0].Text, "https://crm.example.com/act/")
}

// Without a mail server what was told stays in the page, and isn't sent when there is one, years later.
func TestWithoutMailMessagesStayInThePage(t *testing.T) {
	t.Parallel()
	s := newMailed(t)
	stays := s.start()
	s.work(Config{Drain: mailSoon, Clean: mailSoon})
	s.until("it stays", func() bool { return s.becameOf(stays)["over"] == 1 })
	c, err := s.db.Channel(s.ctx, store.ChannelEmail, "li.na")
	require.NoError(t, err)
	require.False(t, c.Configured)
}
