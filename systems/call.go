// Package systems are the systems that chains may call: how they are configured, which addresses they may be at, and one call over HTTP.
//
// A call reaches only what the operator has named. The address is looked at when the connection is made, after names were resolved, so that no name can
// point at one thing when it is checked and at another when it is called.
package systems

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmflow/crmflow/process"
)

// Call is one request to a system.
type Call struct {
	To     string
	Method string // get, post
	Path   string // escaped, with its query; begins with "/"
	Body   []byte // JSON; nil: none
	Key    string // the same at each attempt, so that the system can tell a repetition
	Reads  bool   // the answer is read; if not, what it says doesn't matter
}

// Failure is why there is no answer. It names no secret, no path, and nothing of what was sent or answered.
type Failure struct {
	Why   process.Text
	Final bool          // another attempt would end alike
	After time.Duration // the system asks to be left alone for so long; 0: it says nothing
}

func (f *Failure) Error() string { return f.Why.EN }

func final(zh, en string) *Failure { return &Failure{Why: process.Text{ZH: zh, EN: en}, Final: true} }

func later(zh, en string) *Failure { return &Failure{Why: process.Text{ZH: zh, EN: en}} }

const (
	maxAnswer    = 1 << 20
	maxHeader    = 64 << 10
	maxRedirects = 3
	room         = 32 // calls of one worker to one system at once
)

// Limits are how often a call to a system is made at most, and how long it is tried. A system that isn't there is tried once.
func (s *Systems) Limits(name string) (attempts int, within time.Duration) {
	if s == nil || s.list[name] == nil {
		return 1, defaultWithin
	}
	return s.list[name].Attempts, s.list[name].Within
}

// Enter takes one of the places of a system for a call, until leave is called; ok says whether there is one. A system that isn't there has room for all:
// nobody is called.
func (s *Systems) Enter(name string) (leave func(), ok bool) {
	if s == nil || s.list[name] == nil {
		return func() {}, true
	}
	places := s.list[name].places
	select {
	case places <- struct{}{}:
		return func() { <-places }, true
	default:
		return nil, false
	}
}

// Call makes one attempt. The answer is JSON; null where there is none or nobody reads it. The error is a [*Failure].
func (s *Systems) Call(ctx context.Context, c Call) (json.RawMessage, error) {
	if s == nil || s.list[c.To] == nil {
		return nil, final("没有配置系统 "+c.To, "no system "+c.To+" is configured")
	}
	answer, failure := s.list[c.To].call(ctx, c)
	if failure != nil {
		return nil, failure
	}
	return answer, nil
}

func (s *system) call(ctx context.Context, c Call) (json.RawMessage, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	to, err := url.Parse(s.base.String() + c.Path)
	if err != nil {
		return nil, final("请求路径不是有效的网址", "the path makes no address")
	}
	for range maxRedirects + 1 {
		if failure := s.mayCall(to); failure != nil {
			return nil, failure
		}
		next, answer, failure := s.send(ctx, c, to)
		if next == nil {
			return answer, failure
		}
		to = next
	}
	return nil, final("系统转向的次数太多", "the system redirects too often")
}

// mayCall refuses an address that isn't on the system's list.
func (s *system) mayCall(to *url.URL) *Failure {
	if dotted(to.Path) {
		return final("请求路径中有“..”", "the path holds “..”")
	}
	if !s.ownHost(to) {
		if to.Scheme != "https" && s.base.Scheme == "https" || to.Scheme != "https" && to.Scheme != "http" {
			return final("系统转向了不加密的地址", "the system redirects to an address without encryption")
		}
		if !slices.ContainsFunc(s.Hosts, func(h string) bool { return hostOf(to.Scheme, h) == hostOf(to.Scheme, to.Host) }) {
			return final("系统转向了不允许的主机 "+to.Host, "the system redirects to the host "+to.Host+", which isn't allowed")
		}
		return nil
	}
	path := strings.TrimPrefix(to.EscapedPath(), s.base.EscapedPath())
	below := func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }
	if !strings.HasPrefix(to.EscapedPath(), s.base.EscapedPath()+"/") || len(s.Paths) > 0 && !slices.ContainsFunc(s.Paths, below) {
		return final("不允许调用系统 "+s.name+" 的这个路径", "this path of the system "+s.name+" isn't allowed")
	}
	return nil
}

