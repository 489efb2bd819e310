package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// The cookies: of the session, and of a browser in which somebody has signed in. Over TLS the session's has the prefix by which browsers make sure that
// no other host, not even one of the same domain, can set it.
const (
	cookieName   = "crmflow_session"
	securePrefix = "__Host-"
	deviceName   = "crmflow_device"
)

// How long a sign-in and a program's token last, in real time.
const (
	sessionLife = 14 * 24 * time.Hour
	tokenLife   = 365 * 24 * time.Hour
)

func (s *Server) sessionRoutes() {
	add(s, route{method: http.MethodPost, path: "/session", rule: anyone, id: "sign-in", summary: "Sign in; the answer sets the session's cookie"}, s.signIn)
	add(s, route{method: http.MethodGet, path: "/session", rule: signedIn, id: "who-am-i", summary: "Who is signed in"}, s.whoAmI)
	add(s, route{method: http.MethodDelete, path: "/session", rule: anyone, id: "sign-out", summary: "Sign out", status: http.StatusNoContent}, s.signOut)
	add(s, route{method: http.MethodPost, path: "/tokens", rule: signedIn, id: "create-token", summary: "Make a bearer token for the person signed in", status: http.StatusCreated}, s.createToken)
	add(s, route{method: http.MethodDelete, path: "/tokens/{id}", rule: signedIn, id: "delete-token", summary: "Forget one's own bearer token", status: http.StatusNoContent}, s.deleteToken)
}

// identify finds who a request's token stands for, and what the rights come to for them. Without a good token nobody is signed in; that is for the route's rule to judge.
func (s *Server) identify(ctx context.Context, v *visit) error {
	if v.token == "" || v.who != nil {
		return nil
	}
	who, err := s.db.Caller(ctx, v.token)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	library, err := s.engine.LibraryAt(ctx, who.Revision)
	if err != nil {
		return err
	}
	v.who, v.said, v.types, v.access = who, "", library.Types, library.Rights.Of(who.Principals())
	v.access.BuiltIn = &s.builtIn
	return nil
}

type credentials struct {
	User     string `json:"user" minLength:"1" maxLength:"100" doc:"A user id"`
	Password string `json:"password" minLength:"1" maxLength:"200"`
}

// sessionBody is who is signed in, and until when.
type sessionBody struct {
	UserBody
	ExpiresAt time.Time `json:"expires_at" doc:"Real time"`
}

type sessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

func (s *Server) signIn(ctx context.Context, v *visit, in *struct{ Body credentials }) (*sessionOutput, error) {
	user := strings.TrimSpace(in.Body.User)
	hash, device, err := s.db.PasswordFrom(ctx, user, v.device)
	if err != nil {
		return nil, err
	}
	if device == "" { // whoever has signed in by this browser isn't kept waiting by strangers at the same address
		if err := s.paced(v); err != nil {
			return nil, err
		}
	}
	by := guess{user: user, address: v.address, device: device}
	if wait := s.throttle.try(by); wait > 0 {
		return nil, tooMany{wait}
	}
	right, err := s.passwords.check(ctx, hash, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, process.Refuse(codeUnauthenticated, "用户名或密码不对。", "The user or the password is wrong.")
	}
	s.throttle.right(by)
	token, session, err := s.db.NewSession(ctx, user, store.SessionCookie, sessionLife)
	if err != nil {
		return nil, err
	}
	v.token = token
	if err := s.identify(ctx, v); err != nil {
		return nil, err
	}
	if v.who == nil { // left between the two statements
		return nil, process.Refuse(codeUnauthenticated, "用户名或密码不对。", "The user or the password is wrong.")
	}
	out := &sessionOutput{SetCookie: []http.Cookie{v.cookie(token, session.Expires)}, Body: v.session()}
	if device != "" {
		return out, nil
	}
	if token, err = s.db.NewDevice(ctx, user); err != nil {
		return nil, err
	}
	out.SetCookie = append(out.SetCookie, http.Cookie{Name: deviceName, Value: token, Path: base + "/session", MaxAge: int(store.DeviceLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: v.secure})
	return out, nil
}

// cookieName is what the session's cookie is called on this connection.
func (v *visit) cookieName() string {
	if v.secure {
		return securePrefix + cookieName
	}
	return cookieName
}

// cookie is the session's cookie: out of reach of scripts and of other sites' forms.
func (v *visit) cookie(token string, expires time.Time) http.Cookie {
	return http.Cookie{Name: v.cookieName(), Value: token, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.secure}
}

func (v *visit) session() sessionBody {
	return sessionBody{UserBody: v.caller(), ExpiresAt: v.at(v.who.Expires)}
}

// caller is the person signed in, as everybody sees people.
func (v *visit) caller() UserBody {
	w := v.who
	return v.person(store.User{
		ID: w.ID, Name: w.Name, Title: w.Title, Department: w.Department, Manager: w.Manager, Position: w.Position, Email: w.Email,
		Language: w.Language, Active: true, Roles: w.Roles,
	})
}

func (s *Server) whoAmI(_ context.Context, v *visit, _ *struct{}) (*struct{ Body sessionBody }, error) {
	return &struct{ Body sessionBody }{v.session()}, nil
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, v *visit, _ *struct{}) (*signedOut, error) {
	if v.token != "" {
		if err := s.db.EndSession(ctx, v.token); err != nil {
			return nil, err
		}
		s.feed.signedOut(v.token)
	}
	gone := v.cookie("", time.Unix(1, 0))
	gone.MaxAge = -1
	return &signedOut{SetCookie: gone}, nil
}

// tokenBody is a bearer token. It is shown once; only its hash is kept.
type tokenBody struct {
	ID        string    `json:"id"`
	Token     string    `json:"token" doc:"Shown this once: send it as Authorization: Bearer"`
	User      string    `json:"user"`
	ExpiresAt time.Time `json:"expires_at" doc:"Real time"`
}

func (s *Server) createToken(ctx context.Context, v *visit, _ *struct{}) (*struct{ Body tokenBody }, error) {
	token, session, err := s.db.NewSession(ctx, v.user(), store.SessionBearer, tokenLife)
	if err != nil {
		return nil, err
	}
	return &struct{ Body tokenBody }{tokenBody{ID: session.ID, Token: token, User: session.User, ExpiresAt: v.at(session.Expires)}}, nil
}

// IDInput is the id in an address.
type IDInput struct {
	ID string `path:"id" maxLength:"200"`
}

func (s *Server) deleteToken(ctx context.Context, v *visit, in *IDInput) (*struct{}, error) {
	return nil, s.db.EndToken(ctx, v.user(), in.ID)
}
