package process

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// semantics 16–19: the laws of working time, and its agreement with the minute walker.

func same(t *rapid.T, what string, want, got time.Time) {
	t.Helper()
	if !want.Equal(got) {
		t.Fatalf("%s: want %s, got %s", what, want.In(got.Location()), got)
	}
}

// questions is how many questions each drawn calendar is asked, of every sort.
const questions = 100

// answers counts the questions that were asked, by sort.
type answers map[string]int

// asking puts questions about a calendar to the implementation and to the walker.
type asking struct {
	*rapid.T
	c      drawnCalendar
	w, far *refWalk
	r      *rand.Rand
	n      answers
}

// TestWorkingTimeAgreesWithTheMinuteWalker asks a hundred drawn calendars hundreds of questions each, forwards and backwards, and counts them.
func TestWorkingTimeAgreesWithTheMinuteWalker(t *testing.T) {
	n := answers{}
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		q := &asking{T: t, c: c, w: c.walk(20), r: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), n: n}
		for range questions {
			a, b := q.moment(), q.moment()
			q.forwards(a, b)
			q.limits(a)
			q.backwards(b)
			q.laws(a, b)
		}
	})
	if t.Failed() {
		return
	}
	total := 0
	for _, sort := range slices.Sorted(maps.Keys(n)) {
		t.Logf("%7d %s", n[sort], sort)
		total += n[sort]
	}
	if walked := n["between"] + n["add"] + n["open"] + n["due"] + n["before"]; walked < 100_000 {
		t.Errorf("only %d questions were put to the walker", walked)
	}
	if shifted := n["between, over a change of the clocks"]; shifted < n["between"]/20 {
		t.Errorf("only %d of %d were asked round a change of the clocks", shifted, n["between"])
	}
}

func (q *asking) same(what string, want, got time.Time, args ...any) {
	if !want.Equal(got) {
		q.Fatalf("%s: want %s, got %s: %v; %+v", what, want.In(got.Location()), got, args, q.c.ref.spec())
	}
}

func (q *asking) moment() time.Time {
	day, _ := time.Parse("2006-01-02", q.c.near)
	rest := []int64{0, 0, 1, 30_000_000_000, 59_999_999_999, 12_345_678_901}[q.r.IntN(6)]
	return day.Add(time.Duration(q.r.IntN(10*1440)-6*1440) * time.Minute).Add(time.Duration(rest))
}

func (q *asking) duration() time.Duration {
	return time.Duration(q.r.IntN(3000))*time.Minute + time.Duration([]int64{0, 0, 1, 30_000_000_000}[q.r.IntN(4)])
}

// forwards asks how much working time lies between, where so much of it ends, and whether it is open.
func (q *asking) forwards(a, b time.Time) {
	if want, got := q.w.between(a, b), q.c.Between(a, b); want != got {
		q.Fatalf("between %s and %s: want %s, got %s; %+v", a, b, want, got, q.c.ref.spec())
	}
	q.n["between"]++
	if q.w.offsetAt(a) != q.w.offsetAt(b) {
		q.n["between, over a change of the clocks"]++
	}
	if d := q.duration(); d > 0 {
		q.same("add", q.w.add(a, d), q.c.Add(a, d), a, d)
		q.n["add"]++
	}
	if want := q.w.open(q.w.index(a)); want != q.c.IsOpen(a) {
		q.Fatalf("open at %s: want %v; %+v", a, want, q.c.ref.spec())
	}
	q.n["open"]++
}

// limits asks when a limit of each unit is due.
func (q *asking) limits(from time.Time) {
	n := q.r.IntN(5) + 1
	today := q.w.startDay(from)
	opens, closes := q.w.nthDay(today, n)
	end := q.w.endOf(today, from)
	if end.IsZero() {
		_, end = q.w.nthDay(today, 1)
	}
	q.due(from, Limit{n, workingDays}, closes)
	q.due(from, Limit{n, startOfWorkingDay}, opens)
	q.due(from, Limit{unit: endOfToday}, end)
	q.due(from, Limit{n, workingHours}, q.w.add(from, time.Duration(n)*time.Hour))
	q.due(from, Limit{n, wallMinutes}, from.Add(time.Duration(n)*time.Minute))
	if want, ok := q.w.sameTimeOfDay(from, n); ok {
		q.due(from, Limit{n, wallDays}, want)
	}
}

