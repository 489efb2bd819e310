package systems

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// erp is a system that answers as a test wants, configured with what stands behind its url.
func erp(t *testing.T, settings string, answer http.HandlerFunc) (*Systems, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return configured(t, server.URL, settings), server
}

func configured(t *testing.T, url, settings string) *Systems {
	t.Helper()
	s, err := Parse([]byte(fmt.Sprintf("systems: {erp: {url: %q, %s}}", url, settings)))
	require.NoError(t, err)
	return s
}

const here = "allow_private: [127.0.0.1/32, '::1/128']"

func get(path string) Call {
	return Call{To: "erp", Method: "get", Path: path, Key: "c1.c1", Reads: true}
}

// fails makes a call that has no answer.
func fails(t *testing.T, s *Systems, c Call) *Failure {
	t.Helper()
	_, err := s.Call(t.Context(), c)
	var f *Failure
	require.ErrorAs(t, err, &f)
	require.NotEmpty(t, f.Why.ZH)
	return f
}

func TestACallSendsWhatIsConfigured(t *testing.T) {
	t.Setenv("CRMFLOW_TEST_ERP", "Bearer one")
	s, _ := erp(t, here+", headers: {authorization: 'env:CRMFLOW_TEST_ERP', x-tenant: '7'}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "path": r.URL.EscapedPath(), "query": r.URL.RawQuery, "key": r.Header.Get("Idempotency-Key"),
			"secret": r.Header.Get("Authorization"), "tenant": r.Header.Get("X-Tenant"), "type": r.Header.Get("Content-Type"), "body": string(body)})
	})
	answer, err := s.Call(t.Context(), Call{To: "erp", Method: "post", Path: "/orders/a%2Fb?x=1", Body: []byte(`{"n":1}`), Key: "c1.c7", Reads: true})
	require.NoError(t, err)
	require.JSONEq(t, `{"method":"POST","path":"/orders/a%2Fb","query":"x=1","key":"c1.c7","secret":"Bearer one","tenant":"7","type":"application/json","body":"{\"n\":1}"}`, string(answer))
}

func TestWhatASystemAnswers(t *testing.T) {
	t.Parallel()
	large := `"` + strings.Repeat("x", maxAnswer) + `"`
	for name, c := range map[string]struct {
		status       int
		header, body string
		want         string // "" : an answer
		final        bool
		after        time.Duration
	}{
		"an answer":             {status: 200, body: `{"a": 1}`},
		"made":                  {status: 201, body: `[]`},
		"nothing":               {status: 204, body: ""},
		"not JSON":              {status: 200, body: `<html>`, want: "isn't JSON", final: true},
		"two answers":           {status: 200, body: `{}{}`, want: "isn't JSON", final: true},
		"not text":              {status: 200, body: "\"\xff\"", want: "isn't JSON", final: true},
		"too large":             {status: 200, body: large, want: "larger than 1 MB", final: true},
		"refused":               {status: 400, body: `{"secret": "s3cret"}`, want: "400 Bad Request", final: true},
		"not there":             {status: 404, want: "404 Not Found", final: true},
		"not modified":          {status: 304, want: "304 Not Modified", final: true},
		"broken":                {status: 500, body: `{"secret": "s3cret"}`, want: "500 Internal Server Error"},
		"away":                  {status: 503, header: "7", want: "503 Service Unavailable", after: 7 * time.Second},
		"too many":              {status: 429, header: "120", want: "429 Too Many Requests", after: 2 * time.Minute},
		"too many, at a moment": {status: 429, header: time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), want: "429"},
		"too many, nonsense":    {status: 429, header: "soon", want: "429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := erp(t, here, func(w http.ResponseWriter, _ *http.Request) {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			if c.want == "" {
				answer, err := s.Call(t.Context(), get("/x"))
				require.NoError(t, err)
				if c.body == "" {
					c.body = "null"
				}
				require.JSONEq(t, c.body, string(answer))
				return
			}
			f := fails(t, s, get("/x"))
			require.Contains(t, f.Why.EN, c.want)
			require.NotContains(t, f.Why.EN, "s3cret")
			require.Equal(t, c.final, f.Final)
			require.Equal(t, c.after, f.After)
		})
	}
}

