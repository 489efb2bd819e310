package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// entryBody is one thing that happened to a case.
type entryBody struct {
	Seq     int            `json:"seq"`
	At      time.Time      `json:"at"`
	Event   string         `json:"event"`
	Step    *string        `json:"step"`
	Item    *string        `json:"item"`
	Task    *string        `json:"task"`
	By      *string        `json:"by" doc:"null: the system"`
	For     *string        `json:"for" doc:"Whose task it was, when somebody else acted"`
	Outcome *string        `json:"outcome"`
	Comment *string        `json:"comment"`
	Reason  *string        `json:"reason"`
	Data    map[string]any `json:"data"`

	Title     *string           `json:"title" doc:"Of the step"`
	ItemTitle *string           `json:"item_title" doc:"What people call the item"`
	Names     map[string]string `json:"names" doc:"What the people, roles and departments of this entry are called: by user id, or role:…, department:…"`
	Words     map[string]string `json:"words" doc:"What its other ids are called: fields, outcomes, reasons, steps, clocks, processes"`
}

func (v *visit) entry(r store.TimelineRow) entryBody {
	return entryBody{
		Seq: r.Seq, At: v.at(r.At), Event: r.Event, Step: r.Step, Item: r.Item, Task: r.Task, By: r.By, For: r.For,
		Outcome: r.Outcome, Comment: r.Comment, Reason: r.Reason, Data: v.data(r.Data),
	}
}

// data is what an entry adds, with its texts in the caller's language.
func (v *visit) data(kept json.RawMessage) map[string]any {
	data := map[string]any{}
	if json.Unmarshal(kept, &data) != nil || data == nil {
		return map[string]any{}
	}
	for name, value := range data {
		if text, ok := asText(value); ok {
			data[name] = v.text(text)
		}
	}
	return data
}

// asText recognises a text in both languages.
func asText(value any) (process.Text, bool) {
	m, ok := value.(map[string]any)
	if !ok || len(m) != 2 {
		return process.Text{}, false
	}
	zh, isZH := m["zh"].(string)
	en, isEN := m["en"].(string)
	return process.Text{ZH: zh, EN: en}, isZH && isEN
}

// timelineInput asks for a timeline: more at once than other lists, because people read it whole.
type timelineInput struct {
	IDInput
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"200" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"400" doc:"Where to go on: next of the page before"`
}

func (s *Server) timeline(ctx context.Context, v *visit, in *timelineInput) (*struct{ Body list[entryBody] }, error) {
	page, err := PageInput{Limit: in.Limit, Cursor: in.Cursor}.numbered("timeline", 32)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Timeline(ctx, in.ID, page)
	if err != nil {
		return nil, err
	}
	body := listOf("timeline", rows, next, v.entry)
	if err := s.coverTimeline(ctx, v, in.ID, body.Items); err != nil {
		return nil, err
	}
	if err := s.linked(ctx, v, in.ID, body.Items); err != nil {
		return nil, err
	}
	called, err := s.called(ctx, v, in.ID)
	if err == nil {
		err = s.readable(ctx, v, called, body.Items)
	}
	return &struct{ Body list[entryBody] }{body}, err
}
