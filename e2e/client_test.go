package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answerWithin bounds one call: longer than the server's own limit, so that it is the server who must give up first.
const answerWithin = 35 * time.Second

// client calls a server as one person.
type client struct {
	url   string // of the server
	user  string
	token string
	http  *http.Client
}

// reply is what came back: an answer, or in err why there is none.
type reply struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
	err    error
}

func newHTTP() *http.Client {
	return &http.Client{Timeout: answerWithin, Transport: &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: 64, // and no proxy
	}}
}

// at is the same person at another server.
func (c client) at(url string) client {
	c.url = url
	return c
}

func (c client) get(path string) reply { return c.send(http.MethodGet, c.url+"/api/v1"+path, "", nil) }

func (c client) post(key, path string, body any) reply {
	return c.send(http.MethodPost, c.url+"/api/v1"+path, key, body)
}

// send makes one call, once.
func (c client) send(method, url, key string, body any) reply {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return reply{err: err}
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, url, sent)
	if err != nil {
		return reply{err: err}
	}
	r.Header.Set("Accept-Language", "en")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return c.do(r)
}

func (c client) do(r *http.Request) reply {
	began := time.Now()
	response, err := c.http.Do(r)
	if err != nil {
		return reply{err: err, took: time.Since(began)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: text, took: time.Since(began), err: err}
}

// answered says whether the reply tells what happened: not a lost connection, not 503, not a failure of the server.
func (r reply) answered() bool {
	return r.err == nil && r.status < 500 && r.status != http.StatusTooManyRequests
}

func (r reply) ok() bool { return r.err == nil && r.status >= 200 && r.status < 300 }

// String is the reply for a failure's message.
func (r reply) String() string {
	if r.err != nil {
		return "no answer: " + r.err.Error()
	}
	return fmt.Sprintf("%d %.600s", r.status, r.body)
}

// problem is a refusal.
type problem struct {
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	DecidedBy string `json:"decided_by"`
	DecidedAt string `json:"decided_at"`
	Outcome   string `json:"outcome"`
}

// problem of a reply that is none has no code.
func (r reply) problem() problem {
	var p problem
	_ = json.Unmarshal(r.body, &p)
	return p
}

// into reads a success; anything else is an error.
func (r reply) into(v any) error {
	if !r.ok() {
		return errors.New(r.String())
	}
	return json.Unmarshal(r.body, v)
}

// caseView is a case as the API shows it.
type caseView struct {
	ID        string `json:"id"`
	Number    string `json:"number"`
	Status    string `json:"status"`
	Outcome   string `json:"outcome"`
	Initiator string `json:"initiator"`
	Record    struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"record"`
	Open []openTask `json:"open"`
}

type openTask struct {
	Task  string     `json:"task"`
	Step  string     `json:"step"`
	Item  string     `json:"item"`
	Who   []string   `json:"who"`
	DueAt *time.Time `json:"due_at"`
}

// caseOf reads the case of an answer, which is the answer itself or a part of it.
func (r reply) caseOf() (caseView, error) {
	var whole struct {
		caseView
		Case *caseView `json:"case"`
	}
	err := r.into(&whole)
	if whole.Case != nil {
		return *whole.Case, err
	}
	return whole.caseView, err
}

// entry is an entry of a timeline.
type entry struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	Event   string    `json:"event"`
	Step    string    `json:"step"`
	Item    string    `json:"item"`
	Task    string    `json:"task"`
	By      string    `json:"by"`
	For     string    `json:"for"`
	Outcome string    `json:"outcome"`
	Comment string    `json:"comment"`
	Reason  string    `json:"reason"`
	Data    struct {
		Rung  *int       `json:"rung"`
		To    any        `json:"to"` // handed_up: whom
		DueAt *time.Time `json:"due_at"`
	} `json:"data"`
}

// String is the entry as one line.
func (e entry) String() string {
	rung := ""
	if e.Data.Rung != nil {
		rung = "rung " + strconv.Itoa(*e.Data.Rung)
	}
	return strings.Join(strings.Fields(fmt.Sprint(e.Seq, " ", e.At.Format(time.RFC3339), " ", e.Event, " ", e.Step, " ", e.Task, " ", e.By, " ", e.Outcome, " ", e.Comment, " ", rung, " ", e.Reason)), " ")
}

func say(entries []entry) string {
	var lines []string
	for _, e := range entries {
		lines = append(lines, "  "+e.String())
	}
	return strings.Join(lines, "\n")
}

func (c client) caseNow(id string) (caseView, error) { return c.get("/cases/" + id).caseOf() }

// timeline reads all pages of a case's timeline.
func (c client) timeline(id string) ([]entry, error) {
	return pages[entry](c, "/cases/"+id+"/timeline")
}

// pages reads a whole list.
func pages[T any](c client, path string) ([]T, error) {
	var all []T
	glue := "?"
	if strings.Contains(path, "?") {
		glue = "&"
	}
	for cursor := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		if err := c.get(path + glue + "limit=200&cursor=" + url.QueryEscape(cursor)).into(&page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		cursor = page.Next
	}
}

// clock is business time.
type clock struct {
	Now   time.Time `json:"now"`
	Scale float64   `json:"scale"`
}

func (c client) clock() (clock, error) {
	var now clock
	return now, c.get("/clock").into(&now)
}

// untilBusiness waits until business time has reached a moment.
func (c client) untilBusiness(moment time.Time, within time.Duration) error {
	return eventually(within, "business time reaches "+moment.String(), func() (bool, error) {
		now, err := c.clock()
		if err == nil && now.Now.Before(moment) {
			left := time.Duration(float64(moment.Sub(now.Now)) / now.Scale)
			time.Sleep(min(left, 2*time.Second))
		}
		return err == nil && !now.Now.Before(moment), err
	})
}

// signIn gives a client with a token of its own.
func signIn(url, user, password string) (client, error) {
	c := client{url: url, user: user, http: newHTTP()}
	in := c.send(http.MethodPost, url+"/api/v1/session", "", map[string]string{"user": user, "password": password})
	if !in.ok() {
		return c, fmt.Errorf("signing in as %s: %s", user, in)
	}
	r, err := http.NewRequest(http.MethodPost, url+"/api/v1/tokens", http.NoBody)
	if err != nil {
		return c, err
	}
	for _, cookie := range (&http.Response{Header: in.header}).Cookies() {
		r.AddCookie(cookie)
	}
	var made struct {
		Token string `json:"token"`
	}
	if err := c.do(r).into(&made); err != nil {
		return c, fmt.Errorf("a token for %s: %w", user, err)
	}
	c.token = made.Token
	return c, nil
}

// administrator signs in as the sample company's.
func (s *stack) administrator() (client, error) {
	for _, u := range s.present().Users {
		if slices.Contains(u.Roles, "administrator") {
			return signIn(s.url(), u.User, u.Password)
		}
	}
	return client{}, errors.New("dev.json names no administrator")
}

// people are clients by user id.
type people map[string]client

// hire makes people, each with the manager given ("" for none), and signs them in. Managers come first.
func hire(t *testing.T, s *stack, admin client, wanted ...[2]string) people {
	t.Helper()
	const password = "e2e-password-of-all"
	made := people{}
	for _, w := range wanted {
		body := map[string]any{"user": w[0], "name": map[string]string{"zh": w[0], "en": w[0]}, "password": password}
		if w[1] != "" {
			body["manager"] = w[1]
		}
		r := admin.post("hire-"+w[0], "/users", body)
		require.True(t, r.ok(), "adding %s: %s", w[0], r)
	}
	var mu sync.Mutex
	var errs []error
	var all sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, w := range wanted {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			c, err := signIn(s.url(), w[0], password)
			mu.Lock()
			defer mu.Unlock()
			made[w[0]], errs = c, append(errs, err)
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	return made
}

// publish publishes definition files, all or nothing.
func publish(t *testing.T, admin client, files map[string]string) {
	t.Helper()
	type file struct {
		Path    string `json:"path"`
		Content string `json:"content"`
	}
	var list []file
	for path, content := range files {
		list = append(list, file{path, content})
	}
	slices.SortFunc(list, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	r := admin.post("publish-"+list[0].Path, "/definitions", map[string]any{"files": list})
	require.True(t, r.ok(), "publishing: %s", r)
}