func TestAnAnswerThatNobodyReadsMayBeAnything(t *testing.T) {
	t.Parallel()
	s, _ := erp(t, here, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	answer, err := s.Call(t.Context(), Call{To: "erp", Method: "post", Path: "/x", Body: []byte(`{}`), Key: "k"})
	require.NoError(t, err)
	require.Equal(t, "null", string(answer))
}

// A system that takes its time takes no others' places.
func TestASystemHasRoomForSoManyCalls(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(`systems: {slow: {url: "https://slow"}, quick: {url: "https://quick"}}`))
	require.NoError(t, err)
	var leave func()
	for range room {
		var ok bool
		leave, ok = s.Enter("slow")
		require.True(t, ok)
	}
	_, ok := s.Enter("slow")
	require.False(t, ok)
	_, ok = s.Enter("quick")
	require.True(t, ok)
	leave()
	_, ok = s.Enter("slow")
	require.True(t, ok)
	_, ok = (*Systems)(nil).Enter("none")
	require.True(t, ok)
}

func TestASlowSystemIsLeft(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	s, _ := erp(t, here+", timeout: 50ms", func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(left)
	})
	f := fails(t, s, get("/customers/7"))
	require.Equal(t, "no answer within 50ms", f.Why.EN)
	require.False(t, f.Final)
	<-left
}

