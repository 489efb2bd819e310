package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/crmflow/crmflow/engine"
)

func (s *Server) handoverRoutes() {
	add(s, route{method: http.MethodPost, path: "/users/{id}/handover", rule: administrators, id: "hand-over", summary: "Somebody leaves: what is theirs goes to others, at once for whatever is asked from now on; a worker moves what is open"}, s.handOver)
	add(s, route{method: http.MethodGet, path: "/users/{id}/handover", rule: administrators, id: "get-handover", summary: "How far the newest handover of somebody is, and what is still theirs"}, s.getHandover)
}

// handoverBody is a handover.
type handoverBody struct {
	ID      *string        `json:"id" doc:"null: it was only looked at"`
	User    string         `json:"user" doc:"Who leaves"`
	Status  string         `json:"status" enum:"preview,running,done"`
	Comment string         `json:"comment"`
	By      *string        `json:"by"`
	At      time.Time      `json:"at"`
	EndedAt *time.Time     `json:"ended_at"`
	Items   []handoverItem `json:"items" doc:"What there was to hand over; of GET: what is still theirs"`
	Moved   handoverMoved  `json:"moved"`
	Failed  int            `json:"failed" doc:"Cases and records that could not be moved; the log says why"`
}

type handoverItem struct {
	What  string   `json:"what" enum:"tasks,assignments,initiator,records,roles,groups,positions,departments,people,absences,definitions"`
	Count int      `json:"count"`
	To    *string  `json:"to" doc:"Who takes it over; null: nobody. Definitions go on to name who has left: whoever takes over the tasks is asked instead"`
	Names []string `json:"names" doc:"Ids, where there are few: of roles, groups, departments, people, absences; definitions as process/lead-review"`
}

type handoverMoved struct {
	Cases   int `json:"cases"`
	Records int `json:"records"`
}

func (v *visit) handover(h engine.HandoverView) handoverBody {
	body := handoverBody{ID: orNil(h.ID), User: h.User, Status: "running", Comment: h.Reason, By: orNil(h.By), At: v.at(h.At), EndedAt: v.atOrNil(h.EndedAt),
		Items: make([]handoverItem, len(h.Items)), Moved: handoverMoved{Cases: h.Cases, Records: h.Records}, Failed: h.Failed}
	for i, item := range h.Items {
		body.Items[i] = handoverItem{What: item.What, Count: item.Count, To: orNil(item.To), Names: append([]string{}, item.Names...)}
	}
	switch {
	case h.ID == "":
		body.Status = "preview"
	case h.EndedAt != nil:
		body.Status = "done"
	}
	return body
}

type handoverInput struct {
	IDInput
	Keyed
	Preview bool `query:"preview" doc:"Only say what would be handed over"`
	Body    struct {
		To      string            `json:"to" minLength:"1" maxLength:"64" doc:"A user id: who takes over"`
		Instead map[string]string `json:"instead,omitempty" doc:"Who takes over a part instead: tasks, records, initiator (running cases they started), roles (also groups and the position), departments (also people to lead), absences (for which they stand in)"`
		Comment string            `json:"comment,omitempty" maxLength:"10000" doc:"The reason; needed unless it is a preview"`
	}
}

type handoverOutput struct{ Body handoverBody }

func (s *Server) handOver(ctx context.Context, v *visit, in *handoverInput) (*handoverOutput, error) {
	command := engine.LeaveCommand{User: in.ID, To: in.Body.To, Instead: in.Body.Instead, Reason: in.Body.Comment}
	if in.Preview {
		view, err := s.engine.PreviewLeave(ctx, command)
		return &handoverOutput{v.handover(view)}, err
	}
	r := v.request(http.MethodPost, "/users/"+in.ID+"/handover?preview="+strconv.FormatBool(in.Preview), in.Keyed)
	view, err := s.engine.Leave(ctx, r, command)
	if err != nil {
		return nil, err
	}
	return &handoverOutput{v.handover(view)}, nil
}

func (s *Server) getHandover(ctx context.Context, v *visit, in *IDInput) (*handoverOutput, error) {
	view, err := s.engine.HandoverOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &handoverOutput{v.handover(view)}, nil
}
