package bench

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/dev"
)

//go:embed definitions/bench-item.yaml definitions/acts/*.yaml
var actsDefinitions embed.FS

// ActsOptions is what `crmflow bench acts` was asked for.
type ActsOptions struct {
	Options
	N    int // open tasks of whoever leaves; default 1000
	Bulk int // tasks that are decided in one request, at most 100; default 100
	Asks int // how often a preview is asked for; default 200
}

func (o ActsOptions) withDefaults() (ActsOptions, error) {
	set(&o.N, 1000)
	set(&o.Bulk, 100)
	set(&o.Asks, 200)
	set(&o.Rounds, 3)
	if o.N < 1 || o.Bulk < 1 || o.Bulk > 100 || o.Bulk > o.N || o.Asks < 1 {
		return o, errors.New("at least one task and one preview are needed, and a request decides between one task and 100, no more than there are")
	}
	var err error
	o.Options, err = o.Options.withDefaults()
	return o, err
}

// RunActs brings up a stack with the sample company, hands over the tasks of somebody who leaves, decides many at once, asks for previews, and reports how long each takes.
func RunActs(ctx context.Context, o ActsOptions, stdout io.Writer) (r ActsReport, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	o.company = true
	err = withStack(ctx, o.Options, func(status dev.Status) error {
		a, err := actsOn(ctx, o, status)
		if err == nil {
			r, err = a.report(ctx)
		}
		return err
	})
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	return r, write(stdout, r, o.JSON)
}

// acts is one run of `crmflow bench acts`.
type acts struct {
	ActsOptions
	api    api
	admin  api
	clerk  api    // may start cases
	leaver string // who has the tasks now
}

const (
	actsProcess = "bench-acts"
	actsStarter = 8 // who start the cases at once
	firstLeaver = "bench.leaver"
	spare       = "bench.spare" // stays, so that somebody can be named
	handoverMax = 10 * time.Minute
)

// actsOn signs in at a stack.
func actsOn(ctx context.Context, o ActsOptions, status dev.Status) (*acts, error) {
	a := &acts{ActsOptions: o,
		api: api{url: status.URL, http: newHTTPClient(), keys: &keys{run: strings.ToLower(rand.Text()[:8])}}}
	for role, as := range map[string]*api{"administrator": &a.admin, "sales": &a.clerk} {
		i := slices.IndexFunc(status.Users, func(u dev.User) bool { return slices.Contains(u.Roles, role) })
		if i < 0 {
			return nil, fmt.Errorf("dev.json names nobody with the role %s to sign in as", role)
		}
		token, err := a.api.signIn(ctx, status.Users[i].User, status.Users[i].Password)
		if err != nil {
			return nil, fmt.Errorf("signing in as %s: %w", status.Users[i].User, err)
		}
		*as = a.api.as(token)
	}
	return a, nil
}

func (a *acts) report(ctx context.Context) (ActsReport, error) {
	r := ActsReport{Machine: thisMachine(ctx), Commit: a.Commit, Tasks: a.N, Bulk: a.Bulk, Notes: []string{}}
	if err := a.prepare(ctx); err != nil {
		return r, err
	}
	for round := 1; round <= a.Rounds; round++ {
		took, err := a.handOver(ctx, fmt.Sprint("bench.heir-", round))
		if err != nil {
			return r, fmt.Errorf("handover %d: %w", round, err)
		}
		r.HandoverS = append(r.HandoverS, seconds(took))
		fmt.Fprintf(a.Progress, "handover %d of %d: %.1f s\n", round, a.Rounds, took.Seconds())
	}
	fmt.Fprintf(a.Progress, "deciding %d tasks at once\n", a.Bulk)
	if err := a.inBulk(ctx, &r); err != nil {
		return r, fmt.Errorf("in bulk: %w", err)
	}
	fmt.Fprintf(a.Progress, "asking for %d previews\n", a.Asks)
	laps, err := a.previews(ctx)
	if err != nil {
		return r, fmt.Errorf("preview: %w", err)
	}
	r.PreviewP50, r.PreviewP95 = round(millis(percentile(laps, 50))), round(millis(percentile(laps, 95)))
	r.judge()
	return r, nil
}

// seconds are those of a duration, as a report keeps them.
func seconds(d time.Duration) float64 { return round(d.Seconds()) }

// prepare makes who leaves, and starts the cases that ask them.
func (a *acts) prepare(ctx context.Context) error {
	a.leaver = firstLeaver
	for _, id := range []string{firstLeaver, spare} {
		if err := addPerson(ctx, a.admin, id, a.password()); err != nil {
			return fmt.Errorf("adding %s: %w", id, err)
		}
	}
	if err := publish(ctx, a.admin, actsDefinitions); err != nil {
		return err
	}
	fmt.Fprintf(a.Progress, "starting %d cases\n", a.N)
	_, err := drive(ctx, actsStarter, limit{a.N, math.MaxInt64}, func(ctx context.Context, _ int, _ func()) error {
		with := map[string]any{"name": "Bench " + a.api.keys.key(), "note": benchNote}
		return a.clerk.post(ctx, "/cases", map[string]any{"process": actsProcess, "with": with}, nil)
	})
	return err
}

func (a *acts) password() string { return "bench-" + a.api.keys.run + "-password" }

