package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/server"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/crowd"
)

// firstPage is what a page of the API holds when nobody says how much.
const firstPage = 50

// look measures everything for one sort of person.
func (b *inboxBench) look(ctx context.Context, who, title string, r *InboxReport) error {
	viewers, err := b.viewers(ctx, who)
	if err != nil {
		return err
	}
	add := func(box, query string, goal float64, one func(i int) error) error {
		laps, err := b.measure(one)
		if err != nil {
			return fmt.Errorf("%s, %s, %s: %w", title, box, query, err)
		}
		r.add(title, box, query, goal, laps)
		return nil
	}
	for _, q := range b.queries() {
		for _, box := range store.Boxes {
			err := add(box, q.name, q.goal, func(i int) error {
				f := q.ask(i)
				f.Box, f.Now = box, b.now
				_, _, err := b.db.Tasks(ctx, viewers[i%len(viewers)], f, store.Page{Limit: firstPage})
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	err = add("all", "counts of all boxes", goalBox, func(i int) error {
		_, err := b.db.CountTasks(ctx, viewers[i%len(viewers)], b.now)
		return err
	})
	if err != nil {
		return err
	}
	return b.lookOverHTTP(ctx, viewers, add)
}

// lookOverHTTP measures the first page as a browser gets it: with its sign-in, whole tasks, and in JSON.
func (b *inboxBench) lookOverHTTP(ctx context.Context, viewers []store.Viewer, add func(box, query string, goal float64, one func(int) error) error) error {
	tokens := make([]string, len(viewers))
	for i, v := range viewers {
		var err error
		if tokens[i], _, err = b.db.NewSession(ctx, v.User, store.SessionBearer, time.Hour); err != nil {
			return err
		}
	}
	for _, box := range store.Boxes {
		err := add(box, "all of it, over HTTP", goalBox, func(i int) error { return b.http.get(ctx, "/api/v1/tasks?box="+box, tokens[i%len(tokens)]) })
		if err != nil {
			return err
		}
	}
	return add("all", "counts, over HTTP", goalBox, func(i int) error { return b.http.get(ctx, "/api/v1/tasks/counts", tokens[i%len(tokens)]) })
}

// viewers are the people who look: one, or for anybody a new one each time.
func (b *inboxBench) viewers(ctx context.Context, who string) ([]store.Viewer, error) {
	ids := []string{who}
	if who == "" {
		ids = nil
		for i := range b.Looks + warming {
			ids = append(ids, crowd.Somebody(b.size, i))
		}
	}
	viewers := make([]store.Viewer, len(ids))
	for i, id := range ids {
		list, err := b.db.PrincipalsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		viewers[i].User = id
		for _, p := range list {
			viewers[i].Principals = append(viewers[i].Principals, string(p))
		}
	}
	return viewers, nil
}

// measure takes the time of each look, but the first ones, and sorts them.
func (b *inboxBench) measure(one func(i int) error) ([]time.Duration, error) {
	var laps []time.Duration
	for i := range b.Looks + warming {
		begin := time.Now()
		if err := one(i); err != nil {
			return nil, err
		}
		if i >= warming {
			laps = append(laps, time.Since(begin))
		}
	}
	slices.Sort(laps)
	return laps, nil
}

// inboxHTTP is a server of this process over the large company.
type inboxHTTP struct {
	url    string
	server *http.Server
	client *http.Client
}

func serveInbox(db *store.DB, e *engine.Engine) (*inboxHTTP, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &inboxHTTP{url: "http://" + l.Addr().String(), client: newHTTPClient(), server: &http.Server{Handler: server.New(server.Options{DB: db, Engine: e}), ReadHeaderTimeout: time.Minute}}
	go func() { _ = h.server.Serve(l) }() // ends with close
	return h, nil
}

func (h *inboxHTTP) close() { _ = h.server.Close() }

func (h *inboxHTTP) get(ctx context.Context, path, token string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := h.client.Do(r)
	if err != nil {
		return err
	}
	var body struct {
		Items []any `json:"items"`
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return errors.New(path + " answers " + answer.Status)
	}
	return readJSON(answer.Body, &body)
}
