package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/process"
)

// base is where the API begins.
const base = "/api/v1"

// bodyLimit is how large a body may be, in bytes, where a route doesn't say otherwise.
const bodyLimit = 1 << 20

// route is one call of the API: where it is, who may, and how it is described.
type route struct {
	method, path string // the path under base
	rule         rule
	id           string // operation id
	summary      string
	status       int   // of a success; 0: 200
	limit        int64 // of the body; 0: bodyLimit
	anyQuery     bool  // query parameters are the handler's to check
	streams      bool  // the handler reads the body itself, as it comes

	takes *huma.RequestBody         // with streams: what the body is
	gives map[string]*huma.Response // answers that aren't JSON; nil: by the handler's type
}

// add registers a route. It is the only way to: a route has a rule, or is closed.
func add[I, O any](s *Server, r route, do func(context.Context, *visit, *I) (*O, error)) {
	if r.limit == 0 {
		r.limit = bodyLimit
	}
	s.rules = append(s.rules, ruled{r.method, base + r.path, r.rule})
	huma.Register(s.api, huma.Operation{
		OperationID: r.id, Method: r.method, Path: base + r.path, Summary: r.summary, Description: "Who may: " + string(r.rule) + ".",
		Tags: []string{strings.SplitN(r.path, "/", 3)[1]}, DefaultStatus: r.status, MaxBodyBytes: r.limit, BodyReadTimeout: readTimeout,
		RejectUnknownQueryParameters: !r.anyQuery, Security: security(r.rule), Errors: []int{},
		Middlewares: huma.Middlewares{s.gate(r)},
	}, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, visitOf(ctx), in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
	if r.takes != nil { // not before: huma would read the body
		s.api.OpenAPI().Paths[base+r.path].Post.RequestBody = r.takes
	}
	for code, answer := range r.gives { // not before: huma would leave out the problems
		s.api.OpenAPI().Paths[base+r.path].Get.Responses[code] = answer
	}
}

func security(r rule) []map[string][]string {
	if r == anyone {
		return []map[string][]string{}
	}
	return []map[string][]string{{"session": {}}, {"bearer": {}}}
}

// page registers what is answered beside the API: pages and what operators ask for.
func (s *Server) page(path string, r rule, do gin.HandlerFunc) {
	s.rules = append(s.rules, ruled{http.MethodGet, path, r})
	s.router.GET(path, func(c *gin.Context) {
		if err := s.enter(c.Request.Context(), r, object{}); err != nil {
			s.fail(c.Request.Context(), c.Writer, err)
			return
		}
		do(c)
	})
}

// gate lets in who the rule lets in, before anything of the request is read.
func (s *Server) gate(to route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		about := object{sort: ctx.Param("type"), id: ctx.Param("id")}
		if err := s.enter(ctx.Context(), to.rule, about); err != nil {
			s.fail(ctx.Context(), humagin.Unwrap(ctx).Writer, err)
			return
		}
		if ctx.Header("Idempotency-Key") != "" && !to.streams {
			r := humagin.Unwrap(ctx).Request
			r.Body = keptBody{r.Body, io.TeeReader(r.Body, &visitOf(ctx.Context()).body)}
		}
		next(ctx)
	}
}

// keptBody is a body that is kept as it is read.
type keptBody struct {
	io.Closer
	io.Reader
}

// enter finds out who asks and whether they may.
func (s *Server) enter(ctx context.Context, r rule, about object) error {
	if r != anyone {
		v := visitOf(ctx)
		if err := s.identify(ctx, v); err != nil {
			return err
		}
		if err := s.paced(v); err != nil {
			return err
		}
	}
	return s.may(ctx, r, about)
}

// paced refuses who asks too often.
func (s *Server) paced(v *visit) error {
	caller, of := v.user(), s.people
	if v.who == nil {
		caller, of = network(v.address), s.strangers
	}
	if wait := of.wait(caller); wait > 0 {
		return tooMany{wait}
	}
	return nil
}

