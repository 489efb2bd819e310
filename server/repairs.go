package server

import (
	"context"
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/crmflow/crmflow/store"
)

// watchRepairs counts what workers have put right between cases and their workflows; not a number while the database is away.
func (m *metrics) watchRepairs(db *store.DB) {
	for _, what := range store.Repairs {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "crmflow_repairs", Help: "What sweeps have put right between cases and their workflows in the last 90 days.",
			ConstLabels: prometheus.Labels{"what": what},
		}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
			defer cancel()
			n, err := db.CountRepairs(ctx, what)
			if err != nil {
				return math.NaN()
			}
			return float64(n)
		}))
	}
}
