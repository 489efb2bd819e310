package server

import (
	"context"
	"net/http"

	"github.com/crmflow/crmflow/store"
)

func (s *Server) inboxRoutes() {
	add(s, route{method: http.MethodGet, path: "/tasks/counts", rule: signedIn, id: "count-tasks", summary: "How many tasks stand in each of one's boxes"}, s.countTasks)
	add(s, route{method: http.MethodPost, path: "/tasks/bulk", rule: engineDecides, id: "act-in-bulk", summary: "Do the same with several tasks, each for itself: what is refused hinders no other"}, s.actInBulk)
	add(s, route{method: http.MethodPost, path: "/tasks/{id}/read", rule: engineDecides, id: "read-task", summary: "Mark a copy as read; of a task, say that one of its people has opened it, so that what led to it can't be taken back any more"}, s.readCopy)
}

// countsBody is what stands in somebody's boxes.
type countsBody struct {
	Boxes []countBody `json:"boxes"`
}

type countBody struct {
	Box     string   `json:"box" enum:"todo,claimable,started,copied,done"`
	Count   int      `json:"count" doc:"At most 1000; of copied, those not read yet"`
	More    bool     `json:"more" doc:"There are so many, or more"`
	Overdue int      `json:"overdue" doc:"How many of them are late; of done, were late"`
	Cases   *ofCases `json:"cases,omitempty" doc:"Of started: one's cases that haven't ended, whether or not somebody has a task there"`
}

// ofCases is how many cases there are.
type ofCases struct {
	Count   int  `json:"count" doc:"At most 1000"`
	More    bool `json:"more" doc:"There are so many, or more"`
	Overdue int  `json:"overdue" doc:"In how many of them a task is late"`
}

func (s *Server) countTasks(ctx context.Context, v *visit, _ *struct{}) (*struct{ Body countsBody }, error) {
	now, _, err := s.engine.Now(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := s.db.CountTasks(ctx, v.viewer(), now)
	if err != nil {
		return nil, err
	}
	body := countsBody{Boxes: make([]countBody, len(counts))}
	for i, c := range counts {
		body.Boxes[i] = countBody{Box: c.Box, Count: c.N, More: c.N >= store.MostCounted, Overdue: c.Late}
		if c.Box == store.BoxStarted {
			body.Boxes[i].Cases = &ofCases{Count: c.Cases, More: c.Cases >= store.MostCounted, Overdue: c.LateCases}
		}
	}
	return &struct{ Body countsBody }{body}, nil
}

func (s *Server) readCopy(ctx context.Context, v *visit, in *struct {
	IDInput
	Keyed
}) (*struct{ Body actedBody }, error) {
	answer, err := s.engine.Read(ctx, v.request(http.MethodPost, "/tasks/"+in.ID+"/read", in.Keyed), in.ID)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err == nil {
		err = s.db.Tell(ctx, v.user())
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body actedBody }{actedBody{Task: v.task(*answer.Task), Case: v.kase(answer.Case)}}, nil
}
