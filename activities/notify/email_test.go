package notify

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// mailServer is a mail server that keeps what it takes, and refuses as a test wants.
type mailServer struct {
	*testing.T
	url    string
	mu     sync.Mutex
	took   []string
	refuse func(to string) error
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{T: t}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{mailServer: m}, nil }))
	s.Domain = "mail.example.com"
	t.Cleanup(func() { _ = s.Close() })
	go func() { _ = s.Serve(listener) }()
	m.url = "smtp://" + listener.Addr().String() + "?tls=off"
	return m
}

func (m *mailServer) letters() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.took...)
}

type mailSession struct{ *mailServer }

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.refuse != nil {
		return s.refuse(to)
	}
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = append(s.took, string(raw))
	return err
}

// send sends one letter.
func (m *mailServer) send(l Letter) error {
	m.Helper()
	email, err := NewEmail(m.url, "crmflow <crm@example.com>")
	require.NoError(m, err)
	session, err := email.Open(m.Context())
	require.NoError(m, err)
	defer session.Close()
	return session.Send(m.Context(), l)
}

// A letter arrives in its reader's language, as text and as HTML, with an id that its key makes.
func TestALetterArrives(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	l, err := Write(Letter{Key: "case/7/opened/task/li.na", Address: "li.na@example.com"},
		Content{What: "请审批 · 海川<机械>", Number: "KH0001", Due: "2026-09-29 18:00", Link: "https://crm.example.com/act/abc", Decides: true, Days: 7, Settings: "https://crm.example.com/settings"}, "zh")
	require.NoError(t, err)
	require.Contains(t, l.Text, "只能办理一次，7 天后失效")
	require.Contains(t, l.Text, "https://crm.example.com/act/abc\n")
	require.Contains(t, l.HTML, "海川&lt;机械&gt;", "what people wrote is no markup")
	require.NoError(t, m.send(l))
	require.NoError(t, m.send(l))
	took := m.letters()
	require.Len(t, took, 2)
	first, err := mail.ReadMessage(strings.NewReader(took[0]))
	require.NoError(t, err)
	second, err := mail.ReadMessage(strings.NewReader(took[1]))
	require.NoError(t, err)
	require.Equal(t, "<"+MessageID(l.Key, "example.com")+">", first.Header.Get("Message-ID"))
	require.Equal(t, first.Header.Get("Message-ID"), second.Header.Get("Message-ID"), "whoever gets it twice can tell")
	subject, err := new(mime.WordDecoder).DecodeHeader(first.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "请审批 · 海川<机械>", subject)
	require.Equal(t, "<li.na@example.com>", first.Header.Get("To"))
	require.Equal(t, "auto-generated", first.Header.Get("Auto-Submitted"))
	kind, _, err := mime.ParseMediaType(first.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
}

// Nothing that people write becomes a header, and no address becomes a second one.
func TestNothingBecomesAHeader(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	for _, what := range []string{"Hello\r\nBcc: eve@example.com", "Hello\nBcc: eve@example.com\n\nbody", "Hello\u2028Bcc: eve@example.com", "Hello\x00\x1b[0mBcc: eve@example.com"} {
		l, err := Write(Letter{Key: "k", Address: "li.na@example.com"}, Content{What: what}, "en")
		require.NoError(t, err)
		require.NoError(t, m.send(l))
	}
	for _, took := range m.letters() {
		read, err := mail.ReadMessage(strings.NewReader(took))
		require.NoError(t, err)
		require.Empty(t, read.Header.Get("Bcc"))
		require.Contains(t, read.Header.Get("Subject"), "Hello")
	}
	taken := len(m.letters())
	for _, address := range []string{"", "nobody", "a@example.com, b@example.com", "a@example.com\r\nRCPT TO:<b@example.com>", "Eve <eve@example.com>", "a@example.com>\r\nDATA"} {
		refused, ok := errors.AsType[*Refused](m.send(Letter{Key: "k", Address: address, Subject: "x", Text: "x", HTML: "x"}))
		require.True(t, ok && refused.Final, address)
	}
	require.Len(t, m.letters(), taken)
	require.Equal(t, maxLine, len([]rune(Line(strings.Repeat("长", 500)))))
}

// A mail server that refuses a letter says whether it may take it later; one that isn't there refuses nothing.
func TestWhatAMailServerRefuses(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	l := Letter{Key: "k", Address: "li.na@example.com", Subject: "x", Text: "x", HTML: "x"}
	for code, final := range map[int]bool{550: true, 450: false} {
		m.refuse = func(string) error { return &smtp.SMTPError{Code: code, Message: "no"} }
		err := m.send(l)
		refused, ok := errors.AsType[*Refused](err)
		require.True(t, ok, code)
		require.Equal(t, final, refused.Final, code)
		require.NotContains(t, err.Error(), "li.na", "logs hold no person's data")
	}
	m.refuse = func(string) error { return &smtp.SMTPError{Code: 421, Message: "closing"} }
	err := m.send(l)
	require.Error(t, err)
	require.False(t, errors.As(err, new(*Refused)), "the server goes away; it says nothing of the letter")

	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	email, err := NewEmail("smtp://"+gone.Addr().String()+"?tls=off", "crm@example.com")
	require.NoError(t, err)
	_, err = email.Open(t.Context())
	require.ErrorContains(t, err, "doesn't answer")
}

// A mail server that can't guard the connection gets neither password nor letter, unless it was said that it needn't.
func TestMailIsGuarded(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	m.url = strings.TrimSuffix(m.url, "?tls=off")
	email, err := NewEmail(m.url, "crm@example.com")
	require.NoError(t, err)
	_, err = email.Open(t.Context())
	require.Error(t, err)
	require.Empty(t, m.letters())
}

// What can't be right is refused at the start, and the password is in no message.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"mail.example.com:25", "http://mail.example.com", "smtp://", "smtp://h/path", "smtp://h?tls=on", "smtps://h?tls=off", "smtp://h?other=1", "smtp://u:hushhush@h:port"} {
		_, err := NewEmail(server, "crm@example.com")
		require.Error(t, err, server)
		require.NotContains(t, err.Error(), "hushhush")
	}
	_, err := NewEmail("smtp://h:25", "nobody")
	require.ErrorContains(t, err, "mail_from")
	_, err = NewEmail("smtps://user:hushhush@mail.example.com", "Acme <crm@example.com>")
	require.NoError(t, err)
}
