package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A wrong password and a person who doesn't exist look alike. A guesser has to wait; after the wait nobody is any worse off.
func TestWrongPasswordsAreThrottled(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.nobody().post("/session", signIn("no.body", "x")).refused(codeUnauthenticated)
	for range failuresAllowed {
		b.nobody().post("/session", signIn("li.na", "wrong")).refused(codeUnauthenticated)
	}
	wait := b.nobody().post("/session", signIn("li.na", "crmflow-demo"))
	wait.refused(process.CodeTooMany)
	require.NotEmpty(t, wait.header.Get("Retry-After"))
	b.nobody().post("/session", signIn("sun.peng", "crmflow-demo")).ok()
	later := time.Now().Add(failureWindow + time.Minute)
	b.clock.Store(&later)
	b.nobody().post("/session", signIn("li.na", "crmflow-demo")).ok()
}

// cookies are what a browser sends back of what it was given.
func (a answer) cookies() http.Header {
	var held []string
	for _, c := range a.header.Values("Set-Cookie") {
		name, _, _ := strings.Cut(c, ";")
		held = append(held, name)
	}
	return http.Header{"Cookie": {strings.Join(held, "; ")}}
}

// Somebody who guesses at a password keeps its owner out neither from another address nor from the same one, where their browser has signed in before.
func TestAGuesserLocksNobodyOut(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	browser := b.nobody().post("/session", signIn("li.na", "crmflow-demo")).cookies()
	for b.nobody().post("/session", signIn("li.na", "wrong")).status != http.StatusTooManyRequests {
	}
	back := b.nobody().send(http.MethodPost, "/session", signIn("li.na", "crmflow-demo"), browser)
	back.ok()
	require.Len(t, back.header.Values("Set-Cookie"), 1, "the browser is known already")
	b.nobody().send(http.MethodPost, "/session", signIn("chen.jie", "wrong"), browser).refused(codeUnauthenticated)
	require.Zero(t, b.s.throttle.try(guess{user: "li.na", address: "192.0.2.7"}), "from elsewhere li.na signs in by any browser")
}

// A known browser is no way around the throttle.
func TestAKnownBrowserIsThrottledForItself(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	browser := b.nobody().post("/session", signIn("li.na", "crmflow-demo")).cookies()
	for range failuresAllowed {
		b.nobody().send(http.MethodPost, "/session", signIn("li.na", "wrong"), browser).refused(codeUnauthenticated)
	}
	b.nobody().send(http.MethodPost, "/session", signIn("li.na", "crmflow-demo"), browser).refused(process.CodeTooMany)
	b.nobody().post("/session", signIn("li.na", "crmflow-demo")).ok()
}

// An address that is wrong about many people has fewer tries for each of them, and its colleagues behind the same address still have theirs.
func TestSprayingAnAddressLocksNoColleagueOut(t *testing.T) {
	t.Parallel()
	th := newThrottle(time.Now)
	for i := range sprayAfter {
		require.Zero(t, th.try(guess{user: fmt.Sprint("user", i), address: "192.0.2.7"}))
	}
	for range failuresSpray {
		require.Zero(t, th.try(guess{user: "li.na", address: "192.0.2.7"}), "the first tries for a person are always taken")
	}
	require.NotZero(t, th.try(guess{user: "li.na", address: "192.0.2.7"}))
	th.right(guess{user: "li.na", address: "192.0.2.7"})
	require.Zero(t, th.try(guess{user: "li.na", address: "192.0.2.7"}))
}

// Guesses all at once are no more than guesses one after the other.
func TestTriesAtOnceAreCountedBeforeTheyAreDone(t *testing.T) {
	t.Parallel()
	th := newThrottle(time.Now)
	var all sync.WaitGroup
	taken := make(chan bool, 100)
	for range 100 {
		all.Go(func() { taken <- th.try(guess{user: "li.na", address: "192.0.2.7"}) == 0 })
	}
	all.Wait()
	close(taken)
	n := 0
	for ok := range taken {
		if ok {
			n++
		}
	}
	require.Equal(t, failuresAllowed, n)
}

// Who has a whole network of IPv6 has one address here.
func TestANetworkOfIPv6IsOneAddress(t *testing.T) {
	t.Parallel()
	require.Equal(t, network("2001:db8::1"), network("2001:db8::ffff:2"))
	require.NotEqual(t, network("2001:db8::1"), network("2001:db8:0:1::1"))
	require.NotEqual(t, network("192.0.2.7"), network("192.0.2.8"))
	require.Equal(t, "192.0.2.7", network("::ffff:192.0.2.7"))
	require.Equal(t, "", network(""))
}

func TestThrottlesStaySmall(t *testing.T) {
	t.Parallel()
	th, bs := newThrottle(time.Now), newBuckets(time.Now, 1)
	for i := range failuresKept + 100 {
		th.try(guess{user: fmt.Sprint(i), address: "192.0.2.7"})
		bs.wait(fmt.Sprint(i))
	}
	require.LessOrEqual(t, len(th.seen), failuresKept)
	require.LessOrEqual(t, len(bs.of), bucketsKept)
}

// A caller who asks too often is told when to come back; others aren't, and after the wait they may.
func TestWhoAsksTooOftenWaits(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	now := time.Now()
	b.clock.Store(&now)
	b.s.people, b.s.strangers = newBuckets(b.s.Now, 0.5), newBuckets(b.s.Now, 0.2)
	owner := b.as("li.na")
	for range 5 {
		owner.get("/clock").ok()
		owner.get("/session").ok()
	}
	wait := owner.get("/session")
	wait.refused(process.CodeTooMany)
	require.Equal(t, "2", wait.header.Get("Retry-After"))
	b.as("li.na").get("/session").refused(process.CodeTooMany)
	b.as("chen.jie").get("/session").ok()
	for range 2 {
		b.nobody().get("/session").refused(codeUnauthenticated)
	}
	b.nobody().get("/session").refused(process.CodeTooMany)
	b.as("chen.jie").get("/session").ok()
	b.nobody().get("//healthz").ok()
	later := now.Add(2 * time.Second)
	b.clock.Store(&later)
	owner.get("/session").ok()
}

// The address of a request is its connection's; what a header says of it counts only from a proxy that is configured.
func TestOnlyConfiguredProxiesAreBelieved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		proxies         []string
		connection, via string
		want            string
	}{
		{nil, "198.51.100.1:5000", "192.0.2.7", "198.51.100.1"},
		{[]string{"10.0.0.0/8"}, "198.51.100.1:5000", "192.0.2.7", "198.51.100.1"},
		{[]string{"10.0.0.0/8"}, "10.1.2.3:5000", "192.0.2.7", "192.0.2.7"},
		{[]string{"10.0.0.0/8"}, "10.1.2.3:5000", "203.0.113.9, 192.0.2.7", "192.0.2.7"}, // what the caller wrote itself stands further left
		{[]string{"10.0.0.0/8"}, "10.1.2.3:5000", "nonsense", "10.1.2.3"},
	} {
		s := New(Options{Proxies: c.proxies})
		require.Equal(t, c.want, addressSeen(s, c.connection, c.via), "%+v", c)
	}
}

// addressSeen is where a server takes a request to come from.
func addressSeen(s *Server, connection, forwarded string) (address string) {
	s.page("/test/address", anyone, func(c *gin.Context) { address = visitOf(c.Request.Context()).address })
	r := httptest.NewRequest(http.MethodGet, "/test/address", nil)
	r.RemoteAddr = connection
	r.Header.Set("X-Forwarded-For", forwarded)
	s.ServeHTTP(httptest.NewRecorder(), r)
	return address
}
