package process

import (
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

func TestWorkingTimeAgreesWithTheWalker(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		a, d := c.drawMoment(t, "a"), drawDuration(t, "d")
		b := a.Add(time.Duration(rapid.IntRange(0, 9*1440).Draw(t, "minutes")) * time.Minute).Add(d % time.Minute)
		w := c.ref.walk(a, 1)
		if want, got := w.between(a, b), c.Between(a, b); want != got {
			t.Fatalf("between %s and %s: want %s, got %s", a, b, want, got)
		}
		if d > 0 {
			same(t, "add", w.add(a, d), c.Add(a, d))
		}
		owner, _ := w.minute(w.index(a))
		if want := owner != ""; want != c.IsOpen(a) {
			t.Fatalf("open at %s: want %v", a, want)
		}
	})
}

func TestBackwardsAgreesWithTheWalker(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		target, hours, days := c.drawMoment(t, "target"), rapid.IntRange(1, 9).Draw(t, "hours"), rapid.IntRange(1, 4).Draw(t, "days")
		if rapid.Bool().Draw(t, "closing") {
			target = c.Due(target, Limit{1, workingDays}).Due
		}
		span := time.Duration(hours) * time.Hour
		wantHours, wantDays, found := c.ref.walk(target, 20).behind(target, span, days)
		for far := 100; !found; far *= 5 {
			wantHours, wantDays, found = c.ref.walk(target, far).behind(target, span, days)
		}
		same(t, "hours", wantHours, c.Before(target, Limit{hours, workingHours}))
		same(t, "days", wantDays, c.Before(target, Limit{days, workingDays}))
	})
}

func TestDueAgreesWithTheWalker(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		from, n := c.drawMoment(t, "from"), rapid.IntRange(1, 5).Draw(t, "n")
		w := c.ref.walk(from, 1)
		opens, closes := w.nthDay(from, w.startDay(from), n)
		same(t, "working days", closes, c.Due(from, Limit{n, workingDays}).Due)
		same(t, "start of working day", opens, c.Due(from, Limit{n, startOfWorkingDay}).Due)
		same(t, "working hours", w.add(from, time.Duration(n)*time.Hour), c.Due(from, Limit{n, workingHours}).Due)
		same(t, "working minutes", w.add(from, time.Duration(n)*time.Minute), c.Due(from, Limit{n, workingMinutes}).Due)
		same(t, "hours", from.Add(time.Duration(n)*time.Hour), c.Due(from, Limit{n, wallHours}).Due)
		if want, ok := w.sameTimeOfDay(from, n); ok {
			same(t, "days", want, c.Due(from, Limit{n, wallDays}).Due)
		}

		today := w.startDay(from)
		var end time.Time
		for i := w.index(from); ; i++ {
			owner, date := w.minute(i)
			if owner == today {
				end = w.moment(i + 1)
			}
			if date > plusDays(today, 1) {
				break
			}
		}
		if end.IsZero() {
			_, end = w.nthDay(from, today, 1)
		}
		same(t, "end of today", end, c.Due(from, Limit{unit: endOfToday}).Due)
	})
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
