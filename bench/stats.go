package bench

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Spread is a figure over the rounds.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spread gives median and range of the values that are numbers; zeros when there are none.
func spread(values []float64) Spread {
	known := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	if len(known) == 0 {
		return Spread{}
	}
	slices.Sort(known)
	return Spread{Median: round(middle(known)), Min: round(known[0]), Max: round(known[len(known)-1])}
}

// median is the middle of the values that are numbers.
func median(values []float64) float64 { return spread(values).Median }

// middle is the median of sorted values.
func middle(sorted []float64) float64 {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// percentile gives the smallest value that at least p percent are not above (nearest rank); 0 when there are none.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// round keeps four significant digits, and all digits before the point: what a measurement can claim, and what a person can read.
func round(v float64) float64 {
	if math.Abs(v) >= 1000 || math.IsNaN(v) {
		return math.Round(v)
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64) // of a number just written: it never fails
	return short
}

// millis is a duration in milliseconds.
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// perSecond is a rate; 0 when nothing was measured.
func perSecond(n int, took time.Duration) float64 {
	if n == 0 || took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}