// fail answers with the problem that an error is.
func (s *Server) fail(ctx context.Context, w http.ResponseWriter, err error) {
	p := problemOf(ctx, err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller is gone, then
}

// noMethod answers a method that a path doesn't know; Allow, set by gin, says which it does.
func (s *Server) noMethod(c *gin.Context) {
	p := problemOf(c.Request.Context(), process.Refuse(process.CodeNotFound, "此地址不支持该方法。", "This address doesn't know the method."))
	p.Status = http.StatusMethodNotAllowed
	s.fail(c.Request.Context(), c.Writer, p)
}

// apiVersion is the version of the API, which changes when a caller has to.
const apiVersion = "1"

// apiConfig is huma without what we serve ourselves or don't want: its pages load from elsewhere, its answers would carry $schema.
func apiConfig() huma.Config {
	c := huma.DefaultConfig("crmflow", apiVersion)
	c.CreateHooks, c.DocsPath, c.SchemasPath, c.OpenAPIPath = nil, "", "", ""
	c.Info.Description = "The workflow and approval engine for CRM processes. Times are RFC 3339 with the company's offset, money is in minor units; " +
		"what is refused is an RFC 9457 problem with a code, in the caller's language."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "POST /session sets it"},
		"bearer":  {Type: "http", Scheme: "bearer", Description: "POST /tokens gives one"},
	}
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readJSON}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	return c
}

// errUnreadable is the error of text that no database column can hold.
var errUnreadable = errors.New("invalid character in a text")

// readJSON is json.Unmarshal that refuses what PostgreSQL can't keep: NUL, and bytes that are no text.
func readJSON(data []byte, into any) error {
	if !utf8.Valid(data) {
		return errUnreadable
	}
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	if parsed, ok := into.(*any); ok && bytes.Contains(data, []byte(`\u0000`)) && holdsNUL(*parsed) {
		return errUnreadable
	}
	return nil
}

func holdsNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		for _, e := range v {
			if holdsNUL(e) {
				return true
			}
		}
	case map[string]any:
		for name, e := range v {
			if strings.ContainsRune(name, 0) || holdsNUL(e) {
				return true
			}
		}
	}
	return false
}

// visit wraps every request: it names it, guards it, bounds its time, and writes it to the log and the counters – never a person's data.
func (s *Server) visit(c *gin.Context) {
	began := time.Now()
	bounded, cancel := patience(c)
	defer cancel()
	v := s.newVisit(bounded, c)
	ctx := context.WithValue(bounded, visitKey{}, v)
	c.Request = c.Request.WithContext(ctx)
	guard(c.Writer.Header(), v)
	defer func() {
		if cause := recover(); cause != nil {
			s.recovered(c, cause)
		}
		s.record(c, v, time.Since(began))
	}()
	if err := s.sound(c.Request); err != nil {
		s.fail(ctx, c.Writer, err)
		c.Abort()
		return
	}
	linger := lingering(c)
	c.Next()
	linger()
}

// patience bounds the time of a request; a stream lasts.
func patience(c *gin.Context) (context.Context, context.CancelFunc) {
	if c.FullPath() == streamPath {
		return context.WithCancel(c.Request.Context())
	}
	return context.WithTimeout(c.Request.Context(), requestTimeout)
}

func (s *Server) newVisit(ctx context.Context, c *gin.Context) *visit {
	r := c.Request
	v := &visit{id: newRequestID(), accept: r.Header.Get("Accept-Language"), address: c.ClientIP(), zone: s.zone(ctx)}
	v.secure = r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" // whoever says so, it makes cookies stricter and nothing else
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		v.token = strings.TrimSpace(bearer)
	} else if cookie, err := r.Cookie(v.cookieName()); err == nil {
		v.token = cookie.Value
	}
	if cookie, err := r.Cookie(deviceName); err == nil {
		v.device = cookie.Value
	}
	return v
}

// guard sets the headers that browsers protect people by.
func guard(h http.Header, v *visit) {
	h.Set("X-Request-Id", v.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	if v.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// sound refuses requests that came from another site's page, and addresses that no text can be made of.
func (s *Server) sound(r *http.Request) error {
	if err := s.csrf.Check(r); err != nil {
		return process.Refuse(process.CodeForbidden, "请求来自其他网站，已拒绝。", "The request came from another site.")
	}
	query, err := queryText(r)
	if err != nil || !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) || !utf8.ValidString(query) || strings.ContainsRune(query, 0) {
		return fieldInvalid("query", "地址中有无法识别的字符", "the address holds what is no text")
	}
	return nil
}

func queryText(r *http.Request) (string, error) {
	var all strings.Builder
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		text, err := url.QueryUnescape(pair)
		if err != nil {
			return "", err
		}
		all.WriteString(text)
	}
	return all.String(), nil
}

// recovered answers a request whose handler panicked, when nothing of the answer is out yet.
func (s *Server) recovered(c *gin.Context, cause any) {
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	if c.Writer.Written() {
		_ = problemOf(c.Request.Context(), err) // only for what it writes to the log
		return
	}
	s.fail(c.Request.Context(), c.Writer, err)
}
