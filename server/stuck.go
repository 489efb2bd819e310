package server

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// stuckAfter is how long, of real time, a moment or news may be under way before it counts as stuck: what delivers and sweeps again and again has had
// its turn by then.
const stuckAfter = 2 * time.Minute

func (s *Server) stuckRoutes() {
	add(s, route{method: http.MethodGet, path: "/stuck", rule: administrators, id: "list-stuck", summary: "What doesn't go on by itself, and what to do about it; what has waited longest comes first"}, s.listStuck)
}

// stuckBody is one thing that doesn't go on by itself.
type stuckBody struct {
	What  string     `json:"what" enum:"held,vacant,late,untold,letter" doc:"held: the case can't do its next step; vacant: nobody was found for a task, or whoever has it has left; late: a moment has passed and nobody woke the case; untold: news of it hasn't arrived; letter: somebody outside couldn't be written to"`
	Since time.Time  `json:"since"`
	Why   string     `json:"why"`
	Do    string     `json:"do" doc:"What an administrator can do"`
	Task  *string    `json:"task"`
	Step  *string    `json:"step"`
	Case  *stuckCase `json:"case" doc:"null: news that is to start one"`
}

// stuckCase says which case it is.
type stuckCase struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Subject string `json:"subject"`
	Process string `json:"process"`
}

func (s *Server) listStuck(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[stuckBody] }, error) {
	page, err := in.page("stuck")
	if err != nil {
		return nil, err
	}
	before, err := s.stuckBefore(ctx)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Stuck(ctx, before, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[stuckBody] }{listOf("stuck", rows, next, v.stuck)}, nil
}

// stuckBefore is the moment before which whatever waits since is stuck.
func (s *Server) stuckBefore(ctx context.Context) (store.StuckBefore, error) {
	real := s.Now().Add(-stuckAfter)
	present, err := s.db.Present(ctx)
	return store.StuckBefore{Business: present.At(real), Real: real}, err
}

func (v *visit) stuck(r store.Stuck) stuckBody {
	about := stuckWords[r.What]
	if r.Topic != nil && untoldWhy[*r.Topic] != (process.Text{}) {
		about.why = untoldWhy[*r.Topic]
	}
	if r.Why != nil {
		about.why = r.Why.V
	}
	body := stuckBody{What: r.What, Since: v.at(r.Since), Why: v.text(about.why), Do: v.text(about.do), Task: r.Task, Step: r.Step}
	if r.Case != nil && r.Number != nil {
		body.Case = &stuckCase{ID: *r.Case, Number: *r.Number, Subject: *r.Subject, Process: *r.Process}
	}
	return body
}

// stuckWords say of each sort why it is stuck, where it doesn't say so itself, and what to do.
var stuckWords = map[string]struct{ why, do process.Text }{
	store.StuckHeld: {do: process.Text{
		ZH: "排除原因后恢复（resume），停住的步骤会再试一次；无法排除时，跳转到别的步骤（jump），停住的步骤就不再执行；或取消（cancel）",
		EN: "remove the cause, then resume: the step is tried again. Where it can't be removed, jump to another step, and this one is not done; or cancel",
	}},
	store.StuckVacant: {do: process.Text{
		ZH: "把任务指派给合适的人（assign），或填写原因后代为办理", EN: "assign the task to somebody, or do it yourself with a reason",
	}},
	store.StuckLate: {
		why: process.Text{ZH: "已到时间，但没有人唤醒该事项", EN: "a moment of the case has passed and nobody has woken it"},
		do:  process.Text{ZH: "查看 worker 和 Temporal 是否在运行：恢复后会按原定时间自动补上", EN: "see whether a worker and Temporal run: once they do, it takes effect at its own moment by itself"},
	},
	store.StuckUntold: {
		why: process.Text{ZH: "有一条消息尚未送达", EN: "news hasn't arrived"},
		do:  process.Text{ZH: "查看 worker 和 Temporal 是否在运行，以及 worker 的日志：恢复后会自动送达", EN: "see whether a worker and Temporal run, and what the worker's log says: once they do, it is delivered by itself"},
	},
	store.StuckLetter: {
		why: process.Text{ZH: "给外部人员的信无法送达", EN: "a letter to somebody outside couldn't be delivered"},
		do:  process.Text{ZH: "在记录中改正其邮箱，系统会立即重新发信；或由代办人用别的方式询问后代为办理", EN: "correct their address in the record, and a new letter goes out at once; or who stands in asks them otherwise, and answers for them"},
	},
}

// untoldWhy say of the outbox's topics what hasn't arrived.
var untoldWhy = map[string]process.Text{
	store.TopicCase:    {ZH: "Temporal 尚未得知该事项的最新状态", EN: "Temporal hasn't heard where the case stands"},
	store.TopicCall:    {ZH: "子流程尚未发起、结束，或其结果尚未传到上级事项", EN: "a sub-case hasn't begun or ended, or its caller hasn't heard of it"},
	store.StuckRequest: {ZH: "对外部系统的调用尚未开始", EN: "a call to another system hasn't begun"},
	store.TopicRecord:  {ZH: "记录上发生的事情尚未传到该事项，或尚未发起流程", EN: "what happened to a record hasn't reached the case, or hasn't started one"},
}

const (
	stuckLife    = 10 * time.Second // how long a count is good: whoever may scrape can't make the database work
	stuckPatient = 2 * time.Second
)

// stuckGauge counts what is stuck for /metrics. While the database can't be asked, it says nothing.
type stuckGauge struct {
	s     *Server
	desc  *prometheus.Desc
	mu    sync.Mutex
	known map[string]int
	at    time.Time
}

func newStuckGauge(s *Server) *stuckGauge {
	return &stuckGauge{s: s, desc: prometheus.NewDesc("crmflow_stuck", "What doesn't go on by itself: held, vacant, late, untold, letter.", []string{"what"}, nil)}
}

// Describe implements prometheus.Collector.
func (g *stuckGauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements prometheus.Collector.
func (g *stuckGauge) Collect(to chan<- prometheus.Metric) {
	for what, n := range g.counts() {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(n), what)
	}
}

// counts gives the counts of the last seconds; nil when they can't be had.
func (g *stuckGauge) counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.s.Now(); now.Sub(g.at) >= stuckLife || now.Before(g.at) {
		g.known, g.at = g.count(), now
	}
	return g.known
}

// say is how much is stuck, as text; "" when it can't be had.
func (g *stuckGauge) say() string {
	counts, all := g.counts(), 0
	if counts == nil {
		return ""
	}
	for _, n := range counts {
		all += n
	}
	return strconv.Itoa(all)
}

func (g *stuckGauge) count() map[string]int {
	ctx, cancel := context.WithTimeout(context.Background(), stuckPatient)
	defer cancel()
	before, err := g.s.stuckBefore(ctx)
	if err != nil {
		return nil
	}
	counts, err := g.s.db.CountStuck(ctx, before)
	if err != nil {
		return nil
	}
	return counts
}
