package bench

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpread_MedianAndRange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		want   Spread
	}{
		"nothing":          {nil, Spread{}},
		"one":              {[]float64{3}, Spread{3, 3, 3}},
		"odd, unsorted":    {[]float64{5, 1, 3}, Spread{3, 1, 5}},
		"even":             {[]float64{4, 1, 2, 3}, Spread{2.5, 1, 4}},
		"not all a number": {[]float64{math.NaN(), 2, math.Inf(1)}, Spread{2, 2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, spread(c.values))
		})
	}
}

func TestSpread_LeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	values := []float64{5, math.NaN(), 1, 3}
	spread(values)
	require.Equal(t, 5.0, values[0])
	require.True(t, math.IsNaN(values[1]))
	require.Equal(t, []float64{1, 3}, values[2:])
}

func TestPercentile_NearestRank(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, c := range []struct {
		sorted []time.Duration
		p      float64
		want   time.Duration
	}{
		{nil, 50, 0}, {hundred[:1], 99, 1}, {hundred, 50, 50}, {hundred, 95, 95}, {hundred, 99, 99}, {hundred, 100, 100}, {hundred, 0, 1}, {hundred[:3], 50, 2},
	} {
		require.Equal(t, c.want, percentile(c.sorted, c.p), "p%g of %d", c.p, len(c.sorted))
	}
}

func TestRound_KeepsWhatAMeasurementCanClaim(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]float64{0: 0, 1234.567: 1235, 1234567: 1234567, 0.123456: 0.1235, 9.87654: 9.877, -9.87654: -9.877} {
		require.InDelta(t, want, round(in), 1e-12)
	}
}

func TestPerSecond_NothingMeasuredIsZero(t *testing.T) {
	t.Parallel()
	require.Zero(t, perSecond(0, time.Second))
	require.Zero(t, perSecond(3, 0))
	require.Equal(t, 6.0, perSecond(3, 500*time.Millisecond))
}
