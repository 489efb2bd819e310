package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpTimeout bounds each exchange with a mail server.
const smtpTimeout = 10 * time.Second

// Email sends letters over SMTP.
type Email struct {
	from    *mail.Address
	host    string
	options []gomail.Option
}

// NewEmail reads where mail goes: smtp://user:password@host:587 (STARTTLS is required), smtps://host:465, or smtp://host:25?tls=off within a network of
// one's own; and whom it is from.
func NewEmail(server, from string) (*Email, error) {
	u, err := url.Parse(server)
	if err != nil { // its words would repeat the password
		return nil, errors.New("smtp_url: it is no URL such as smtp://user:password@mail.example.com:587")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("mail_from %q: it is no mail address", from)
	}
	e := &Email{from: sender, host: u.Hostname(), options: []gomail.Option{gomail.WithTimeout(smtpTimeout)}}
	port, err := e.transport(u)
	if err != nil {
		return nil, err
	}
	if written := u.Port(); written != "" {
		if port, err = strconv.Atoi(written); err != nil {
			return nil, fmt.Errorf("smtp_url: %q is no port", written)
		}
	}
	e.options = append(e.options, gomail.WithPort(port))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		e.options = append(e.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(password))
	}
	_, err = gomail.NewClient(e.host, e.options...)
	return e, err
}

// transport is how the connection is guarded, and which port is usual then.
func (e *Email) transport(u *url.URL) (port int, err error) {
	query := u.Query()
	tls := query.Get("tls")
	query.Del("tls")
	if e.host == "" || strings.Trim(u.Path, "/") != "" || len(query) > 0 || tls != "" && (tls != "off" || u.Scheme != "smtp") {
		return 0, errors.New("smtp_url: write smtp://user:password@host:587, smtps://user:password@host:465, or smtp://host:25?tls=off")
	}
	switch {
	case u.Scheme == "smtps":
		e.options = append(e.options, gomail.WithSSL())
		return 465, nil
	case u.Scheme != "smtp":
		return 0, fmt.Errorf("smtp_url: %q is neither smtp nor smtps", u.Scheme)
	case tls == "off":
		e.options = append(e.options, gomail.WithTLSPolicy(gomail.NoTLS))
		return 25, nil
	}
	e.options = append(e.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	return 587, nil
}

// Open connects to the mail server.
func (e *Email) Open(ctx context.Context) (Session, error) {
	client, err := gomail.NewClient(e.host, e.options...)
	if err != nil {
		return nil, err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return nil, fmt.Errorf("notify: the mail server doesn't answer: %w", err)
	}
	return &emailSession{e, client}, nil
}

type emailSession struct {
	*Email
	client *gomail.Client
}

// Close says good-bye to the mail server.
func (s *emailSession) Close() error { return s.client.Close() }

// Send sends one letter.
func (s *emailSession) Send(_ context.Context, l Letter) error {
	m, err := s.message(l)
	if err != nil {
		return &Refused{Final: true, Err: err}
	}
	err = s.client.Send(m)
	if m.IsDelivered() { // whatever went wrong afterwards
		return nil
	}
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return err
	}
	said := fmt.Errorf("notify: %v: the mail server answered %d", failed.Reason, failed.ErrorCode()) // its own words name people
	if ofLetter(failed) {
		return &Refused{Final: !failed.IsTemp(), Err: said}
	}
	return said
}

// ofLetter says whether a mail server refuses this letter – whom it is to, or what it says – and not all that comes from us.
func ofLetter(failed *gomail.SendError) bool {
	switch failed.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return failed.ErrorCode() >= 400 && failed.ErrorCode() != 421 // the server closes
	}
	return false
}

// message is a letter as it goes out. Its id comes from its key, so that whoever gets it twice can tell.
func (s *emailSession) message(l Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	m.FromMailAddress(s.from)
	to, err := mail.ParseAddress(l.Address)
	if err != nil || to.Address != l.Address { // an address, and nothing that could be a second one
		return nil, errors.New("notify: the address in the account is no mail address")
	}
	m.ToMailAddress(&mail.Address{Address: to.Address})
	_, domain, _ := strings.Cut(s.from.Address, "@")
	m.SetMessageIDWithValue(MessageID(l.Key, domain))
	m.SetDate()
	m.Subject(Line(l.Subject))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return m, nil
}

// MessageID is the id of the mail of a key.
func MessageID(key, domain string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16]) + "@" + domain
}
