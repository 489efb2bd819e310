package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crmflow/crmflow/store"
)

// How the feed works: how often it looks, and how many may listen.
const (
	feedEvery       = time.Second
	feedSessions    = 5                // every so many looks it finds out who is still signed in
	feedStale       = 30 * time.Second // who hasn't looked for so long may have missed what was swept meanwhile
	streamsOfPerson = 8
	streamsInAll    = 2000 // of one server
	streamsWait     = 30 * time.Second
	casesAtOnce     = 100 // that one listener is told of; with more it is told to look at everything anew
)

// feed tells whoever listens what moved. Every server looks for itself, once a second, and only while somebody listens; so any number of servers may run.
type feed struct {
	db      *store.DB
	now     func() time.Time
	mu      sync.Mutex
	all     []*listener // in the order in which they came
	running bool
	closed  bool
}

// listener is one stream that is open.
type listener struct {
	token, user string
	principals  []string
	stir        chan struct{} // there is something to tell
	gone        chan struct{} // closed: it has to end

	// What is to be told, under the feed's lock.
	anew  bool // something may have been missed: look at everything again
	inbox bool
	cases map[string]bool
}

func newFeed(db *store.DB, now func() time.Time) *feed { return &feed{db: db, now: now} }

// join lets somebody listen. What commits after it is told.
func (f *feed) join(ctx context.Context, v *visit) (*listener, error) {
	l := &listener{token: v.token, user: v.user(), principals: v.who.Principals(), stir: make(chan struct{}, 1), gone: make(chan struct{}), cases: map[string]bool{}}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || len(f.all) >= streamsInAll {
		return nil, away{full: streamsWait}
	}
	if !f.running {
		seen, err := f.db.SeenNow(ctx)
		if err != nil {
			return nil, err
		}
		f.running = true
		go f.run(context.WithoutCancel(ctx), seen)
	}
	f.all = append(f.all, l)
	f.endOldest(l.user)
	return l, nil
}

// endOldest ends the first stream of somebody who has too many.
func (f *feed) endOldest(user string) {
	mine := func(l *listener) bool { return l.user == user }
	if len(slices.DeleteFunc(slices.Clone(f.all), func(l *listener) bool { return !mine(l) })) > streamsOfPerson {
		f.end(f.all[slices.IndexFunc(f.all, mine)])
	}
}

// leave ends a stream that its reader has left.
func (f *feed) leave(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(l)
}

// end makes a stream end. The caller holds the lock.
func (f *feed) end(l *listener) {
	if i := slices.Index(f.all, l); i >= 0 {
		f.all = slices.Delete(f.all, i, i+1)
		close(l.gone)
	}
}

// close ends all streams: the server stops.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for len(f.all) > 0 {
		f.end(f.all[0])
	}
}

// signedOut ends the streams of a session at once.
func (f *feed) signedOut(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range slices.Clone(f.all) {
		if l.token == token {
			f.end(l)
		}
	}
}

// run looks for news until nobody listens.
func (f *feed) run(ctx context.Context, seen store.Seen) {
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	last, failed := f.now(), false
	for n := 1; ; n++ {
		<-tick.C
		if f.idle() {
			return
		}
		news, now, err := f.db.NewsSince(ctx, seen)
		if err == nil && n%feedSessions == 0 {
			err = f.check(ctx)
		}
		if err != nil {
			if !failed {
				slog.Warn("the feed can't look for news; it goes on trying", "error", err)
			}
			failed = true
			continue
		}
		f.tell(news, failed || f.now().Sub(last) > feedStale)
		seen, last, failed = now, f.now(), false
	}
}

// idle says that nobody listens, and that the feed therefore ends.
func (f *feed) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = len(f.all) > 0
	return !f.running
}

// tell gives each listener what concerns them; where something may have been missed, everybody the advice to look anew.
func (f *feed) tell(news []store.News, missed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if missed {
		for _, l := range f.all {
			l.look()
		}
	}
	if len(news) == 0 {
		return
	}
	of := f.byPrincipal()
	for _, n := range news {
		for _, p := range n.Boxes {
			for _, l := range of[p] {
				l.inbox = true
				l.wake()
			}
		}
		for _, p := range n.People {
			for _, l := range of[p] {
				l.moved(n.Case) // people are named where a case is
			}
		}
	}
}

// byPrincipal finds listeners by what they are.
func (f *feed) byPrincipal() map[string][]*listener {
	of := map[string][]*listener{}
	for _, l := range f.all {
		for _, p := range l.principals {
			of[p] = append(of[p], l)
		}
	}
	return of
}

// look advises a listener to look at everything anew.
func (l *listener) look() {
	l.anew = true
	clear(l.cases)
	l.wake()
}

func (l *listener) moved(id string) {
	if l.anew {
		return
	}
	l.cases[id] = true
	l.wake()
	if len(l.cases) > casesAtOnce {
		l.look()
	}
}

// wake says that there is something to tell. Who hasn't taken the last of it yet will find both.
func (l *listener) wake() {
	select {
	case l.stir <- struct{}{}:
	default:
	}
}

// take gives what a listener is to be told, as it stands in the stream, and forgets it.
func (f *feed) take(l *listener) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out strings.Builder
	if l.anew {
		out.WriteString(helloEvent)
	}
	if l.inbox && !l.anew {
		out.WriteString("event: inbox\ndata: {}\n\n")
	}
	for _, id := range slices.Sorted(maps.Keys(l.cases)) {
		out.WriteString("event: case\ndata: {\"id\":\"" + id + "\"}\n\n")
	}
	l.anew, l.inbox = false, false
	clear(l.cases)
	return out.String()
}

// check ends the streams of whoever is signed in no more, and learns what everybody else is by now.
func (f *feed) check(ctx context.Context) error {
	f.mu.Lock()
	tokens := make([]string, len(f.all))
	for i, l := range f.all {
		tokens[i] = l.token
	}
	f.mu.Unlock()
	callers, err := f.db.Callers(ctx, tokens)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range slices.Clone(f.all) {
		switch who := callers[l.token]; {
		case who != nil:
			l.principals = who.Principals()
		case slices.Contains(tokens, l.token): // else it came meanwhile
			f.end(l)
		}
	}
	return nil
}

// away is the error of something that this server can't take on just now.
type away struct{ full time.Duration } // how long to wait

func (a away) Error() string { return "too many at once" }
