package server

import (
	"context"
	"net/http"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// besideRoutes are what people do beside the machine: it stands in the timeline and moves no case.
func (s *Server) besideRoutes() {
	add(s, route{method: http.MethodPost, path: "/cases/{id}/comments", rule: seesCase, id: "comment-case", summary: "Comment on a case, mention people who see it, attach files", status: http.StatusCreated}, s.comment)
	add(s, route{method: http.MethodPost, path: "/cases/{id}/copy", rule: seesCase, id: "copy-case", summary: "Copy the case to people, for them to read what one's own step shows"}, s.copyCase)
	add(s, route{method: http.MethodPost, path: "/cases/{id}/urge", rule: seesCase, id: "urge-case", summary: "Tell those whom the case waits for that it does: who waits for it, as often as the limits allow"}, s.urgeCase)
	add(s, route{method: http.MethodPost, path: "/tasks/{id}/urge", rule: seesTask, id: "urge-task", summary: "Tell who has the task that it is waited for"}, s.urgeTask)
}

// commentBody is a comment as sent: words, a file, or both.
type commentBody struct {
	Comment string     `json:"comment,omitempty" maxLength:"10000"`
	Mention []string   `json:"mention,omitempty" maxItems:"20" doc:"User ids of people who may see the case: each is told once"`
	Files   []fileByID `json:"files,omitempty" maxItems:"20" doc:"Files that the caller has uploaded; whoever sees the case sees them"`
}

// fileByID names an uploaded file.
type fileByID struct {
	ID string `json:"id" minLength:"1" maxLength:"200"`
}

type entryOutput struct{ Body entryBody }

func (s *Server) comment(ctx context.Context, v *visit, in *struct {
	IDInput
	Keyed
	Body commentBody
}) (*entryOutput, error) {
	for _, user := range in.Body.Mention {
		if err := s.mentionable(ctx, v, in.ID, user); err != nil {
			return nil, err
		}
	}
	command := engine.CommentCommand{Case: in.ID, Comment: in.Body.Comment, Mention: in.Body.Mention}
	for _, f := range in.Body.Files {
		command.Files = append(command.Files, f.ID)
	}
	row, err := s.engine.Comment(ctx, v.request(http.MethodPost, "/cases/"+in.ID+"/comments", in.Keyed), command)
	if err != nil {
		return nil, err
	}
	return s.noted(ctx, v, in.ID, row)
}

// noted shows one entry of a timeline as the timeline itself does.
func (s *Server) noted(ctx context.Context, v *visit, id string, row store.TimelineRow) (*entryOutput, error) {
	entries := []entryBody{v.entry(row)}
	called, err := s.called(ctx, v, id)
	if err == nil {
		err = s.readable(ctx, v, called, entries)
	}
	return &entryOutput{entries[0]}, err
}

// mentionable refuses to mention somebody who may not see the case: they would be told of what they can't open.
func (s *Server) mentionable(ctx context.Context, v *visit, id, user string) error {
	reader, err := s.reader(ctx, v, user)
	if err != nil {
		return err
	}
	seen, err := s.db.SeesCase(ctx, reader.viewer(), id)
	if err == nil && !seen {
		err = fieldInvalid("mention", "“"+user+"”看不到该事项：请先抄送给他（她）", user+" doesn't see the case: copy it to them first")
	}
	return err
}

type urgeInput struct {
	IDInput
	Keyed
	Body *urgeBody
}

// urgeBody is what whoever urges has to say.
type urgeBody struct {
	Comment string `json:"comment,omitempty" maxLength:"2000"`
}

func (in *urgeInput) comment() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Comment
}

func (s *Server) urgeCase(ctx context.Context, v *visit, in *urgeInput) (*struct{ Body caseBody }, error) {
	answer, err := s.engine.Urge(ctx, v.request(http.MethodPost, "/cases/"+in.ID+"/urge", in.Keyed), engine.UrgeCommand{Case: in.ID, Comment: in.comment()})
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body caseBody }{v.kase(answer.Case)}, nil
}

func (s *Server) urgeTask(ctx context.Context, v *visit, in *urgeInput) (*struct{ Body actedBody }, error) {
	answer, err := s.engine.Urge(ctx, v.request(http.MethodPost, "/tasks/"+in.ID+"/urge", in.Keyed), engine.UrgeCommand{Task: in.ID, Comment: in.comment()})
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body actedBody }{actedBody{Task: v.task(*answer.Task), Case: v.kase(answer.Case)}}, nil
}

// copyBody is a copy by hand: to whom, and what one has to say.
type copyBody struct {
	To      []string `json:"to,omitempty" maxItems:"50" doc:"User ids"`
	Comment string   `json:"comment,omitempty" maxLength:"2000"`
}

func (s *Server) copyCase(ctx context.Context, v *visit, in *struct {
	IDInput
	Keyed
	Body copyBody
}) (*struct{ Body caseBody }, error) {
	command := engine.CopyCommand{Case: in.ID, To: in.Body.To, Comment: in.Body.Comment}
	answer, err := s.engine.Copy(ctx, v.request(http.MethodPost, "/cases/"+in.ID+"/copy", in.Keyed), command)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body caseBody }{v.kase(answer.Case)}, nil
}
