package server

import (
	"context"
	"net/http"

	"github.com/crmflow/crmflow/process"
)

func (s *Server) settingRoutes() {
	add(s, route{method: http.MethodPatch, path: "/session", rule: signedIn, id: "change-settings", summary: "Change one's own settings"}, s.changeSettings)
	add(s, route{method: http.MethodPost, path: "/session/password", rule: signedIn, id: "change-password", summary: "Change one's own password; everywhere else one is signed out, and one's tokens end",
		status: http.StatusNoContent}, s.changePassword)
}

// settingsBody are one's own settings. What is left out stays.
type settingsBody struct {
	Language *string `json:"language,omitempty" enum:"zh,en" doc:"What one is told in"`
}

func (s *Server) changeSettings(ctx context.Context, v *visit, in *struct{ Body settingsBody }) (*struct{ Body sessionBody }, error) {
	if language := in.Body.Language; language != nil {
		if err := s.db.SetLanguage(ctx, v.user(), *language); err != nil {
			return nil, err
		}
		v.who.Language, v.said = *language, ""
	}
	return &struct{ Body sessionBody }{v.session()}, nil
}

// passwordBody is a new password with the present one: a browser left open is not enough to lock its owner out.
type passwordBody struct {
	Current string `json:"current" minLength:"1" maxLength:"200" writeOnly:"true"`
	New     string `json:"new" minLength:"8" maxLength:"200" writeOnly:"true"`
}

// changePassword needs no key to be sent twice: where the new password is the present one already, it was done.
func (s *Server) changePassword(ctx context.Context, v *visit, in *struct{ Body passwordBody }) (*struct{}, error) {
	by := guess{user: v.user(), device: v.token} // whoever has the session, wherever they are
	hash, _, err := s.db.PasswordFrom(ctx, v.user(), "")
	if err != nil {
		return nil, err
	}
	if wait := s.throttle.try(by); wait > 0 {
		return nil, tooMany{wait}
	}
	right, err := s.passwords.check(ctx, hash, in.Body.Current)
	if err != nil {
		return nil, err
	}
	if !right {
		if done, err := s.passwords.check(ctx, hash, in.Body.New); done || err != nil {
			return nil, err
		}
		return nil, fieldInvalid("current", "密码不对", "is not your password")
	}
	s.throttle.right(by)
	fresh, err := s.passwords.hash(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	changed, err := s.db.ChangePassword(ctx, v.user(), hash, fresh, v.token)
	if err == nil && !changed {
		err = process.Refuse(process.CodeForbidden, "密码刚刚已被修改。", "The password has just been changed.")
	}
	return nil, err
}
