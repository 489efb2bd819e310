package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// api calls a running server as one of its people.
type api struct {
	url   string
	http  *http.Client
	token string
	keys  *keys
}

// keys makes idempotency keys that no other run has used.
type keys struct {
	run  string
	next atomic.Int64
}

// key gives the next one.
func (k *keys) key() string { return fmt.Sprint("bench-", k.run, "-", k.next.Add(1)) }

// as is the same server called by somebody else.
func (a api) as(token string) api {
	a.token = token
	return a
}

// request makes a request as a program sends it: with the token, and a key on what changes something.
func (a api) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, a.url+"/api/v1"+path, sent)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Language", "en")
	if sent != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", a.keys.key())
	}
	return r, nil
}

// post sends a POST and reads its answer into answer. What isn't a success is an error that carries the problem.
func (a api) post(ctx context.Context, path string, body, answer any) error {
	r, err := a.request(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	_, err = a.send(r, answer)
	return err
}

// send carries out a request and reads its answer into answer, unless that is nil.
func (a api) send(r *http.Request, answer any) (*http.Response, error) {
	response, err := a.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return response, readAnswer(r, response.StatusCode, text, answer)
}

// readAnswer reads a success; anything else is an error.
func readAnswer(r *http.Request, status int, text []byte, answer any) error {
	if status >= http.StatusMultipleChoices {
		return &refused{method: r.Method, path: r.URL.Path, status: status, body: strings.TrimSpace(string(text))}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w in %s", r.Method, r.URL.Path, err, text)
	}
	return nil
}

// refused is an answer that isn't a success.
type refused struct {
	method, path string
	status       int
	body         string
}

func (e *refused) Error() string {
	return fmt.Sprintf("%s %s answers %d: %.500s", e.method, e.path, e.status, e.body)
}

// signIn makes a bearer token for a person: a session first, as only a person signed in may ask for one.
func (a api) signIn(ctx context.Context, user, password string) (string, error) {
	r, err := a.request(ctx, http.MethodPost, "/session", map[string]string{"user": user, "password": password})
	if err != nil {
		return "", err
	}
	session, err := a.send(r, nil)
	if err != nil {
		return "", err
	}
	if r, err = a.request(ctx, http.MethodPost, "/tokens", nil); err != nil {
		return "", err
	}
	for _, c := range session.Cookies() {
		r.AddCookie(c)
	}
	var made struct {
		Token string `json:"token"`
	}
	_, err = a.send(r, &made)
	return made.Token, err
}
