package story

import (
	"container/heap"
	"time"
)

// item is something that happens at a moment. What happens at the same moment happens in the order in which it was put down.
type item struct {
	at time.Time
	n  int
	do func() error
}

// agenda is what is still to happen.
type agenda struct {
	items items
	n     int
}

func (a *agenda) add(at time.Time, do func() error) {
	a.n++
	heap.Push(&a.items, item{at: at, n: a.n, do: do})
}

// next takes what happens next, up to a moment.
func (a *agenda) next(until time.Time) (item, bool) {
	if len(a.items) == 0 || a.items[0].at.After(until) {
		return item{}, false
	}
	return heap.Pop(&a.items).(item), true
}

// items is a heap.
type items []item

func (s items) Len() int { return len(s) }
func (s items) Less(i, j int) bool {
	return s[i].at.Before(s[j].at) || s[i].at.Equal(s[j].at) && s[i].n < s[j].n
}
func (s items) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

// Push is of [heap.Interface].
func (s *items) Push(x any) { *s = append(*s, x.(item)) }

// Pop is of [heap.Interface].
func (s *items) Pop() any {
	old := *s
	last := old[len(old)-1]
	*s = old[:len(old)-1]
	return last
}
