package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// roleBody is a role and who has it.
type roleBody struct {
	ID    string              `json:"id"`
	Name  string              `json:"name"`
	Users []string            `json:"users" doc:"Who holds it for everything"`
	For   map[string][]string `json:"for" doc:"Who holds it for one value only, by value: {\"north\": [\"li.na\"]}"`
	Texts nameInLanguage      `json:"texts"`
}

// groupBody is a group and who is in it.
type groupBody struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Members []string       `json:"members"`
	Texts   nameInLanguage `json:"texts"`
}

func (v *visit) role(c store.Circle) roleBody {
	held := map[string][]string{}
	maps.Copy(held, c.Scoped.V)
	return roleBody{ID: c.ID, Name: v.text(c.Name.V), Users: append([]string{}, c.Members...), For: held, Texts: nameInLanguage{c.Name.V}}
}

func (v *visit) group(c store.Circle) groupBody {
	return groupBody{ID: c.ID, Name: v.text(c.Name.V), Members: append([]string{}, c.Members...), Texts: nameInLanguage{c.Name.V}}
}

// roleInput is a role as sent; a change with users replaces them all, one with `for` all who hold it for one value.
type roleInput struct {
	ID    string               `json:"id,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"`
	Name  *words               `json:"name,omitempty"`
	Users *[]string            `json:"users,omitempty" maxItems:"10000" doc:"Who holds it for everything"`
	For   *map[string][]string `json:"for,omitempty" maxProperties:"10000" doc:"Who holds it for one value only, by value"`
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
	scoped  *map[string][]string
}

func (in roleInput) circle() circleInput {
	return circleInput{in.ID, in.Name, in.Users, "users", in.For}
}

func (in groupInput) circle() circleInput {
	return circleInput{in.ID, in.Name, in.Members, "members", nil}
}

func (in circleInput) onto(c *store.Circle) {
	if in.name != nil {
		c.Name = store.Of(in.name.Text)
	}
	if in.members != nil {
		c.Members = tidy(*in.members)
	}
	if in.scoped != nil {
		c.Scoped.V = map[string][]string{}
		for scope, members := range *in.scoped {
			scope = strings.TrimSpace(scope)
			if all := tidy(append(c.Scoped.V[scope], members...)); len(all) > 0 {
				c.Scoped.V[scope] = all
			}
		}
	}
}

// tidy are ids in order, each once.
func tidy(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// sound refuses members who aren't there, and what the role can't be held for.
func (in circleInput) sound(ctx context.Context, tx *store.Tx, c store.Circle) error {
	refs := []reference{{in.field, "users", *orEmpty(in.members)}}
	scoped := *orEmpty(in.scoped)
	for _, scope := range slices.Sorted(maps.Keys(scoped)) {
		if err := soundScope("for", c.ID, scope); err != nil {
			return err
		}
		refs = append(refs, reference{"for", "users", scoped[scope]})
	}
	return known(ctx, tx, refs)
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
		if err := in.sound(ctx, tx, c); err != nil {
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
		if err := in.sound(ctx, tx, c); err != nil {
			return c, err
		}
		if err := tx.SetCircle(ctx, kind, c); err != nil {
			return c, err
		}
		return c, s.keepsAdministrator(ctx, tx, before)
	})
}
