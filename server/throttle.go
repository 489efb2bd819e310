package server

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How many wrong passwords count against whom, and for how long.
const (
	failuresAllowed = 10 // of one address, or one known browser, for one person
	failuresSpray   = 3  // the same, of an address that has been wrong about many
	sprayAfter      = 100
	failureWindow   = 15 * time.Minute
	failuresKept    = 50_000
)

// guess is who tries to sign in as whom, and from where. An address may be a whole company's; a browser in which the person has signed in before is known by
// its cookie, and counts for itself: whatever happens beside it, its person gets in.
type guess struct {
	user, address string
	device        string // hash of the cookie of a browser that this person has signed in by; "": an unknown one
}

func (g guess) key() string {
	if g.device != "" {
		return "device\n" + g.device
	}
	return "pair\n" + g.user + "\n" + network(g.address)
}

func (g guess) spray() string { return "address\n" + network(g.address) }

// network is what one sender may choose its addresses from: a /64 of IPv6.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a.Unmap().Is4() {
		return a.Unmap().String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// throttle counts wrong passwords. A guesser has to wait; the person elsewhere does not, nor does a colleague at the same address: the first tries for a
// person are always taken.
type throttle struct {
	mu   sync.Mutex
	now  func() time.Time
	seen map[string]failures
}

type failures struct {
	n     int
	until time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, seen: map[string]failures{}}
}

// try counts a try, as a wrong one until it turns out right, or says how long to wait before the next. So many tries at once are no more than one after the other.
func (t *throttle) try(g guess) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	allowed := failuresAllowed
	if f := t.seen[g.spray()]; g.device == "" && f.until.After(now) && f.n >= sprayAfter {
		allowed = failuresSpray
	}
	if f := t.seen[g.key()]; f.until.After(now) && f.n >= allowed {
		return f.until.Sub(now)
	}
	for _, key := range []string{g.key(), g.spray()} {
		f := t.seen[key]
		if !f.until.After(now) {
			f = failures{until: now.Add(failureWindow)}
		}
		f.n++
		if len(t.seen) >= failuresKept {
			t.forget(now)
		}
		t.seen[key] = f
	}
	return 0
}

// right forgets the wrong tries for the person, and takes the right one back.
func (t *throttle) right(g guess) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, g.key())
	if f, ok := t.seen[g.spray()]; ok {
		f.n--
		t.seen[g.spray()] = f
	}
}

// forget makes room: what is over goes, and when nothing is over, anything.
func (t *throttle) forget(now time.Time) {
	for key, f := range t.seen {
		if !f.until.After(now) {
			delete(t.seen, key)
		}
	}
	for key := range t.seen {
		if len(t.seen) < failuresKept {
			return
		}
		delete(t.seen, key)
	}
}

// How much one caller may ask. A person's rate is a multiple of what anybody clicks, and a quarter of what a small machine answers: a program that has lost its
// way leaves room for the others.
const (
	personRate  = 300 // requests a second, sustained
	rateBurst   = 10  // seconds' worth at once
	bucketsKept = 50_000
)

// buckets bound how often each of many callers may ask; a negative rate bounds nobody. They are this server's own: with n servers a caller may ask n times as often.
type buckets struct {
	mu   sync.Mutex
	now  func() time.Time
	rate rate.Limit
	of   map[string]*rate.Limiter
}

func newBuckets(now func() time.Time, perSecond float64) *buckets {
	return &buckets{now: now, rate: rate.Limit(perSecond), of: map[string]*rate.Limiter{}}
}

// wait takes one request out of a caller's bucket, or says how long to wait until there is one.
func (b *buckets) wait(caller string) time.Duration {
	if b.rate < 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	l := b.of[caller]
	if l == nil {
		if len(b.of) >= bucketsKept {
			b.forget(now)
		}
		l = rate.NewLimiter(b.rate, int(b.rate*rateBurst))
		b.of[caller] = l
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// forget makes room: full buckets go, and when none is full, any.
func (b *buckets) forget(now time.Time) {
	for caller, l := range b.of {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(b.of, caller)
		}
	}
	for caller := range b.of {
		if len(b.of) < bucketsKept {
			return
		}
		delete(b.of, caller)
	}
}
