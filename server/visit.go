package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// visit is one request: who asks, in which language, and where the company's clock hangs.
type visit struct {
	id      string                         // the request's id, in the log and in answers to failures
	accept  string                         // Accept-Language
	address string                         // of the caller, without a port
	secure  bool                           // came over TLS
	token   string                         // the session's or bearer's token, as sent
	device  string                         // what the browser is known by, as sent
	who     *store.Caller                  // nil: nobody signed in
	access  process.Access                 // what the rights come to for them
	types   map[string]*process.RecordType // as they are published
	seen    map[string]process.Sight       // records whose sight was asked for, by id
	zone    *time.Location
	said    string       // language, once worked out
	body    bytes.Buffer // as it was sent, when the request has a key that it is bound to
}

type visitKey struct{}

// visitOf gives the visit of a request; an empty one outside of any.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// newRequestID makes an id to find a request in the log by.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// lang is the language to answer in: what the request asks for, else what the person speaks, else Chinese.
func (v *visit) lang() string {
	if v.said == "" {
		v.said = cmp.Or(preferred(v.accept), v.spoken(), "zh")
	}
	return v.said
}

func (v *visit) spoken() string {
	if v.who == nil {
		return ""
	}
	return v.who.Language
}

// preferred picks zh or en from an Accept-Language header; "" when it names neither.
func preferred(header string) string {
	type choice struct {
		lang string
		q    float64
	}
	var known []choice
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64)
		}
		if (lang == "zh" || lang == "en") && q > 0 {
			known = append(known, choice{lang, q})
		}
	}
	if len(known) == 0 {
		return ""
	}
	return slices.MaxFunc(known, func(a, b choice) int { return cmp.Compare(a.q, b.q) }).lang
}

// at puts a moment on the company's clock, so that it is written with the company's offset.
func (v *visit) at(t time.Time) time.Time {
	if v.zone == nil {
		return t
	}
	return t.In(v.zone)
}

func (v *visit) atOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	moved := v.at(*t)
	return &moved
}

// moment puts a moment written as RFC 3339 on the company's clock.
func (v *visit) moment(written string) string {
	t, err := time.Parse(time.RFC3339Nano, written)
	if err != nil {
		return written
	}
	return v.at(t).Format(time.RFC3339Nano)
}

// text gives a text in the caller's language.
func (v *visit) text(t process.Text) string { return t.In(v.lang()) }

// user is the caller's id; "" when nobody is signed in.
func (v *visit) user() string {
	if v.who == nil {
		return ""
	}
	return v.who.ID
}

// admin says whether the caller is an administrator.
func (v *visit) admin() bool { return v.who != nil && v.who.Has(roleAdministrator) }

// Keyed is the part of an input that carries the request's own key.
type Keyed struct {
	Key string `header:"Idempotency-Key" maxLength:"200" pattern:"^[ -~]*$" doc:"The same key of the same caller has one effect and one answer, for 24 hours. Without it the request is carried out each time it comes."`
}

// request is what the engine must know of who asks. What names the request (method, path and body) binds the key.
func (v *visit) request(method, path string, k Keyed) engine.Request {
	r := engine.Request{Caller: v.user(), Admin: v.admin(), Key: k.Key}
	if k.Key != "" {
		r.Body = append([]byte(method+" "+path+"\n"), v.body.Bytes()...)
	}
	return r
}
