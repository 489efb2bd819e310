package server

import (
	"context"
	"net/http"
	"time"
)

func (s *Server) clockRoutes() {
	add(s, route{method: http.MethodGet, path: "/clock", rule: anyone, id: "get-clock", summary: "Business time, and how much faster than real time it runs"}, s.clock)
}

// clockNow is business time.
type clockNow struct {
	Now   time.Time `json:"now"`
	Scale float64   `json:"scale"`
}

func (s *Server) clock(ctx context.Context, v *visit, _ *struct{}) (*struct{ Body clockNow }, error) {
	now, scale, err := s.engine.Now(ctx)
	if err != nil {
		return nil, err
	}
	return &struct{ Body clockNow }{clockNow{Now: v.at(now), Scale: scale}}, nil
}

// zone is the company's time zone, as it was known at a moment of real time.
type zone struct {
	location *time.Location
	known    time.Time
}

// zoneLife is how long the zone is believed; zoneRetry, how long a server that couldn't ask waits before it asks again.
const (
	zoneLife  = time.Minute
	zoneRetry = 2 * time.Second
)

// companyZone is the zone of a company that has published no calendar.
var companyZone = time.FixedZone("Asia/Shanghai", 8*60*60)

// zone is the time zone that moments are written in: that of the company's calendar. It is only for showing; nothing is decided by it.
func (s *Server) zone(ctx context.Context) *time.Location {
	last := s.zoneNow.Load()
	now := s.Now()
	if last != nil && now.Sub(last.known) < zoneLife || s.engine == nil {
		return locationOf(last)
	}
	if !s.zoneOnce.TryLock() {
		return locationOf(last)
	}
	defer s.zoneOnce.Unlock()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	next := &zone{location: locationOf(last), known: now.Add(zoneRetry - zoneLife)}
	if library, err := s.engine.Library(ctx); err == nil {
		next.known = now
		if calendar, ok := library.Calendar(""); ok {
			next.location = calendar.Location()
		}
	}
	s.zoneNow.Store(next)
	return next.location
}

func locationOf(z *zone) *time.Location {
	if z == nil {
		return companyZone
	}
	return z.location
}
