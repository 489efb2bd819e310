package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
)

func (s *Server) calendarRoutes() {
	add(s, route{method: http.MethodGet, path: "/calendars", rule: signedIn, id: "list-calendars", summary: "The working calendars"}, s.listCalendars)
	add(s, route{method: http.MethodGet, path: "/calendars/{id}/explain", rule: signedIn, id: "explain", summary: "When a limit ends, with every counted stretch and every skipped day"}, s.explain)
}

// calendarBody is a working calendar.
type calendarBody struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Zone    string `json:"zone"`
	Open    bool   `json:"open" doc:"Whether it is working time now"`
	Company bool   `json:"company" doc:"Whether it is the company's own, which counts where nothing else is said"`
}

func (s *Server) listCalendars(ctx context.Context, _ *visit, in *PageInput) (*struct{ Body list[calendarBody] }, error) {
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	now, _, err := s.engine.Now(ctx)
	if err != nil {
		return nil, err
	}
	company, _ := library.Calendar("")
	names := slices.Sorted(maps.Keys(library.Calendars))
	return listOfNames("calendars", names, *in, func(name string) calendarBody {
		c := library.Calendars[name]
		return calendarBody{ID: name, Version: c.Version(), Zone: c.Location().String(), Open: c.IsOpen(now), Company: c == company}
	})
}

type explainInput struct {
	IDInput
	From   time.Time `query:"from" required:"true" doc:"RFC 3339"`
	Within string    `query:"within" required:"true" maxLength:"60" doc:"A limit as definitions write it: 2 working days"`
}

// explainBody is a due moment with its whole derivation.
type explainBody struct {
	From        time.Time      `json:"from"`
	Within      string         `json:"within"`
	Due         time.Time      `json:"due"`
	Calendar    string         `json:"calendar"`
	Version     int            `json:"version"`
	Provisional bool           `json:"provisional" doc:"Counted over a year whose holidays aren't published"`
	Intervals   []intervalBody `json:"intervals"`
	Skipped     []skippedBody  `json:"skipped"`
}

type intervalBody struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Minutes float64   `json:"minutes"`
}

type skippedBody struct {
	Date   string `json:"date" format:"date"`
	Reason string `json:"reason"`
}

func (s *Server) explain(ctx context.Context, v *visit, in *explainInput) (*struct{ Body explainBody }, error) {
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	calendar, ok := library.Calendar(in.ID)
	if !ok {
		return nil, notFound()
	}
	limit, err := process.ParseLimit(in.Within)
	if err != nil {
		return nil, fieldInvalid("within", "不是时限，例如“2 working days”", "isn't a limit such as 2 working days")
	}
	if year := in.From.Year(); year < 1970 || year > 2200 {
		return nil, fieldInvalid("from", "年份应在 1970 与 2200 之间", "must be between 1970 and 2200")
	}
	return &struct{ Body explainBody }{v.explained(calendar.Due(in.From, limit))}, nil
}

func (v *visit) explained(l process.Ledger) explainBody {
	body := explainBody{
		From: l.From, Within: l.Within, Due: l.Due, Calendar: l.Calendar, Version: l.Version, Provisional: l.Provisional,
		Intervals: make([]intervalBody, len(l.Intervals)), Skipped: make([]skippedBody, len(l.Skipped)),
	}
	for i, part := range l.Intervals {
		body.Intervals[i] = intervalBody(part)
	}
	for i, day := range l.Skipped {
		body.Skipped[i] = skippedBody{Date: day.Date, Reason: day.Say(v.lang())}
	}
	return body
}
