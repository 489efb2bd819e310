package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// remote is a running server that a command talks to, as one person.
type remote struct {
	url, user, password, token, lang string
}

// remoteTimeout is how long a server may take for one call.
const remoteTimeout = 60 * time.Second

// serverFlags gives a command the flags that say which server, and who.
func serverFlags(cmd *cobra.Command) *remote {
	r := &remote{}
	cmd.Flags().StringVar(&r.url, "url", cmp.Or(os.Getenv("CRMFLOW_URL"), "http://127.0.0.1:8080"), "address of the server (CRMFLOW_URL)")
	cmd.Flags().StringVar(&r.user, "user", "", "who signs in (CRMFLOW_USER)")
	cmd.Flags().StringVar(&r.password, "password", "", "their password (CRMFLOW_PASSWORD)")
	cmd.Flags().StringVar(&r.token, "token", "", "a bearer token instead (CRMFLOW_TOKEN)")
	return r
}

// named says whether somebody has said which server, or who asks it.
func (r *remote) named(cmd *cobra.Command) bool {
	for _, flag := range []string{"url", "user", "token"} {
		if cmd.Flags().Changed(flag) || os.Getenv("CRMFLOW_"+strings.ToUpper(flag)) != "" {
			return true
		}
	}
	return false
}

// remoteProblem is what a server refused.
type remoteProblem struct {
	Code   string        `json:"code"`
	Title  string        `json:"title"`
	Detail string        `json:"detail"`
	Errors []remoteError `json:"errors"`
}

type remoteError struct {
	Field   string `json:"field"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func (p *remoteProblem) Error() string {
	text := p.Code + ": " + cmp.Or(p.Detail, p.Title)
	for _, e := range p.Errors {
		text += "\n  " + e.Field + " " + e.Message
	}
	return text
}

// call asks the server; what it refuses is a [*remoteProblem].
func (r *remote) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, remoteTimeout)
	defer cancel()
	if err := r.signIn(ctx); err != nil {
		return err
	}
	_, err := r.send(ctx, method, path, body, answer)
	return err
}

// signIn takes a session for the person named, unless there is a token.
func (r *remote) signIn(ctx context.Context) error {
	r.token = cmp.Or(r.token, os.Getenv("CRMFLOW_TOKEN"))
	if r.token != "" {
		return nil
	}
	user, password := cmp.Or(r.user, os.Getenv("CRMFLOW_USER")), cmp.Or(r.password, os.Getenv("CRMFLOW_PASSWORD"))
	if user == "" || password == "" {
		return fmt.Errorf("who signs in? Give --user and --password, or --token")
	}
	response, err := r.send(ctx, http.MethodPost, "/session", map[string]string{"user": user, "password": password}, nil)
	if err != nil {
		return err
	}
	for _, c := range response.Cookies() {
		if strings.HasSuffix(c.Name, "crmflow_session") { // over TLS it has a prefix
			r.token = c.Value // a session's token is good as a bearer's too
		}
	}
	return nil
}

func (r *remote) send(ctx context.Context, method, path string, body, answer any) (*http.Response, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(r.url, "/")+"/api/v1"+path, sent)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Language", cmp.Or(r.lang, "en"))
	request.Header.Set("Idempotency-Key", rand.Text())
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	return response, read(response, text, answer)
}

// read takes in an answer, or the problem that it is.
func read(response *http.Response, text []byte, answer any) error {
	if response.StatusCode >= http.StatusMultipleChoices {
		var no remoteProblem
		if json.Unmarshal(text, &no) != nil || no.Code == "" {
			return fmt.Errorf("the server answers %s", response.Status)
		}
		return &no
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
