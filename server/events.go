package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

func (s *Server) eventRoutes() {
	add(s, route{method: http.MethodPost, path: "/events", rule: integrators, id: "receive-event", summary: "Tell what happened outside: it starts cases, and reaches those that wait for it", status: http.StatusAccepted}, s.receiveEvent)
}

// eventBody is something that happened outside.
type eventBody struct {
	ID     string          `json:"id" minLength:"1" maxLength:"200" doc:"The sender's own id of the event: the same one again, however often and from wherever, is the same event"`
	Type   string          `json:"type" maxLength:"64" pattern:"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$" example:"quote.accepted" doc:"As chains name it in start, until and wait"`
	Record eventRecordBody `json:"record"`
	Data   eventData       `json:"data,omitempty" doc:"Whatever else the sender knows: an object, kept with the event as it is. It fills in no fields"`
}

// eventData is kept as it came.
type eventData map[string]json.RawMessage

// eventRecordBody is the record that an event is about.
type eventRecordBody struct {
	Type   string         `json:"type" minLength:"1" maxLength:"64"`
	ID     string         `json:"id,omitempty" maxLength:"64" doc:"A record that exists, or"`
	Number string         `json:"number,omitempty" maxLength:"64" doc:"one by its number, or"`
	Fields map[string]any `json:"fields,omitempty" doc:"a new one for a case to begin on, as for POST /records/{type}"`
}

// eventOutput is what became of an event.
type eventOutput struct {
	ID      string             `json:"id"`
	Type    string             `json:"type"`
	At      time.Time          `json:"at" doc:"Business time at which it came"`
	Record  eventAbout         `json:"record"`
	Cases   []eventCaseBody    `json:"cases" doc:"The cases that it has started or moved; empty when none waits for it"`
	Refused []eventRefusedBody `json:"refused" doc:"Processes that it should have started and couldn't"`
	Pending bool               `json:"pending" doc:"true: something isn't carried out yet; it will be, and the same event sent again tells the outcome"`
}

// eventAbout points at the record that an event is about.
type eventAbout struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// eventCaseBody is a case that an event has started or moved.
type eventCaseBody struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Process string `json:"process"`
	Effect  string `json:"effect" enum:"started,moved"`
}

// eventRefusedBody is a process that an event could not start.
type eventRefusedBody struct {
	Process string `json:"process"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

func (s *Server) receiveEvent(ctx context.Context, v *visit, in *struct {
	Keyed
	Body eventBody
}) (*struct{ Body eventOutput }, error) {
	b := in.Body
	if err := b.Record.oneWay(); err != nil {
		return nil, err
	}
	command := engine.EventCommand{ID: b.ID, Type: b.Type, Record: engine.EventRecord(b.Record)}
	if b.Data != nil {
		data, err := json.Marshal(b.Data)
		if err != nil {
			return nil, err
		}
		command.Data = data
	}
	view, err := s.engine.Receive(ctx, v.request(http.MethodPost, "/events", in.Keyed), command)
	if err != nil {
		return nil, err
	}
	return &struct{ Body eventOutput }{v.event(view)}, nil
}

// oneWay refuses a record that is named in no way, or in several.
func (r eventRecordBody) oneWay() error {
	ways := 0
	for _, given := range []bool{r.ID != "", r.Number != "", r.Fields != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return &process.Refusal{Code: process.CodeFieldRequired, Message: process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."},
			Fields: []process.FieldError{{Field: "record", Message: process.Text{ZH: "关于哪条记录？请给 id、number 或 fields", EN: "about which record? Give its id, its number, or the fields of a new one"}}}}
	case ways > 1:
		return fieldInvalid("record", "id、number、fields 只能给一个", "give one of id, number and fields")
	}
	return nil
}

func (v *visit) event(e engine.EventView) eventOutput {
	out := eventOutput{ID: e.ID, Type: e.Type, At: v.at(e.At), Record: eventAbout{Type: e.Record.Type, ID: e.Record.ID},
		Cases: make([]eventCaseBody, len(e.Cases)), Refused: make([]eventRefusedBody, len(e.Refused)), Pending: e.Pending}
	for i, c := range e.Cases {
		out.Cases[i] = eventCaseBody(c)
	}
	for i, r := range e.Refused {
		out.Refused[i] = eventRefusedBody{Process: r.Process, Code: string(r.Code), Detail: v.text(r.Message)}
	}
	return out
}
