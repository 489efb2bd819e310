package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// taskActs are the acts on a task; [actPath] is how they stand in its address.
var taskActs = []struct {
	kind    process.EventKind
	summary string
}{
	{process.EventApprove, "Agree"}, {process.EventReject, "Refuse"}, {process.EventReturn, "Give it back to be changed"},
	{process.EventComplete, "Finish the work, with an outcome"}, {process.EventClaim, "Take a task that is open to several"},
	{process.EventRelease, "Put a claimed task back"}, {process.EventAssign, "Give the task to somebody; administrators, with a reason"},
	{process.EventTransfer, "Hand the task over to somebody for good, with a reason"},
	{process.EventAdd, "Ask more people, before, after or beside oneself, with a reason"},
	{process.EventRemove, "Take out people who haven't answered: those one has added; administrators, anybody, with a reason"},
	{process.EventTakeBack, "Take one's own decision back while nothing followed from it"},
	{process.EventStopClock, "Stop the task's clock for one of the step's reasons, saying why"},
	{process.EventStartClock, "Let the task's clock go on"},
}

// actPath is an act as it stands in an address and in `actions`.
func actPath(kind process.EventKind) string { return strings.ReplaceAll(string(kind), "_", "-") }

func (s *Server) taskRoutes() {
	add(s, route{method: http.MethodGet, path: "/tasks", rule: signedIn, id: "list-tasks", summary: "One's own tasks, by box; what is due first comes first"}, s.listTasks)
	add(s, route{method: http.MethodGet, path: "/tasks/{id}", rule: seesTask, id: "get-task", summary: "A task with its form"}, s.getTask)
	s.inboxRoutes()
	for _, act := range taskActs {
		add(s, route{method: http.MethodPost, path: "/tasks/{id}/" + actPath(act.kind), rule: engineDecides, id: actPath(act.kind) + "-task", summary: act.summary}, s.act(act.kind))
	}
}

// taskBody is a task.
type taskBody struct {
	ID         string          `json:"id"`
	Case       string          `json:"case" doc:"Its id"`
	Number     string          `json:"number"`
	Subject    string          `json:"subject"`
	Summary    map[string]any  `json:"summary"`
	Process    string          `json:"process"`
	Step       string          `json:"step"`
	Item       *string         `json:"item"`
	Round      int             `json:"round"`
	Kind       string          `json:"kind" doc:"approve, task, held; copy: only to be read"`
	Title      string          `json:"title"`
	Record     referenceBody   `json:"record"`
	Status     string          `json:"status" enum:"open,closed"`
	Assignee   *string         `json:"assignee"`
	Candidates []string        `json:"candidates" doc:"User ids"`
	Why        string          `json:"why" doc:"Why these people are asked"`
	OpenedAt   time.Time       `json:"opened_at"`
	DueAt      *time.Time      `json:"due_at"`
	DueBecause string          `json:"due_because"`
	Overdue    bool            `json:"overdue"`
	Form       []formFieldBody `json:"form"`
	Outcomes   []string        `json:"outcomes" doc:"What complete may be given"`
	Seen       string          `json:"seen" doc:"Digest of what is shown; sent with a decision, it binds the decision to it"`
	Outcome    *string         `json:"outcome"`
	DecidedBy  *string         `json:"decided_by"`
	DecidedAt  *time.Time      `json:"decided_at"`
	Comment    *string         `json:"comment"`
	Actions    []string        `json:"actions" doc:"What the caller may do"`
	Bulk       bool            `json:"bulk" doc:"false: it is never decided together with others"`
	Signature  bool            `json:"signature" doc:"Its step asks for a signature"`
	Similar    *[]similarBody  `json:"similar,omitempty" doc:"Of one open task that is its case's first approval: records much like the case's, with their owners"`
	Brief      []FieldShape    `json:"summary_fields" doc:"Of a task that was asked for: what stands in summary, in the order of the process"`
	Ways       []wayBody       `json:"ways" doc:"Of one task: how the caller may answer it, and what follows"`
	Stops      []stopBody      `json:"stops" doc:"Of one task: reasons for which its clock may be stopped"`
	Earlier    []earlierBody   `json:"earlier,omitempty" doc:"Of one task, where its case submits others again: those, the last first, and what people said of them"`
}

