package server

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/crmflow/crmflow/store"
)

// What is said of a part of the system.
const (
	stateUp      = "up"
	stateDown    = "down"
	stateNotUsed = "not configured"
	stateBehind  = "behind this software: run crmflow migrate"
)

// probeTimeout is how long a part may take to say that it is there.
const probeTimeout = 2 * time.Second

func (s *Server) operationsRoutes() {
	s.page("/healthz", anyone, func(c *gin.Context) { c.JSON(http.StatusOK, health{"ok"}) })
	s.page("/readyz", anyone, s.ready)
	s.page("/metrics", anyone, gin.WrapH(promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})))
	schemas := s.api.OpenAPI().Components.Schemas
	s.describe("/healthz", "The process runs", "application/json", schemas.Schema(reflect.TypeFor[health](), true, ""))
	s.describe("/readyz", "Decisions can be taken; 503 with the same body when they can't", "application/json", schemas.Schema(reflect.TypeFor[readiness](), true, ""))
	s.describe("/metrics", "Counters, in Prometheus' format", "text/plain", &huma.Schema{Type: huma.TypeString})
}

// describe puts something that operators ask for into the contract.
func (s *Server) describe(path, summary, kind string, schema *huma.Schema) {
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: path[1:], Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"operations"},
		Responses: map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{kind: {Schema: schema}}}},
	})
}

// health is that a process runs.
type health struct {
	Status string `json:"status"`
}

// readiness is whether requests can be answered. Only the database decides it: decisions go on without Temporal.
type readiness struct {
	Status   string `json:"status"` // ok, unavailable
	Database string `json:"database"`
	Temporal string `json:"temporal"`
	Version  string `json:"version"`
}

func (s *Server) ready(c *gin.Context) {
	r := s.readiness(c.Request.Context())
	status := http.StatusOK
	if r.Status != "ok" {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, r)
}

func (s *Server) readiness(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	temporal := make(chan string, 1)
	go func() { temporal <- s.temporalState(ctx) }()
	r := readiness{Status: "ok", Database: stateUp, Version: s.Version}
	if r.Database = s.databaseState(ctx); r.Database != stateUp {
		r.Status = "unavailable"
	}
	select {
	case r.Temporal = <-temporal:
	case <-ctx.Done():
		r.Temporal = stateDown
	}
	return r
}

// databaseState says whether the database is there, with tables that this software knows. Tables never go back, so that is asked until it is so.
func (s *Server) databaseState(ctx context.Context) string {
	if err := s.db.Ping(ctx); err != nil {
		return stateDown
	}
	if s.migrated.Load() {
		return stateUp
	}
	switch done, err := s.db.Migrated(ctx); {
	case err != nil:
		return stateDown
	case !done:
		return stateBehind
	}
	s.migrated.Store(true)
	return stateUp
}

func (s *Server) temporalState(ctx context.Context) string {
	switch {
	case s.Temporal == nil:
		return stateNotUsed
	case s.Temporal(ctx) != nil:
		return stateDown
	}
	return stateUp
}

// metrics are the counters of one server, in Prometheus' format.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(db *store.DB) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "crmflow_http_request_seconds", Help: "Requests by route, method and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "method", "status"})}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if db == nil {
		return m
	}
	for _, pool := range []string{"reads", "lists", "writes"} {
		m.watchPool(db, pool)
	}
	m.watchRepairs(db)
	return m
}

// watchPool counts the connections of one of the pools.
func (m *metrics) watchPool(db *store.DB, pool string) {
	now := func() (open, inUse, waits float64) {
		stats := db.Stats()[pool]
		return float64(stats.OpenConnections), float64(stats.InUse), float64(stats.WaitCount)
	}
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"pool": pool}}, value))
	}
	gauge("crmflow_database_connections", "Connections to PostgreSQL.", func() float64 { open, _, _ := now(); return open })
	gauge("crmflow_database_connections_in_use", "Connections to PostgreSQL that are at work.", func() float64 { _, inUse, _ := now(); return inUse })
	gauge("crmflow_database_waits", "How often a request had to wait for a connection.", func() float64 { _, _, waits := now(); return waits })
}

// record writes a request to the log and the counters: its route, not its address, and nobody's name.
func (s *Server) record(c *gin.Context, v *visit, took time.Duration) {
	path := c.FullPath()
	if path == "" {
		path = "none"
	}
	status := c.Writer.Status()
	s.metrics.requests.WithLabelValues(path, c.Request.Method, strconv.Itoa(status)).Observe(took.Seconds())
	level := slog.LevelInfo
	if status < http.StatusInternalServerError && (path == "/healthz" || path == "/readyz" || path == "/metrics") {
		level = slog.LevelDebug
	}
	slog.Log(c.Request.Context(), level, "request", "request", v.id, "method", c.Request.Method, "route", path, "status", status,
		"ms", float64(took.Microseconds())/1000, "bytes", c.Writer.Size())
}