func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s, _ := erp(t, here, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"a":`)
	})
	f := fails(t, s, get("/x"))
	require.Contains(t, f.Why.EN, "broke off")
	require.False(t, f.Final)
}

func TestASystemThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	s, server := erp(t, here, nil)
	server.Close()
	f := fails(t, s, get("/customers/7"))
	require.Contains(t, f.Why.EN, "connection refused")
	require.NotContains(t, f.Why.EN, "customers", "a path may name a person")
	require.False(t, f.Final)
}

func TestASystemMustProveWhoItIs(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	require.Contains(t, fails(t, configured(t, server.URL, here), get("/x")).Why.EN, "certificate")
}

func TestAnUnknownSystemIsNotCalled(t *testing.T) {
	t.Parallel()
	for _, s := range []*Systems{nil, configured(t, "https://erp", here)} {
		f := fails(t, s, Call{To: "crm", Method: "get", Path: "/x"})
		require.Equal(t, "no system crm is configured", f.Why.EN)
		require.True(t, f.Final)
		attempts, _ := s.Limits("crm")
		require.Equal(t, 1, attempts)
	}
}

func TestASecretThatIsMissingSendsNothing(t *testing.T) {
	t.Parallel()
	s, _ := erp(t, here+", headers: {authorization: 'env:CRMFLOW_TEST_NONE'}", func(http.ResponseWriter, *http.Request) { t.Error("called") })
	f := fails(t, s, get("/x"))
	require.Contains(t, f.Why.EN, "env:CRMFLOW_TEST_NONE")
	require.False(t, f.Final, "it may be there at the next attempt")
}

func TestOnlyThePathsOnTheListAreCalled(t *testing.T) {
	t.Parallel()
	_, server := erp(t, here, func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintf(w, "%q", r.URL.EscapedPath()) })
	s := configured(t, server.URL+"/api", here+", paths: [/orders]")
	for path, want := range map[string]bool{
		"/orders": true, "/orders/7": true, "/orders/7?a=/../b": true, "/orders/%E6%B5%B7": true, "/orders/a..b": true,
		"/order": false, "/orders2": false, "/stock": false, "/": false, "//orders": false, "@evil.example/orders": false, ".evil.example/orders": false,
		"/orders/../stock": false, "/orders/%2E%2E/stock": false, "/orders/a%2F..%2F..%2Fb": false, "/orders/..%5Cb": false, "/orders/./x": false, "/orders/\x01": false,
	} {
		answer, err := s.Call(t.Context(), get(path))
		if want {
			require.NoError(t, err, path)
			require.Contains(t, string(answer), "/api/orders")
			continue
		}
		require.True(t, fails(t, s, get(path)).Final, path)
	}
}

// A get goes where the system leads it, within the list of hosts; nothing else does.
func TestRedirects(t *testing.T) {
	t.Setenv("CRMFLOW_TEST_ERP", "Bearer one")
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Add(1)
		_, _ = fmt.Fprintf(w, "%q", r.Header.Get("Authorization")+r.Header.Get("Idempotency-Key"))
	}))
	t.Cleanup(other.Close)
	otherHost := strings.TrimPrefix(other.URL, "http://")
	settings := here + ", headers: {authorization: 'env:CRMFLOW_TEST_ERP'}"
	_, server := erp(t, settings, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			_, _ = fmt.Fprintf(w, "%q", r.Header.Get("Authorization"))
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
		}
	})
	strict, open := configured(t, server.URL, settings), configured(t, server.URL, settings+", hosts: ['"+otherHost+"', '127.0.0.2:80', localhost]")

	answer, err := strict.Call(t.Context(), get("/go?to=/here"))
	require.NoError(t, err)
	require.Equal(t, `"Bearer one"`, string(answer))
	answer, err = open.Call(t.Context(), get("/go?to="+other.URL+"/x"))
	require.NoError(t, err)
	require.Equal(t, `"c1.c1"`, string(answer), "the secret is the system's own host's")
	require.EqualValues(t, 1, elsewhere.Load())

	for to, want := range map[string]string{other.URL: "isn't allowed", "http://localhost/": "isn't allowed", "http://169.254.169.254/latest": "isn't allowed",
		"file:///etc/passwd": "without encryption", "http://[": "to no address"} {
		f := fails(t, strict, get("/go?to="+to))
		require.Contains(t, f.Why.EN, want, to)
		require.True(t, f.Final)
	}
	require.Contains(t, fails(t, open, get("/go?to=http://127.0.0.2/")).Why.EN, "loopback", "a host on the list is looked at, too")
	require.Contains(t, fails(t, strict, get("/round")).Why.EN, "too often")
	f := fails(t, open, Call{To: "erp", Method: "post", Path: "/go?to=/here", Body: []byte("{}"), Key: "k"})
	require.Contains(t, f.Why.EN, "307")
	require.True(t, f.Final, "a post goes nowhere else")
	require.EqualValues(t, 1, elsewhere.Load())
}

// Names are looked at once they are resolved, whatever they resolve to.
func TestANameThatMeansAnAddressInsideIsRefused(t *testing.T) {
	t.Parallel()
	_, server := erp(t, here, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for address, want := range map[string]string{"127.0.0.1": "loopback", "10.0.0.7": "private", "169.254.169.254": "link-local", "0.0.0.0": "no address of a host", "100.64.1.1": "private"} {
		s := configured(t, "http://erp.example.com"+port, "timeout: 20s")
		one := s.list["erp"]
		one.resolver = resolvesTo(t, address)
		one.transport = one.newTransport()
		f := fails(t, s, get("/x"))
		require.Contains(t, f.Why.EN, want, address)
		require.True(t, f.Final)
	}
	require.Contains(t, fails(t, configured(t, "http://localhost"+port, "timeout: 20s"), get("/x")).Why.EN, "loopback")
}

// resolvesTo is a resolver whose names all mean one address.
func resolvesTo(t *testing.T, address string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answerTo(buffer[:n], net.ParseIP(address).To4()), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answerTo makes the answer to a DNS question of one name: its address for type A, none for others.
func answerTo(question []byte, address net.IP) []byte {
	end := 12
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5 // the root, type and class
	answer := append([]byte{question[0], question[1], 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0}, question[12:end]...)
	if question[end-3] == 1 {
		answer[7] = 1
		answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // of the name asked for: A, IN, no time to live, four bytes
		answer = append(answer, address...)
	}
	return answer
}

// A proxy in the environment would be called instead of what was looked at.
func TestNoProxyIsTakenFromTheEnvironment(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was called") }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	s := configured(t, "http://erp.example.com", "timeout: 20s")
	one := s.list["erp"]
	one.resolver = resolvesTo(t, "10.0.0.7")
	one.transport = one.newTransport()
	require.True(t, fails(t, s, get("/x")).Final)
	require.Nil(t, one.transport.Proxy)
}