func (v *visit) task(t engine.TaskView) taskBody {
	body := taskBody{
		ID: t.ID, Case: t.Case, Number: t.Number, Subject: t.Subject, Summary: map[string]any(t.Summary), Process: t.Process, Step: t.Step, Item: orNil(t.Item),
		Round: t.Round, Kind: t.Kind, Title: v.text(t.Title), Record: pointer(t.Record), Status: t.Status, Assignee: orNil(t.Assignee),
		Candidates: append([]string{}, t.Candidates...), Why: v.text(t.Why), OpenedAt: v.at(t.OpenedAt), DueAt: v.atOrNil(t.DueAt), DueBecause: v.text(t.DueBecause),
		Overdue: t.Overdue, Form: v.form(t.Form), Outcomes: append([]string{}, t.Outcomes...), Seen: t.Seen, Outcome: orNil(t.Outcome),
		DecidedBy: orNil(t.DecidedBy), DecidedAt: v.atOrNil(t.DecidedAt), Comment: orNil(t.Comment), Actions: taskActions(t.Actions),
		Bulk: !t.ByItself, Signature: t.Signed, Brief: v.brief(t), Ways: v.ways(t.Ways), Stops: v.stops(t.Stops),
	}
	return body
}

// taskActions are the acts that the caller may do, as they stand in an address.
func taskActions(acts []string) []string {
	out := make([]string, len(acts))
	for i, act := range acts {
		out[i] = actPath(process.EventKind(act))
	}
	return out
}

// tasksInput is the query of a box.
type tasksInput struct {
	PageInput
	Box       string    `query:"box" default:"todo" enum:"todo,claimable,done,copied,started" doc:"copied: tasks of the kind copy, the newest first; open: not read yet, closed: read"`
	Query     string    `query:"q" maxLength:"100" doc:"Words, or parts of them, of the case's number or subject, or of anything in its record: a company, a person, a phone number's last digits. All must be found; one character finds where a word begins with it. A page may then hold fewer than asked for though there is a next one"`
	Process   string    `query:"process" maxLength:"64"`
	Overdue   string    `query:"overdue" enum:"true,false"`
	DueBefore time.Time `query:"due_before" doc:"RFC 3339"`
	Record    string    `query:"record" maxLength:"200" doc:"A record's id"`
	Sort      string    `query:"sort" enum:"due,newest" doc:"due: what is due first comes first, as it does unless said otherwise in todo, claimable and started; newest: what was opened last, in todo and claimable. copied and done are always the newest first. With overdue or due_before a page from the newest on may hold fewer than asked for though there is a next one"`
}

// sorted gives the name of the list, by which its cursors are known: a box in each of its orders is another one. Orders that a box doesn't have are refused.
func (in tasksInput) sorted() (string, error) {
	newest := in.Box == store.BoxCopied || in.Box == store.BoxDone
	waits := in.Box == store.BoxTodo || in.Box == store.BoxClaimable
	switch {
	case in.Sort == sortNewest && waits:
		return "tasks." + in.Box + ".newest", nil
	case in.Sort == "", (in.Sort == sortNewest) == newest:
		return "tasks." + in.Box, nil
	}
	return "", fieldInvalid("sort", "这个收件箱不能这样排序", "this box has no such order")
}

const sortNewest = "newest"

// filter reads what the box holds at a business moment.
func (in tasksInput) filter(now time.Time) store.TaskFilter {
	f := store.TaskFilter{Box: in.Box, Query: in.Query, Process: in.Process, Record: in.Record, Now: now, Newest: in.Sort == sortNewest}
	if in.Overdue != "" {
		late := in.Overdue == "true"
		f.Late = &late
	}
	if !in.DueBefore.IsZero() {
		f.DueBefore = &in.DueBefore
	}
	return f
}

func (s *Server) listTasks(ctx context.Context, v *visit, in *tasksInput) (*struct{ Body list[taskBody] }, error) {
	name, err := in.sorted()
	if err != nil {
		return nil, err
	}
	page, err := in.page(name)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	viewer.As(v.user(), v.admin())
	rows, next, err := s.db.Tasks(ctx, v.viewer(), in.filter(viewer.Now), page)
	if err != nil {
		return nil, err
	}
	if err := preload(viewer, rows); err != nil {
		return nil, err
	}
	views := make([]engine.TaskView, len(rows))
	for i, row := range rows {
		if views[i], err = viewer.Task(row.Task, row.Case, row.Record); err != nil {
			return nil, err
		}
	}
	if err := s.coverTasks(ctx, v, pointers(views)...); err != nil {
		return nil, err
	}
	return &struct{ Body list[taskBody] }{listOf(name, views, next, v.task)}, nil
}