func (q *asking) due(from time.Time, l Limit, want time.Time) {
	q.same("due", want, q.c.Due(from, l).Due, from, l)
	q.n["due"]++
}

// backwards asks where a span before a target begins.
func (q *asking) backwards(target time.Time) {
	hours, days := q.r.IntN(9)+1, q.r.IntN(4)+1
	if q.r.IntN(2) == 0 {
		target = q.c.Due(target, Limit{1, workingDays}).Due
	}
	wantHours, wantDays, found := q.w.behind(target, time.Duration(hours)*time.Hour, days)
	for far := 400; !found; far *= 5 {
		if q.far == nil || far > 400 {
			q.far = q.c.walk(far)
		}
		wantHours, wantDays, found = q.far.behind(target, time.Duration(hours)*time.Hour, days)
	}
	q.same("hours before", wantHours, q.c.Before(target, Limit{hours, workingHours}), target, hours)
	q.same("days before", wantDays, q.c.Before(target, Limit{days, workingDays}), target, days)
	q.n["before"] += 2
}

// laws asks whether adding is the inverse of between, additive and monotone.
func (q *asking) laws(a, b time.Time) {
	c, d, e := q.c, q.duration(), q.duration()
	for _, d := range []time.Duration{d, -d} {
		if got := c.Between(a, c.Add(a, d)); got != d {
			q.Fatalf("between(a, add(a, %s)) is %s at %s; %+v", d, got, a, c.ref.spec())
		}
	}
	q.same("add is additive", c.Add(a, d+e), c.Add(c.Add(a, d), e), a, d, e)
	if b.Before(a) {
		a, b = b, a
	}
	if c.Add(a, d).After(c.Add(b, d)) || c.Add(a, d).After(c.Add(a, d+e)) {
		q.Fatalf("add is not monotone: %s, %s + %s, %s; %+v", a, b, d, e, c.ref.spec())
	}
	q.n["inverse"], q.n["additive"], q.n["monotone"] = q.n["inverse"]+2, q.n["additive"]+1, q.n["monotone"]+2
}

func TestAddIsTheInverseOfBetween(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		a, d, e := c.drawMoment(t, "a"), drawDuration(t, "d"), drawDuration(t, "e")
		for _, d := range []time.Duration{d, -d} {
			if got := c.Between(a, c.Add(a, d)); got != d {
				t.Fatalf("between(a, add(a, %s)) is %s", d, got)
			}
		}
		same(t, "add is additive", c.Add(a, d+e), c.Add(c.Add(a, d), e))
		same(t, "and backwards", c.Add(a, -d-e), c.Add(c.Add(a, -d), -e))
	})
}

func TestBetweenIsAdditive(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		x, y, z := c.drawMoment(t, "x"), c.drawMoment(t, "y"), c.drawMoment(t, "z")
		if c.Between(x, y)+c.Between(y, z) != c.Between(x, z) {
			t.Fatalf("%s + %s != %s", c.Between(x, y), c.Between(y, z), c.Between(x, z))
		}
		if x.Before(y) && (c.Between(x, y) < 0 || c.Between(x, y) > y.Sub(x)) {
			t.Fatalf("between %s in %s", c.Between(x, y), y.Sub(x))
		}
	})
}

func drawLimit(t *rapid.T) Limit {
	unit := limitUnit(rapid.IntRange(int(workingDays), int(startOfWorkingDay)).Draw(t, "unit"))
	if unit == endOfToday {
		return Limit{unit: unit}
	}
	return Limit{rapid.IntRange(1, 40).Draw(t, "n"), unit}
}

func TestDueIsMonotoneAndNeverPast(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		a, b, l := c.drawMoment(t, "a"), c.drawMoment(t, "b"), drawLimit(t)
		if b.Before(a) {
			a, b = b, a
		}
		first, second := c.Due(a, l), c.Due(b, l)
		if first.Due.After(second.Due) {
			t.Fatalf("%s: %s → %s, but %s → %s", l, first.From, first.Due, second.From, second.Due)
		}
		if !first.Due.After(a) {
			t.Fatalf("%s: due %s is not after %s", l, first.Due, a)
		}
		if more := (Limit{l.n + 1, l.unit}); l.unit != endOfToday && c.Due(a, more).Due.Before(first.Due) {
			t.Fatalf("%s is due before %s", more, l)
		}
		if late := c.After(first.Due, l); late.Due.Before(first.Due) {
			t.Fatalf("%s after %s is %s", l, first.Due, late.Due)
		}
	})
}

