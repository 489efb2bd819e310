package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"go.temporal.io/sdk/client"

	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

//go:embed definitions/*.yaml
var benchDefinitions embed.FS

const (
	benchProcess = "bench-three"
	benchComment = "agreed, see the note"
	benchNote    = "Two pumps and one year of reagents, as quoted; delivery in two parts. The customer asks for payment within sixty days."
	starter      = "bench.starter"
)

// benchSteps are the steps of the benchmark's process, in order, and who decides each.
var benchSteps = [decisionsPerCase]struct{ step, by string }{{"first", "bench.one"}, {"second", "bench.two"}, {"third", "bench.three"}}

// product is crmflow as its users reach it: over HTTP.
type product struct {
	api    api
	tokens map[string]string // by user id
	client client.Client
	db     *store.DB
}

// newProduct makes the benchmark's people and publishes its process, all through the API.
func newProduct(ctx context.Context, status dev.Status, c client.Client, db *store.DB, run string) (*product, error) {
	p := &product{
		api:    api{url: status.URL, http: newHTTPClient(), keys: &keys{run: run}},
		tokens: map[string]string{}, client: c, db: db,
	}
	admin, err := administrator(status.Users)
	if err != nil {
		return nil, err
	}
	token, err := p.api.signIn(ctx, admin.User, admin.Password)
	if err != nil {
		return nil, fmt.Errorf("signing in as %s: %w", admin.User, err)
	}
	if err := p.people(ctx, p.api.as(token)); err != nil {
		return nil, err
	}
	return p, publish(ctx, p.api.as(token), benchDefinitions)
}

// administrator finds who may add people and definitions.
func administrator(users []dev.User) (dev.User, error) {
	for _, u := range users {
		for _, role := range u.Roles {
			if role == "administrator" {
				return u, nil
			}
		}
	}
	return dev.User{}, errors.New("dev.json names no administrator to sign in as")
}

// people makes the starter and the three approvers, and a token for each.
func (p *product) people(ctx context.Context, admin api) error {
	ids := []string{starter}
	for _, s := range benchSteps {
		ids = append(ids, s.by)
	}
	password := "bench-" + p.api.keys.run + "-password"
	for _, id := range ids {
		if err := addPerson(ctx, admin, id, password); err != nil {
			return fmt.Errorf("adding %s: %w", id, err)
		}
		token, err := p.api.signIn(ctx, id, password)
		if err != nil {
			return fmt.Errorf("signing in as %s: %w", id, err)
		}
		p.tokens[id] = token
	}
	return nil
}

// addPerson adds a person, or gives the one that an earlier run left in the same directory a new password.
func addPerson(ctx context.Context, admin api, id, password string) error {
	err := admin.post(ctx, "/users", map[string]any{
		"user": id, "name": map[string]string{"zh": "基准 " + id, "en": "Bench " + id}, "language": "en", "password": password,
	}, nil)
	var no *refused
	if !errors.As(err, &no) || no.status != http.StatusConflict {
		return err
	}
	r, err := admin.request(ctx, http.MethodPatch, "/users/"+id, map[string]any{"password": password, "active": true})
	if err != nil {
		return err
	}
	_, err = admin.send(r, nil)
	return err
}

// publish publishes the record type and the processes.
func publish(ctx context.Context, admin api, from embed.FS) error {
	type file struct {
		Path    string `json:"path"`
		Content string `json:"content"`
	}
	var files []file
	err := fs.WalkDir(from, "definitions", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := from.ReadFile(path)
		files = append(files, file{strings.TrimPrefix(path, "definitions/"), string(text)})
		return err
	})
	if err != nil {
		return err
	}
	if err := admin.post(ctx, "/definitions", map[string]any{"files": files}, nil); err != nil {
		return fmt.Errorf("publishing the benchmark's process: %w", err)
	}
	return nil
}

// caseAnswer is what the benchmark reads of an answer about a case.
type caseAnswer struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Outcome string `json:"outcome"`
	Open    []struct {
		Task string   `json:"task"`
		Step string   `json:"step"`
		Who  []string `json:"who"`
	} `json:"open"`
}

// answer is an answer about a case, given itself or as part.
type answer struct {
	caseAnswer
	Case *caseAnswer `json:"case"`
}

func (a answer) about() caseAnswer {
	if a.Case != nil {
		return *a.Case
	}
	return a.caseAnswer
}

// start opens a case with a record of its own, in one call.
func (p *product) start(ctx context.Context) (*openCase, error) {
	r, err := p.startRequest(ctx)
	if err != nil {
		return nil, err
	}
	var a answer
	if _, err := p.api.send(r, &a); err != nil {
		return nil, err
	}
	c := &openCase{id: a.about().ID}
	return c, c.follow(a.about())
}

func (p *product) startRequest(ctx context.Context) (*http.Request, error) {
	with := map[string]any{"name": "Bench " + p.api.keys.key(), "amount": map[string]any{"amount": 120000, "currency": "CNY"}, "note": benchNote}
	return p.api.as(p.tokens[starter]).request(ctx, http.MethodPost, "/cases", map[string]any{"process": benchProcess, "with": with})
}

// decide approves the open task as the person who has it. The answer must name the next task, which the next decision is for.
func (p *product) decide(ctx context.Context, c *openCase) error {
	r, err := p.decideRequest(ctx, c)
	if err != nil {
		return err
	}
	var a answer
	if _, err := p.api.send(r, &a); err != nil {
		return err
	}
	c.made++
	return c.follow(a.about())
}

func (p *product) decideRequest(ctx context.Context, c *openCase) (*http.Request, error) {
	as := p.api.as(p.tokens[benchSteps[c.made].by])
	return as.request(ctx, http.MethodPost, "/tasks/"+c.task+"/approve", map[string]string{"comment": benchComment})
}

// follow takes the next task from an answer; it is an error when the answer doesn't say what must be next.
func (c *openCase) follow(a caseAnswer) error {
	if c.made == decisionsPerCase {
		if a.Status != "ended" || a.Outcome != "approved" {
			return fmt.Errorf("case %s is %s with outcome %q after its last decision", c.id, a.Status, a.Outcome)
		}
		return nil
	}
	want := benchSteps[c.made]
	if len(a.Open) != 1 || a.Open[0].Step != want.step || len(a.Open[0].Who) != 1 || a.Open[0].Who[0] != want.by || a.Open[0].Task == "" {
		return fmt.Errorf("case %s: after %d decisions the answer names %+v as open, not %s with %s", c.id, c.made, a.Open, want.step, want.by)
	}
	c.task = a.Open[0].Task
	return nil
}

// settle waits until every workflow has heard: the outbox is empty, and as many case workflows run, and have begun, as cases are open.
func (p *product) settle(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		waiting, err := p.db.CountOutbox(ctx, store.TopicCase)
		if err != nil || waiting > 0 {
			return false, err
		}
		var open int64
		if err := p.db.Get(ctx, &open, `SELECT count(*) FROM cases WHERE status <> 'ended'`); err != nil {
			return false, err
		}
		return workflowsSettled(ctx, p.client, workflows.CaseWorkflow, open)
	})
}
