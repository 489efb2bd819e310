package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) peopleRoutes() {
	add(s, route{method: http.MethodGet, path: "/users", rule: signedIn, id: "list-users", summary: "The company's people"}, s.listUsers)
	add(s, route{method: http.MethodPost, path: "/users", rule: administrators, id: "create-user", summary: "Add a person", status: http.StatusCreated}, s.createUser)
	add(s, route{method: http.MethodPatch, path: "/users/{id}", rule: administrators, id: "change-user", summary: "Change a person"}, s.changeUser)
	add(s, route{method: http.MethodGet, path: "/departments", rule: signedIn, id: "list-departments", summary: "The company's departments"}, s.listDepartments)
	add(s, route{method: http.MethodPost, path: "/departments", rule: administrators, id: "create-department", summary: "Add a department", status: http.StatusCreated}, s.createDepartment)
	add(s, route{method: http.MethodPatch, path: "/departments/{id}", rule: administrators, id: "change-department", summary: "Change a department"}, s.changeDepartment)
	add(s, route{method: http.MethodGet, path: "/roles", rule: signedIn, id: "list-roles", summary: "The roles and who has them"}, s.listRoles)
	add(s, route{method: http.MethodPost, path: "/roles", rule: administrators, id: "create-role", summary: "Add a role", status: http.StatusCreated}, s.createRole)
	add(s, route{method: http.MethodPatch, path: "/roles/{id}", rule: administrators, id: "change-role", summary: "Change a role"}, s.changeRole)
	add(s, route{method: http.MethodGet, path: "/groups", rule: signedIn, id: "list-groups", summary: "The groups and their members"}, s.listGroups)
	add(s, route{method: http.MethodPost, path: "/groups", rule: administrators, id: "create-group", summary: "Add a group", status: http.StatusCreated}, s.createGroup)
	add(s, route{method: http.MethodPatch, path: "/groups/{id}", rule: administrators, id: "change-group", summary: "Change a group"}, s.changeGroup)
}

// UserBody is a person as everybody sees people.
type UserBody struct {
	ID         string    `json:"id" doc:"The same as user"`
	User       string    `json:"user"`
	Name       string    `json:"name"`
	Title      string    `json:"title"`
	Department *string   `json:"department"`
	Manager    *string   `json:"manager" doc:"As recorded; without one the head of the department stands above"`
	Roles      []string  `json:"roles" doc:"finance, or finance@north where it is held for north only"`
	Position   *string   `json:"position"`
	Email      *string   `json:"email"`
	Language   string    `json:"language"`
	Active     bool      `json:"active"`
	Texts      userTexts `json:"texts" doc:"Name and title in each language"`
}

type userTexts struct {
	Name  process.Text `json:"name"`
	Title process.Text `json:"title"`
}

func (v *visit) person(u store.User) UserBody {
	return UserBody{
		ID: u.ID, User: u.ID, Name: v.text(u.Name.V), Title: v.text(u.Title.V), Department: orNil(u.Department), Manager: orNil(u.Manager),
		Roles: append([]string{}, u.Roles...), Position: orNil(u.Position), Email: orNil(u.Email), Language: u.Language, Active: u.Active,
		Texts: userTexts{Name: u.Name.V, Title: u.Title.V},
	}
}

// userInput is a person as sent. What a change leaves out stays as it is; an empty text empties it.
type userInput struct {
	User       string    `json:"user,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._@-]{0,63})?$" doc:"The id; needed to add a person"`
	ID         string    `json:"id,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._@-]{0,63})?$" doc:"Another word for user"`
	Name       *words    `json:"name,omitempty"`
	Title      *words    `json:"title,omitempty"`
	Department *string   `json:"department,omitempty" maxLength:"64"`
	Manager    *string   `json:"manager,omitempty" maxLength:"64" doc:"A user id"`
	Roles      *[]string `json:"roles,omitempty" maxItems:"100" doc:"All of them: finance, or finance@north to hold it for north only, which is a value of the field that chains ask by"`
	Position   *string   `json:"position,omitempty" maxLength:"64"`
	Email      *string   `json:"email,omitempty" maxLength:"254"`
	Language   *string   `json:"language,omitempty" enum:"zh,en"`
	Calendar   *string   `json:"calendar,omitempty" maxLength:"64" doc:"The person's own working calendar"`
	Active     *bool     `json:"active,omitempty"`
	Password   *string   `json:"password,omitempty" minLength:"8" maxLength:"200" writeOnly:"true"`
}