func (s *system) ownHost(u *url.URL) bool {
	return u.Scheme == s.base.Scheme && hostOf(u.Scheme, u.Host) == hostOf(s.base.Scheme, s.base.Host)
}

// hostOf is a host with its port.
func hostOf(scheme, host string) string {
	u := url.URL{Host: strings.ToLower(host)}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dotted says whether a path, however it is taken apart, has a piece that leads elsewhere.
func dotted(path string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }), func(piece string) bool { return piece == "." || piece == ".." })
}

// send makes one HTTP request: what it answers, or where it leads.
func (s *system) send(ctx context.Context, c Call, to *url.URL) (*url.URL, json.RawMessage, *Failure) {
	r, failure := s.request(ctx, c, to)
	if failure != nil {
		return nil, nil, failure
	}
	res, err := s.transport.RoundTrip(r) // a client would follow redirects by itself, or repeat in its errors where they lead
	if err != nil {
		return nil, nil, s.failed(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	return s.read(c, to, res)
}

// request makes the HTTP request of a call. Headers are sent to the system's own host only.
func (s *system) request(ctx context.Context, c Call, to *url.URL) (*http.Request, *Failure) {
	var body io.Reader
	if c.Body != nil {
		body = strings.NewReader(string(c.Body))
	}
	r, err := http.NewRequestWithContext(ctx, strings.ToUpper(c.Method), to.String(), body)
	if err != nil {
		return nil, final("请求无法发出", "the request can't be made")
	}
	if s.ownHost(to) {
		if r.Header, err = s.secrets(); err != nil {
			return nil, later("缺少密钥："+err.Error(), "a secret is missing: "+err.Error())
		}
	}
	r.Header.Set("Idempotency-Key", c.Key)
	r.Header.Set("User-Agent", "crmflow")
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	if c.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// failed says why a call didn't come to an answer.
func (s *system) failed(ctx context.Context, err error) *Failure {
	if r, ok := errors.AsType[*refusedAddress](err); ok {
		return final(fmt.Sprintf("系统 %s 的地址 %s 不允许访问（内部或保留地址）", s.name, r.addr), fmt.Sprintf("the address %s of the system %s isn't allowed: it is %s", r.addr, s.name, r.kind))
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return later(fmt.Sprintf("%v 内没有回答", s.Timeout), fmt.Sprintf("no answer within %v", s.Timeout))
	}
	return later("连接失败："+err.Error(), "the connection failed: "+err.Error())
}

// read takes the answer, or says where it leads.
func (s *system) read(c Call, from *url.URL, res *http.Response) (*url.URL, json.RawMessage, *Failure) {
	status := strconv.Itoa(res.StatusCode) + " " + http.StatusText(res.StatusCode)
	said := process.Text{ZH: "系统回答 " + status, EN: "the system answered " + status}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		answer, failure := s.content(c, res)
		return nil, answer, failure
	case slices.Contains([]int{301, 302, 303, 307, 308}, code) && c.Method == process.MethodGet:
		next, err := from.Parse(res.Header.Get("Location"))
		if err != nil || res.Header.Get("Location") == "" {
			return nil, nil, final("系统转向了无效的地址", "the system redirects to no address")
		}
		next.User, next.Fragment = nil, ""
		return next, nil, nil
	case code == 408 || code == 425 || code == 429 || code >= 500:
		return nil, nil, &Failure{Why: said, After: retryAfter(res.Header)}
	default:
		return nil, nil, &Failure{Why: said, Final: true}
	}
}

// content reads an answer of which fields are taken.
func (s *system) content(c Call, res *http.Response) (json.RawMessage, *Failure) {
	if !c.Reads {
		return json.RawMessage("null"), nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case len(body) > maxAnswer:
		return nil, final("回答超过 1 MB", "the answer is larger than 1 MB")
	case err != nil:
		return nil, later("回答中断", "the answer broke off")
	case len(strings.TrimSpace(string(body))) == 0:
		return json.RawMessage("null"), nil
	case !utf8.Valid(body) || !json.Valid(body):
		return nil, final("回答不是 JSON", "the answer isn't JSON")
	}
	return body, nil
}

// retryAfter is how long the system asks to be left alone.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// newTransport makes what asks no proxy, and looks at every address it connects to.
func (s *system) newTransport() *http.Transport {
	dialer := &net.Dialer{Control: s.Private.control, Resolver: s.resolver}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: 90 * time.Second,
	}
}