// handover is what the benchmark reads of one.
type handover struct {
	Status string `json:"status"`
	Items  []struct {
		What  string `json:"what"`
		Count int    `json:"count"`
	} `json:"items"`
	Failed int `json:"failed"`
}

// tasks is how many tasks it says somebody has.
func (h handover) tasks() int {
	for _, item := range h.Items {
		if item.What == "tasks" {
			return item.Count
		}
	}
	return 0
}

// handOver lets whoever has the tasks leave, and gives how long it is until nothing is left with them. All of it must be with the heir then, who leaves next.
func (a *acts) handOver(ctx context.Context, heir string) (time.Duration, error) {
	if err := addPerson(ctx, a.admin, heir, a.password()); err != nil {
		return 0, fmt.Errorf("adding %s: %w", heir, err)
	}
	ctx, cancel := context.WithTimeout(ctx, handoverMax)
	defer cancel()
	path, begin := "/users/"+a.leaver+"/handover", time.Now()
	if err := a.admin.post(ctx, path, map[string]any{"to": heir, "comment": "leaves"}, nil); err != nil {
		return 0, err
	}
	var now handover
	for now.Status != "done" {
		r, err := a.admin.request(ctx, http.MethodGet, path, nil)
		if err != nil {
			return 0, err
		}
		if _, err := a.admin.send(r, &now); err != nil {
			return 0, err
		}
		pause(ctx, 20*time.Millisecond)
	}
	took := time.Since(begin)
	var theirs handover
	if err := a.admin.post(ctx, "/users/"+heir+"/handover?preview=true", map[string]any{"to": spare}, &theirs); err != nil {
		return 0, err
	}
	if now.tasks() != 0 || now.Failed != 0 || theirs.tasks() != a.N {
		return 0, fmt.Errorf("of %d tasks %d are left with %s, %d could not be moved, and %s has %d", a.N, now.tasks(), a.leaver, now.Failed, heir, theirs.tasks())
	}
	a.leaver = heir
	return took, nil
}

// inBulk decides tasks in requests of so many each.
func (a *acts) inBulk(ctx context.Context, r *ActsReport) error {
	token, err := a.api.signIn(ctx, a.leaver, a.password())
	if err != nil {
		return fmt.Errorf("signing in as %s: %w", a.leaver, err)
	}
	holder := a.api.as(token)
	for range min(a.N/a.Bulk, 5) {
		took, err := a.oneBulk(ctx, holder)
		if err != nil {
			return err
		}
		r.BulkS = append(r.BulkS, seconds(took))
	}
	return nil
}

// oneBulk decides the first tasks of somebody's box, and gives how long the answer took.
func (a *acts) oneBulk(ctx context.Context, holder api) (time.Duration, error) {
	var box, done struct {
		Items []struct {
			ID     string `json:"id"`
			Status any    `json:"status"` // of a task a word, of a result a number
		} `json:"items"`
	}
	r, err := holder.request(ctx, http.MethodGet, fmt.Sprint("/tasks?box=todo&limit=", a.Bulk), nil)
	if err == nil {
		_, err = holder.send(r, &box)
	}
	if err != nil {
		return 0, err
	}
	var tasks []map[string]string
	for _, item := range box.Items {
		tasks = append(tasks, map[string]string{"id": item.ID})
	}
	body := map[string]any{"act": "approve", "comment": benchComment, "tasks": tasks}
	begin := time.Now()
	if err := holder.post(ctx, "/tasks/bulk", body, &done); err != nil {
		return 0, err
	}
	took := time.Since(begin)
	for _, item := range done.Items {
		if item.Status != 200.0 {
			return 0, fmt.Errorf("task %s: %v", item.ID, item.Status)
		}
	}
	if len(done.Items) != a.Bulk {
		return 0, fmt.Errorf("%d of %d tasks were decided", len(done.Items), a.Bulk)
	}
	return took, nil
}

// previews asks who will be asked about a complaint, again and again, by one client.
func (a *acts) previews(ctx context.Context) ([]time.Duration, error) {
	var customer struct {
		ID string `json:"id"`
	}
	fields := map[string]any{"company": "Bench " + a.api.keys.key(), "contact": "Bench", "phone": fmt.Sprintf("+86 139%08d", time.Now().UnixMicro()%1e8)}
	if err := a.admin.post(ctx, "/records/customer", map[string]any{"fields": fields}, &customer); err != nil {
		return nil, fmt.Errorf("a customer: %w", err)
	}
	about := map[string]any{"type": "customer", "id": customer.ID}
	body := map[string]any{"process": "complaint", "with": map[string]any{"customer": about, "product": "流量计 FM-200", "defect": "读数漂移，停机后复位", "severity": "B"}}
	var answer struct {
		Steps []any `json:"steps"`
	}
	one := func(ctx context.Context, _ int, lap func()) error {
		if err := a.clerk.post(ctx, "/cases/preview", body, &answer); err != nil {
			return err
		}
		if len(answer.Steps) < 5 {
			return fmt.Errorf("it names only %d steps", len(answer.Steps))
		}
		lap()
		return nil
	}
	if _, err := drive(ctx, 1, limit{warming, math.MaxInt64}, one); err != nil {
		return nil, err
	}
	got, err := drive(ctx, 1, limit{a.Asks, math.MaxInt64}, one)
	return got.laps, err
}
