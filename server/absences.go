package server

import (
	"context"
	"net/http"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) absenceRoutes() {
	add(s, route{method: http.MethodGet, path: "/absences", rule: signedIn, id: "list-absences", summary: "Who is away, now or later, and who stands in"}, s.listAbsences)
	add(s, route{method: http.MethodPost, path: "/absences", rule: signedIn, id: "create-absence", summary: "Note that one is away; administrators note it for anybody", status: http.StatusCreated}, s.createAbsence)
	add(s, route{method: http.MethodPatch, path: "/absences/{id}", rule: ownAbsence, id: "change-absence", summary: "Change an absence, or cancel it"}, s.changeAbsence)
}

// absenceBody is somebody who is away. Days are the company's, both included.
type absenceBody struct {
	ID        string   `json:"id"`
	User      string   `json:"user"`
	From      string   `json:"from"`
	To        *string  `json:"to" doc:"null: until further notice"`
	StandIn   *string  `json:"stand_in" doc:"null: nobody"`
	Processes []string `json:"processes" doc:"Only in cases of these; empty: in all"`
	Cancelled bool     `json:"cancelled"`
}

func absence(a store.Absence) absenceBody {
	return absenceBody{ID: a.ID, User: a.User, From: a.From, To: a.To, StandIn: a.StandIn, Processes: append([]string{}, a.Processes...), Cancelled: a.Cancelled}
}

// absenceInput is an absence as sent. What a change leaves out stays as it is; an empty text empties it.
type absenceInput struct {
	User      string    `json:"user,omitempty" maxLength:"64" doc:"Default: the caller"`
	From      *string   `json:"from,omitempty" maxLength:"10" doc:"The first day: 2026-10-01"`
	To        *string   `json:"to,omitempty" maxLength:"10" doc:"The last day"`
	StandIn   *string   `json:"stand_in,omitempty" maxLength:"64" doc:"A user id: new tasks, and those open when the absence begins, go to them, with a note for whom"`
	Processes *[]string `json:"processes,omitempty" maxItems:"100"`
	Cancelled *bool     `json:"cancelled,omitempty" doc:"true: it isn't so, or is over"`
}

func (in absenceInput) onto(a *store.Absence) {
	set(&a.From, in.From)
	if in.To != nil {
		a.To = orNil(*in.To)
	}
	if in.StandIn != nil {
		a.StandIn = orNil(*in.StandIn)
	}
	if in.Processes != nil {
		a.Processes = *in.Processes
	}
	set(&a.Cancelled, in.Cancelled)
}

type absencesInput struct {
	PageInput
	User    string `query:"user" maxLength:"64" doc:"A user id, or me: who is away"`
	StandIn string `query:"stand_in" maxLength:"64" doc:"A user id, or me: who stands in"`
}

func (s *Server) listAbsences(ctx context.Context, v *visit, in *absencesInput) (*struct{ Body list[absenceBody] }, error) {
	page, err := in.page("absences")
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Absences(ctx, v.meant(in.User), v.meant(in.StandIn), viewer.Today(), page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[absenceBody] }{listOf("absences", rows, next, absence)}, nil
}

// meant is the person that a query names: "me" is the caller.
func (v *visit) meant(user string) string {
	if user == "me" {
		return v.user()
	}
	return user
}

type absenceOutput struct{ Body absenceBody }

func (s *Server) createAbsence(ctx context.Context, v *visit, in *struct {
	Keyed
	Body absenceInput
}) (*absenceOutput, error) {
	a := store.Absence{User: v.user(), Processes: []string{}}
	if in.Body.User != "" {
		a.User = in.Body.User
	}
	if err := allowed(a.User == v.user() || v.admin(), "只有本人或管理员可以登记。", "Only the person themselves or an administrator may note it."); err != nil {
		return nil, err
	}
	in.Body.onto(&a)
	return s.setAbsence(ctx, v.request(http.MethodPost, "/absences", in.Keyed), a)
}

func (s *Server) changeAbsence(ctx context.Context, v *visit, in *struct {
	IDInput
	Body absenceInput
}) (*absenceOutput, error) {
	a, err := s.db.Absence(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.User != "" && in.Body.User != a.User {
		return nil, fieldInvalid("user", "不能改成别人，请取消后重新登记", "it can't become somebody else's: cancel it and note a new one")
	}
	in.Body.onto(&a)
	return s.setAbsence(ctx, engine.Request{Caller: v.user(), Admin: v.admin()}, a)
}

// firstDay is the earliest day of an absence: PostgreSQL knows no year 0.
const firstDay = "1900-01-01"

// setAbsence writes an absence of people and processes that there are.
func (s *Server) setAbsence(ctx context.Context, r engine.Request, a store.Absence) (*absenceOutput, error) {
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range a.Processes {
		if library.Processes[id] == nil {
			return nil, fieldInvalid("processes", "没有这个流程："+id, "there is no process "+id)
		}
	}
	dir := s.db.Directory(ctx)
	for _, named := range []struct {
		field string
		id    *string
	}{{"user", &a.User}, {"stand_in", a.StandIn}} {
		if named.id == nil {
			continue
		}
		if _, there := dir.Person(*named.id); !there && dir.Err() == nil {
			return nil, fieldInvalid(named.field, "没有这个人", "there is no such person")
		}
	}
	if dir.Err() != nil {
		return nil, dir.Err()
	}
	if a.From == "" {
		return nil, fieldInvalid("from", "请写从哪天起不在", "say from which day on")
	}
	if a.From < firstDay {
		return nil, fieldInvalid("from", "日期太早", "is too long ago")
	}
	if a.To != nil && *a.To < firstDay {
		return nil, fieldInvalid("to", "日期太早", "is too long ago")
	}
	a, err = s.engine.SetAbsence(ctx, r, a)
	if err != nil {
		return nil, err
	}
	return &absenceOutput{absence(a)}, nil
}