// onto puts what was sent onto a person.
func (in userInput) onto(u *store.User) {
	if in.Name != nil {
		u.Name = store.Of(in.Name.Text)
	}
	if in.Title != nil {
		u.Title = store.Of(in.Title.Text)
	}
	if in.Roles != nil {
		u.Roles = nil
		for _, held := range *in.Roles {
			u.Roles = append(u.Roles, tidyRole(held))
		}
		slices.Sort(u.Roles)
		u.Roles = slices.Compact(u.Roles)
	}
	set(&u.Department, in.Department)
	set(&u.Manager, in.Manager)
	set(&u.Position, in.Position)
	set(&u.Email, in.Email)
	set(&u.Language, in.Language)
	set(&u.Calendar, in.Calendar)
	set(&u.Active, in.Active)
	if in.Password != nil {
		u.Password = HashPassword(*in.Password)
	}
}

type userOutput struct{ Body UserBody }

type usersInput struct {
	PageInput
	Query string   `query:"q" maxLength:"100" doc:"Words, or parts of them, of an id or a name"`
	IDs   []string `query:"id,explode" maxItems:"200" doc:"Just these, whoever of them there is"`
}

func (s *Server) listUsers(ctx context.Context, v *visit, in *usersInput) (*struct{ Body list[UserBody] }, error) {
	if len(in.IDs) > 0 {
		rows, err := s.db.UsersOf(ctx, in.IDs)
		return &struct{ Body list[UserBody] }{listOf("users", rows, nil, v.person)}, err
	}
	page, err := in.page("users")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Users(ctx, in.Query, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[UserBody] }{listOf("users", rows, next, v.person)}, nil
}

func (s *Server) createUser(ctx context.Context, v *visit, in *struct {
	Keyed
	Body userInput
}) (*userOutput, error) {
	u := store.User{ID: cmp.Or(in.Body.User, in.Body.ID), Language: "zh", Active: true}
	if in.Body.User != "" && in.Body.ID != "" && in.Body.User != in.Body.ID {
		return nil, fieldInvalid("id", "与 user 不一致", "differs from user")
	}
	if err := required("user", u.ID, in.Body.Name); err != nil {
		return nil, err
	}
	in.Body.onto(&u)
	u, err := once(ctx, s, v.request(http.MethodPost, "/users", in.Keyed), func(tx *store.Tx) (store.User, error) {
		if err := in.Body.sound(ctx, tx, u.ID); err != nil {
			return u, err
		}
		if err := tx.AddUser(ctx, u); err != nil {
			return u, added(err)
		}
		return withoutPassword(u), in.Body.noCircle(ctx, tx, u.ID)
	})
	if err != nil {
		return nil, err
	}
	return &userOutput{v.person(u)}, nil
}

// required refuses a new thing of the directory without an id or a name.
func required(idField, id string, name *words) error {
	r := &process.Refusal{Code: process.CodeFieldRequired, Message: process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."}}
	for _, f := range []struct {
		name    string
		missing bool
	}{{idField, id == ""}, {"name", name == nil || name.Empty()}} {
		if f.missing {
			r.Fields = append(r.Fields, process.FieldError{Field: f.name, Message: process.Text{ZH: "必填", EN: "is required"}})
		}
	}
	if len(r.Fields) == 0 {
		return nil
	}
	return r
}

func withoutPassword(u store.User) store.User {
	u.Password = ""
	return u
}

// added words a write that met something of the same id.
func added(err error) error {
	var taken *store.UniqueError
	if errors.As(err, &taken) {
		return process.Refuse(codeAlreadyExists, "这个编号已经有了，可用 PATCH 修改。", "This id is there already; PATCH changes it.")
	}
	return err
}

func (s *Server) changeUser(ctx context.Context, v *visit, in *struct {
	IDInput
	Body userInput
}) (*userOutput, error) {
	if sent := cmp.Or(in.Body.User, in.Body.ID, in.ID); sent != in.ID {
		return nil, fieldInvalid("user", "编号不能修改", "an id can't be changed")
	}
	u, err := once(ctx, s, engine.Request{}, func(tx *store.Tx) (store.User, error) {
		u, err := tx.User(ctx, in.ID)
		if err != nil {
			return u, err
		}
		before, err := tx.Administrators(ctx)
		if err != nil {
			return u, err
		}
		was := u.Active
		in.Body.onto(&u)
		if err := in.Body.sound(ctx, tx, u.ID); err != nil {
			return u, err
		}
		if err := tx.SetUser(ctx, u); err != nil {
			return u, err
		}
		if err := in.Body.noCircle(ctx, tx, u.ID); err != nil {
			return u, err
		}
		if !was && u.Active {
			if err := tx.ComesBack(ctx, u.ID); err != nil {
				return u, err
			}
		}
		return withoutPassword(u), s.keepsAdministrator(ctx, tx, before)
	})
	if err != nil {
		return nil, err
	}
	return &userOutput{v.person(u)}, nil
}

// keepsAdministrator refuses a change that leaves nobody to look after the company.
func (s *Server) keepsAdministrator(ctx context.Context, tx *store.Tx, before int) error {
	after, err := tx.Administrators(ctx)
	if err == nil && before > 0 && after == 0 {
		return fieldInvalid("roles", "至少要有一名在职的管理员", "at least one active administrator has to stay")
	}
	return err
}
