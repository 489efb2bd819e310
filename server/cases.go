package server

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) caseRoutes() {
	add(s, route{method: http.MethodPost, path: "/cases", rule: engineDecides, id: "start-case", summary: "Start a case, on a record or with a new one", status: http.StatusCreated}, s.startCase)
	add(s, route{method: http.MethodPost, path: "/cases/preview", rule: engineDecides, id: "preview-start", summary: "Who would be asked, why and by when, if a case were started now; nothing is kept"}, s.previewStart)
	add(s, route{method: http.MethodGet, path: "/cases/{id}/preview", rule: seesCase, id: "preview-case", summary: "What comes next in a case: who will be asked, why and by when"}, s.previewCase)
	add(s, route{method: http.MethodGet, path: "/cases", rule: listsVisible, id: "list-cases", summary: "Cases, newest first"}, s.listCases)
	add(s, route{method: http.MethodGet, path: "/cases/{id}", rule: seesCase, id: "get-case", summary: "A case: how far it is, and with whom"}, s.getCase)
	add(s, route{method: http.MethodGet, path: "/cases/{id}/timeline", rule: seesCase, id: "get-timeline", summary: "What happened to a case, in order"}, s.timeline)
	add(s, route{method: http.MethodGet, path: "/cases/{id}/requests", rule: seesCase, id: "get-requests", summary: "The calls to other systems that a case makes, in order"}, s.requests)
	for _, act := range caseActs {
		add(s, route{method: http.MethodPost, path: "/cases/{id}/" + string(act.kind), rule: act.rule, id: string(act.kind) + "-case", summary: act.summary}, s.actOnCase(act.kind))
	}
	s.revokeRoutes()
	s.besideRoutes()
}

// caseActs are the acts on a case as a whole, as they stand in its address.
var caseActs = []struct {
	kind    process.EventKind
	rule    rule
	summary string
}{
	{process.EventWithdraw, seesCase, "Take the case back while it runs: who started it"},
	{process.EventCancel, administrators, "End a case, with a reason"},
	{process.EventSuspend, administrators, "Stop a case altogether: no clock runs and no act is taken, with a reason"},
	{process.EventResume, administrators, "Let a suspended case go on, or a held one try again, with a reason"},
	{process.EventJump, administrators, "Lead a case to a step, with a reason"},
}

// caseBody is a case.
type caseBody struct {
	ID           string        `json:"id"`
	Number       string        `json:"number"`
	Subject      string        `json:"subject"`
	Process      string        `json:"process"`
	Title        string        `json:"title" doc:"Of the process"`
	Version      int           `json:"version" doc:"Of the process, which stays with the case"`
	Record       referenceBody `json:"record"`
	Initiator    string        `json:"initiator"`
	Status       string        `json:"status" enum:"running,suspended,ended"`
	Outcome      *string       `json:"outcome"`
	Held         *string       `json:"held" doc:"Why it can't go on by itself"`
	StartedAt    time.Time     `json:"started_at"`
	EndedAt      *time.Time    `json:"ended_at"`
	Steps        []stepBody    `json:"steps"`
	Open         []openBody    `json:"open"`
	Waits        []waitBody    `json:"waits" doc:"Open steps for which nobody has a task: they wait for a moment, an event, another case or another system"`
	Clocks       []clockBody   `json:"clocks"`
	Actions      []string      `json:"actions" doc:"What the caller may do"`
	OutcomeTitle *string       `json:"outcome_title,omitempty" doc:"Of one case: the word for its outcome"`
	Parent       *kinBody      `json:"parent,omitempty" doc:"Of one case: the case whose call started it, if there is one that the caller may see"`
	Children     *[]kinBody    `json:"children,omitempty" doc:"Of one case: the cases that it has called, as far as the caller may see them, in the order in which they started"`
	Earlier      []earlierBody `json:"earlier,omitempty" doc:"Of one case that submits others again: those, the last first, and what people said of them"`
	Links        *[]linkBody   `json:"links,omitempty" doc:"Of one case: those that it stands for, and those that stand for it, as far as the caller may see them"`
	Copies       *[]sentCopy   `json:"copies,omitempty" doc:"Of one case: who was sent a copy, the latest first, and since when they have read it"`
	Places       *[]placeBody  `json:"places,omitempty" doc:"Of one case that the caller may jump: the steps that it can be led to"`
}

// placeBody is a step that a case can be led to.
type placeBody struct {
	Step  string `json:"step"`
	Title string `json:"title"`
}

// stepBody is how far a step has come.
type stepBody struct {
	Step   string  `json:"step"`
	Item   *string `json:"item"`
	Status string  `json:"status"`
	Round  int     `json:"round"`
	Drawn
}

// openBody is an open task of a case, and who has it.
type openBody struct {
	Task  string     `json:"task"`
	Step  string     `json:"step"`
	Item  *string    `json:"item"`
	Title string     `json:"title"`
	Who   []string   `json:"who" doc:"User ids: the assignee, or all who may fill the seat"`
	DueAt *time.Time `json:"due_at"`
}

