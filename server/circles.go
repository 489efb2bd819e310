package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// roleBody is a role and who has it.
type roleBody struct {
	ID    string         `json:"id"`
	Name  string         `json:"name"`
	Users []string       `json:"users"`
	Texts nameInLanguage `json:"texts"`
}

// groupBody is a group and who is in it.
type groupBody struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Members []string       `json:"members"`
	Texts   nameInLanguage `json:"texts"`
}

func (v *visit) role(c store.Circle) roleBody {
	return roleBody{ID: c.ID, Name: v.text(c.Name.V), Users: append([]string{}, c.Members...), Texts: nameInLanguage{c.Name.V}}
}

func (v *visit) group(c store.Circle) groupBody {
	return groupBody{ID: c.ID, Name: v.text(c.Name.V), Members: append([]string{}, c.Members...), Texts: nameInLanguage{c.Name.V}}
}

// roleInput is a role as sent; a change with users replaces them all.
type roleInput struct {
	ID    string    `json:"id,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"`
	Name  *words    `json:"name,omitempty"`
	Users *[]string `json:"users,omitempty" maxItems:"10000"`
}

// groupInput is a group as sent; a change with members replaces them all.
type groupInput struct {
	ID      string    `json:"id,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"`
	Name    *words    `json:"name,omitempty"`
	Members *[]string `json:"members,omitempty" maxItems:"10000"`
}

// circleInput is what the two have in common.
type circleInput struct {
	id      string
	name    *words
	members *[]string
	field   string // what its members are called
}

func (in roleInput) circle() circleInput  { return circleInput{in.ID, in.Name, in.Users, "users"} }
func (in groupInput) circle() circleInput { return circleInput{in.ID, in.Name, in.Members, "members"} }

func (in circleInput) onto(c *store.Circle) {
	if in.name != nil {
		c.Name = store.Of(in.name.Text)
	}
	if in.members != nil {
		c.Members = slices.Compact(slices.Sorted(slices.Values(*in.members)))
	}
}

type (
	roleOutput  struct{ Body roleBody }
	groupOutput struct{ Body groupBody }
)

func (s *Server) listRoles(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[roleBody] }, error) {
	page, err := in.page("roles")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Circles(ctx, store.Roles, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[roleBody] }{listOf("roles", rows, next, v.role)}, nil
}

func (s *Server) listGroups(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[groupBody] }, error) {
	page, err := in.page("groups")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Circles(ctx, store.Groups, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[groupBody] }{listOf("groups", rows, next, v.group)}, nil
}

func (s *Server) createRole(ctx context.Context, v *visit, in *struct {
	Keyed
	Body roleInput
}) (*roleOutput, error) {
	c, err := s.createCircle(ctx, v.request(http.MethodPost, "/roles", in.Keyed), store.Roles, in.Body.circle())
	if err != nil {
		return nil, err
	}
	return &roleOutput{v.role(c)}, nil
}

func (s *Server) createGroup(ctx context.Context, v *visit, in *struct {
	Keyed
	Body groupInput
}) (*groupOutput, error) {
	c, err := s.createCircle(ctx, v.request(http.MethodPost, "/groups", in.Keyed), store.Groups, in.Body.circle())
	if err != nil {
		return nil, err
	}
	return &groupOutput{v.group(c)}, nil
}

func (s *Server) createCircle(ctx context.Context, r engine.Request, kind store.CircleKind, in circleInput) (store.Circle, error) {
	if err := required("id", in.id, in.name); err != nil {
		return store.Circle{}, err
	}
	return once(ctx, s, r, func(tx *store.Tx) (store.Circle, error) {
		c := store.Circle{ID: in.id}
		in.onto(&c)
		if err := s.known(ctx, tx, []reference{{in.field, "users", c.Members}}); err != nil {
			return c, err
		}
		return c, added(tx.AddCircle(ctx, kind, c))
	})
}

func (s *Server) changeRole(ctx context.Context, v *visit, in *struct {
	IDInput
	Body roleInput
}) (*roleOutput, error) {
	c, err := s.changeCircle(ctx, store.Roles, in.ID, in.Body.circle())
	if err != nil {
		return nil, err
	}
	return &roleOutput{v.role(c)}, nil
}

func (s *Server) changeGroup(ctx context.Context, v *visit, in *struct {
	IDInput
	Body groupInput
}) (*groupOutput, error) {
	c, err := s.changeCircle(ctx, store.Groups, in.ID, in.Body.circle())
	if err != nil {
		return nil, err
	}
	return &groupOutput{v.group(c)}, nil
}

func (s *Server) changeCircle(ctx context.Context, kind store.CircleKind, id string, in circleInput) (store.Circle, error) {
	if in.id != "" && in.id != id {
		return store.Circle{}, fieldInvalid("id", "编号不能修改", "an id can't be changed")
	}
	return once(ctx, s, engine.Request{}, func(tx *store.Tx) (store.Circle, error) {
		c, err := tx.Circle(ctx, kind, id)
		if err != nil {
			return c, err
		}
		before, err := tx.Administrators(ctx)
		if err != nil {
			return c, err
		}
		in.onto(&c)
		if err := s.known(ctx, tx, []reference{{in.field, "users", c.Members}}); err != nil {
			return c, err
		}
		if err := tx.SetCircle(ctx, kind, c); err != nil {
			return c, err
		}
		return c, s.keepsAdministrator(ctx, tx, before)
	})
}