// preload reads at once everybody whom a page of tasks names, and who was urged about them.
func preload(viewer *engine.Viewer, rows []store.TaskInCase) error {
	var people, cases []string
	var principals []process.Principal
	for _, row := range rows {
		cases = append(cases, row.Case.ID)
		if row.Task.Assignee != nil {
			people = append(people, *row.Task.Assignee)
		}
		for _, c := range row.Task.Candidates {
			principals = append(principals, process.Principal(c))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.Sort(people)
	slices.Sort(principals)
	slices.Sort(cases)
	viewer.Directory.Load(slices.Compact(people), slices.Compact(principals))
	return viewer.Urges(slices.Compact(cases)...)
}

func (s *Server) getTask(ctx context.Context, v *visit, in *IDInput) (*struct{ Body taskBody }, error) {
	row, err := s.db.TaskInCase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	if err := viewer.As(v.user(), v.admin()).Urges(row.Case.ID); err != nil {
		return nil, err
	}
	view, err := viewer.Task(row.Task, row.Case, row.Record)
	if err == nil {
		err = viewer.Supply(&view, row.Case, row.Record)
	}
	if err == nil {
		err = viewer.Ways(&view, row.Case, row.Record)
	}
	if err == nil {
		err = s.coverTasks(ctx, v, &view)
	}
	if err != nil {
		return nil, err
	}
	body := v.task(view)
	if body.Similar, err = s.similarOf(ctx, v, viewer, view, row); err == nil {
		body.Earlier, err = s.earlier(ctx, v, row.Case.ID, row.Case.Resubmits)
	}
	return &struct{ Body taskBody }{body}, err
}

// actBody is an act on a task, as sent. What the act doesn't know is left out.
type actBody struct {
	Comment string         `json:"comment,omitempty" maxLength:"10000"`
	Outcome string         `json:"outcome,omitempty" maxLength:"64" doc:"complete: which of the task's outcomes; default the only one"`
	Fields  map[string]any `json:"fields,omitempty" doc:"What the form was filled in with"`
	To      string         `json:"to,omitempty" maxLength:"64" doc:"A person, or for return a step; add-approver, remove-approver: another word for one of people"`
	Reason  string         `json:"reason,omitempty" maxLength:"10000" doc:"stop-clock: one of the step's reasons, with or without a comment; else another word for comment"`
	People  []string       `json:"people,omitempty" maxItems:"100" doc:"add-approver, remove-approver: user ids"`
	Picks   []string       `json:"picks,omitempty" maxItems:"100" doc:"Whom the act picks for a later step: user ids"`
	Items   []string       `json:"items,omitempty" maxItems:"200" doc:"return to chosen items: their keys"`
	Where   string         `json:"where,omitempty" enum:"before,after,beside" doc:"add-approver; default beside"`
	Mode    string         `json:"mode,omitempty" enum:"first,all,in_turn" doc:"add-approver: how several are asked"`
	Step    string         `json:"step,omitempty" maxLength:"64" doc:"add-approver, remove-approver: a step not reached yet"`
	Sign    string         `json:"signature,omitempty" maxLength:"100" doc:"Digest of the signature: sha256:…"`
	Image   string         `json:"signature_file,omitempty" maxLength:"200" doc:"The id of its image, which the caller has uploaded and whoever sees the case will see; the digest is the image's"`
	Seen    string         `json:"seen,omitempty" maxLength:"100" doc:"The task's seen; without it the present content counts"`
}

type actInput struct {
	IDInput
	Keyed
	Body *actBody
}

// actedBody is what an act led to: what happened, what is next, and who has it.
type actedBody struct {
	Task taskBody `json:"task"`
	Case caseBody `json:"case"`
}

// act makes the handler of one act.
func (s *Server) act(kind process.EventKind) func(context.Context, *visit, *actInput) (*struct{ Body actedBody }, error) {
	return func(ctx context.Context, v *visit, in *actInput) (*struct{ Body actedBody }, error) {
		answer, err := s.engine.Act(ctx, v.request(http.MethodPost, "/tasks/"+in.ID+"/"+actPath(kind), in.Keyed), in.command(kind))
		if err == nil {
			err = s.coverAnswer(ctx, v, &answer)
		}
		if err != nil {
			return nil, err
		}
		body := actedBody{Case: v.kase(answer.Case)}
		if answer.Task != nil {
			body.Task = v.task(*answer.Task)
		}
		return &struct{ Body actedBody }{body}, nil
	}
}

func (in actInput) command(kind process.EventKind) engine.ActCommand {
	command := engine.ActCommand{Task: in.ID, Act: kind}
	if b := in.Body; b != nil {
		command = engine.ActCommand{Task: in.ID, Act: kind, Outcome: b.Outcome, Comment: b.Comment, Reason: b.Reason, Fields: b.Fields, To: b.To, People: b.People,
			Picks: b.Picks, Items: b.Items, Where: b.Where, Mode: b.Mode, Step: b.Step, Sign: b.Sign, SignFile: b.Image, Seen: b.Seen}
	}
	if oneOrMore := kind == process.EventAdd || kind == process.EventRemove; oneOrMore && len(command.People) == 0 && command.To != "" {
		command.People, command.To = []string{command.To}, ""
	}
	if kind != process.EventStopClock {
		command.Comment = cmp.Or(command.Comment, command.Reason)
	}
	return command
}