func TestLedgerAccountsForItsDue(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		from, l := c.drawMoment(t, "from"), drawLimit(t)
		ledger := c.Due(from, l)
		var sum time.Duration
		for i, interval := range ledger.Intervals {
			if !interval.From.Before(interval.To) || interval.From.Before(from) || interval.To.After(ledger.Due) ||
				i > 0 && interval.From.Before(ledger.Intervals[i-1].To) {
				t.Fatalf("interval %d of %+v", i, ledger)
			}
			length := interval.To.Sub(interval.From)
			if sum += length; l.IsWorking() && c.Between(interval.From, interval.To) != length {
				t.Fatalf("interval %d holds time that isn't working time: %+v", i, ledger)
			}
			if interval.Minutes != length.Minutes() {
				t.Fatalf("interval %d: %v minutes", i, interval.Minutes)
			}
		}
		switch l.unit {
		case workingHours, workingMinutes:
			if sum != l.length() || sum != c.Between(from, ledger.Due) {
				t.Fatalf("intervals sum up to %s: %+v", sum, ledger)
			}
		case endOfToday:
			if sum != c.Between(from, ledger.Due) {
				t.Fatalf("intervals sum up to %s: %+v", sum, ledger)
			}
		case workingDays:
			if n := len(ledger.Intervals); !ledger.Intervals[n-1].To.Equal(ledger.Due) {
				t.Fatalf("the due moment is not a close: %+v", ledger)
			}
		}
	})
}

func TestPercentIsBetweenAndMonotone(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		opened, target := c.drawMoment(t, "opened"), c.drawMoment(t, "target")
		if target.Before(opened) {
			opened, target = target, opened
		}
		p, q := rapid.IntRange(0, 150).Draw(t, "p"), rapid.IntRange(0, 150).Draw(t, "q")
		p, q = min(p, q), max(p, q)
		low, high := c.Percent(opened, target, p), c.Percent(opened, target, q)
		if low.After(high) || low.Before(opened) || q <= 100 && high.After(target) {
			t.Fatalf("%d%% is %s, %d%% is %s of %s – %s", p, low, q, high, opened, target)
		}
		if total := c.Between(opened, target); total > 0 && p < 100 {
			if want, got := total*time.Duration(p)/100, c.Between(opened, low); want != got {
				t.Fatalf("%d%% of %s: %s used", p, total, got)
			}
		}
	})
}

func TestBeforeIsBefore(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		target, l := c.drawMoment(t, "target"), drawLimit(t)
		got := c.Before(target, l)
		if l.IsSpan() && !got.Before(target) || !l.IsSpan() && !got.Equal(target) {
			t.Fatalf("%s before %s is %s", l, target, got)
		}
		if l.unit == workingDays && !c.IsOpen(got) {
			t.Fatalf("%s is no opening", got)
		}
	})
}

func TestSpecsOfAnyTextAreJudgedWithoutPanic(t *testing.T) {
	word := rapid.OneOf(rapid.StringMatching(`[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}`), rapid.String())
	key := rapid.OneOf(rapid.SampledFrom([]string{"mon", "mon-fri", "sat,sun", "fri-mon", "2026-02-30", "2026-01-01"}), rapid.String())
	week := rapid.MapOfN(key, rapid.SliceOfN(word, 0, 3), 0, 4)
	checkLaw(t, func(t *rapid.T) {
		spec := CalendarSpec{Name: "x", Zone: rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Local", "", "No/Where"}).Draw(t, "zone"),
			Week: week.Draw(t, "week"), Days: week.Draw(t, "days"), AlternateFrom: key.Draw(t, "from")}
		spec.Weeks = rapid.SliceOfN(week, 0, 2).Draw(t, "weeks")
		c, errs := NewCalendar(spec, []Holiday{{Date: key.Draw(t, "holiday")}})
		if (c == nil) != (len(errs) > 0) {
			t.Fatalf("%v and %v", c, errs)
		}
		if c != nil {
			c.Due(time.Unix(0, 0), drawLimit(t))
		}
	})
}

func TestLimitsReadWhatTheyWrite(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		l := drawLimit(t)
		if got, err := ParseLimit(l.String()); err != nil || got != l {
			t.Fatalf("%q reads as %v, %v", l, got, err)
		}
		if _, err := ParseLimit(rapid.String().Draw(t, "text")); err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
	})
}