// waitBody is an open step that waits for nobody in particular.
type waitBody struct {
	Step  string     `json:"step"`
	Item  *string    `json:"item"`
	Title string     `json:"title"`
	DueAt *time.Time `json:"due_at" doc:"Until when it waits at most; null: as long as it takes"`
}

// clockBody is a clock of a case.
type clockBody struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Target      *time.Time `json:"target" doc:"null while it stands still"`
	Status      string     `json:"status" enum:"running,stopped,done"`
	UsedMinutes int        `json:"used_minutes" doc:"Working minutes, or elapsed ones where its limit is of the wall clock"`
	LeftMinutes *int       `json:"left_minutes,omitempty" doc:"Of one case: what is left, in the same minutes; negative when it is late"`
	Because     *string    `json:"because,omitempty" doc:"Of one case: what it is counted from, or why it stands still"`
}

func (v *visit) kase(c engine.CaseView) caseBody {
	body := caseBody{
		ID: c.ID, Number: c.Number, Subject: c.Subject, Process: c.Process, Title: v.text(c.Title), Version: c.Version, Record: pointer(c.Record),
		Initiator: c.Initiator, Status: c.Status, Outcome: orNil(c.Outcome), StartedAt: v.at(c.StartedAt), EndedAt: v.atOrNil(c.EndedAt),
		Steps: make([]stepBody, len(c.Steps)), Open: make([]openBody, len(c.Open)), Waits: make([]waitBody, len(c.Waits)), Clocks: make([]clockBody, len(c.Clocks)), Actions: []string{},
	}
	for i, k := range c.Clocks {
		body.Clocks[i] = clockBody{ID: k.ID, Title: v.text(k.Title), Target: v.atOrNil(k.Target), Status: k.Status, UsedMinutes: k.Used}
	}
	for i, run := range c.Steps {
		body.Steps[i] = stepBody{Step: run.Step, Item: orNil(run.Item), Status: run.Status, Round: run.Round}
	}
	for i, o := range c.Open {
		body.Open[i] = openBody{Task: o.Task, Step: o.Step, Item: orNil(o.Item), Title: v.text(o.Title), Who: append([]string{}, o.Who...), DueAt: v.atOrNil(o.DueAt)}
	}
	for i, w := range c.Waits {
		body.Waits[i] = waitBody{Step: w.Step, Item: orNil(w.Item), Title: v.text(w.Title), DueAt: v.atOrNil(w.DueAt)}
	}
	if c.Held != nil {
		body.Held = orNil(v.text(*c.Held))
	}
	if c.Initiator == v.user() {
		body.Actions = append(body.Actions, c.Actions...)
	}
	if v.admin() {
		body.Actions = append(body.Actions, c.Admin...)
	}
	body.Actions = append(body.Actions, c.Beside...)
	return body
}

func pointer(r process.Reference) referenceBody {
	return referenceBody{Type: r.Type, ID: r.ID, Title: r.Title}
}

// startBody asks for a case: on a record that is there, or with the fields of a new one.
type startBody struct {
	Process string          `json:"process" minLength:"1" maxLength:"64"`
	Record  *startRecord    `json:"record,omitempty"`
	With    *map[string]any `json:"with,omitempty" doc:"Fields of a new record"`
	Picks   []string        `json:"picks,omitempty" maxItems:"100" doc:"Whom the initiator picks for the first step that lets them: user ids"`
}

type startRecord struct {
	Type string `json:"type" minLength:"1" maxLength:"64"`
	ID   string `json:"id" minLength:"1" maxLength:"200"`
}

type caseOutput struct {
	Location string `header:"Location"`
	Body     caseBody
}

func (s *Server) startCase(ctx context.Context, v *visit, in *struct {
	Keyed
	Body startBody
}) (*caseOutput, error) {
	command, err := s.startCommand(ctx, v, in.Body)
	if err != nil {
		return nil, err
	}
	answer, err := s.engine.Start(ctx, v.request(http.MethodPost, "/cases", in.Keyed), command)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, err
	}
	return &caseOutput{Location: base + "/cases/" + answer.Case.ID, Body: v.kase(answer.Case)}, nil
}

// startCommand reads what is to be started; a record has to be one that the caller may see.
func (s *Server) startCommand(ctx context.Context, v *visit, in startBody) (engine.StartCommand, error) {
	command := engine.StartCommand{Process: in.Process, Picks: in.Picks}
	switch {
	case in.Record != nil && in.With != nil, in.Record == nil && in.With == nil:
		return command, fieldInvalid("record", "record 与 with 须且只须给出一个", "give either record or with")
	case in.With != nil:
		command.With = *in.With
		return command, nil
	}
	sight, err := s.sight(ctx, v, in.Record.Type, in.Record.ID)
	if err == nil && !sight.See {
		err = fieldInvalid("record", "没有这条记录，或您看不到", "there is no such record, or not for you")
	}
	command.Record = &process.Reference{Type: in.Record.Type, ID: in.Record.ID}
	return command, err
}

type casesInput struct {
	PageInput
	Process   string `query:"process" maxLength:"64"`
	Status    string `query:"status" enum:"running,suspended,ended"`
	Record    string `query:"record" maxLength:"200" doc:"A record's id"`
	Initiator string `query:"initiator" maxLength:"64" doc:"A user id, or me"`
	Open      string `query:"open" enum:"true,false" doc:"Only those that haven't ended, suspended ones too; or only those that have"`
	Held      bool   `query:"held" doc:"Only what can't go on by itself"`
	Older     bool   `query:"older" doc:"Only open cases that run by another version than new cases take"`
	Query     string `query:"q" maxLength:"100" doc:"Words, or parts of them, of the number or subject, or of anything in the record"`
}

// filter reads which cases are asked for, by whom.
func (in casesInput) filter(caller string) store.CaseFilter {
	f := store.CaseFilter{Process: in.Process, Status: in.Status, Record: in.Record, Initiator: in.Initiator, Held: in.Held, Older: in.Older, Query: in.Query}
	if f.Initiator == "me" {
		f.Initiator = caller
	}
	if in.Open != "" {
		open := in.Open == "true"
		f.Open = &open
	}
	return f
}

func (s *Server) listCases(ctx context.Context, v *visit, in *casesInput) (*struct{ Body list[caseBody] }, error) {
	page, err := in.page("cases")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Cases(ctx, v.viewer(), in.filter(v.user()), page)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.Case.ID
	}
	if err := viewer.As(v.user(), v.admin()).Urges(ids...); err != nil {
		return nil, err
	}
	if err := viewer.Revocations(ids...); err != nil {
		return nil, err
	}
	views := make([]engine.CaseView, len(rows))
	for i, row := range rows {
		if views[i], err = viewer.Case(row.Case, row.Record); err != nil {
			return nil, err
		}
	}
	if err := s.coverCases(ctx, v, pointers(views)...); err != nil {
		return nil, err
	}
	return &struct{ Body list[caseBody] }{listOf("cases", views, next, v.kase)}, nil
}

func (s *Server) getCase(ctx context.Context, v *visit, in *IDInput) (*struct{ Body caseBody }, error) {
	row, err := s.db.Case(ctx, in.ID)
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
	if err := viewer.Revocations(row.Case.ID); err != nil {
		return nil, err
	}
	view, err := viewer.Case(row.Case, row.Record)
	if err == nil {
		err = s.coverCases(ctx, v, &view)
	}
	if err != nil {
		return nil, err
	}
	body, err := s.withKin(ctx, v, v.kase(view))
	if err == nil {
		body.Links, err = s.linksOf(ctx, v, body.ID)
	}
	if err == nil {
		body.Earlier, err = s.earlier(ctx, v, body.ID, row.Case.Resubmits)
	}
	if err != nil {
		return nil, err
	}
	if err := s.withCopies(ctx, v, &body); err != nil {
		return nil, err
	}
	called, err := viewer.Called(row.Case, row.Record)
	if err != nil {
		return nil, err
	}
	sight, err := s.caseSight(ctx, v, row)
	if err == nil {
		err = s.drawCase(ctx, v, called.Covered(sight), &body)
	}
	return &struct{ Body caseBody }{body}, err
}

// caseActBody is an act on a case, as sent.
type caseActBody struct {
	Reason  string   `json:"reason,omitempty" maxLength:"2000"`
	Comment string   `json:"comment,omitempty" maxLength:"2000" doc:"Another word for reason"`
	To      string   `json:"to,omitempty" maxLength:"64" doc:"jump: a step"`
	Items   []string `json:"items,omitempty" maxItems:"200" doc:"jump to a step that runs for each of a list: only for these"`
}

type caseActInput struct {
	IDInput
	Keyed
	Body *caseActBody
}

// actOnCase makes the handler of one act on a case.
func (s *Server) actOnCase(kind process.EventKind) func(context.Context, *visit, *caseActInput) (*struct{ Body caseBody }, error) {
	return func(ctx context.Context, v *visit, in *caseActInput) (*struct{ Body caseBody }, error) {
		command := engine.CaseCommand{Case: in.ID, Act: kind}
		if b := in.Body; b != nil {
			command.Comment, command.To, command.Items = cmp.Or(b.Reason, b.Comment), b.To, b.Items
		}
		answer, err := s.engine.ActOnCase(ctx, v.request(http.MethodPost, "/cases/"+in.ID+"/"+string(kind), in.Keyed), command)
		if err == nil {
			err = s.coverAnswer(ctx, v, &answer)
		}
		if err != nil {
			return nil, err
		}
		return &struct{ Body caseBody }{v.kase(answer.Case)}, nil
	}
}
