package server

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// What of the directory points at what isn't there, or at itself, is refused at the field that says so, and nothing is changed. Only what was sent is looked
// at: what was let in by an earlier release can still be mended field by field.

// sound refuses a person whose fields name what isn't there, or whose e-mail is none. The manager may come later: people are brought in in any order.
func (in userInput) sound(ctx context.Context, tx *store.Tx, id string) error {
	if email := sent(in.Email); email != "" {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			return fieldInvalid("email", "“"+email+"”不是电子邮箱地址，应写成 name@example.com", email+" is no e-mail address; one is written name@example.com")
		}
	}
	if sent(in.Manager) == id && id != "" {
		return fieldInvalid("manager", "自己不能是自己的上级", "nobody is their own manager")
	}
	var roles []string
	for _, held := range *orEmpty(in.Roles) {
		role, err := soundRole(held)
		if err != nil {
			return err
		}
		roles = append(roles, role)
	}
	return known(ctx, tx, []reference{
		{"department", "departments", some(sent(in.Department))}, {"roles", "roles", roles},
		{"calendar", "calendars", some(sent(in.Calendar))},
	})
}

// noCircle refuses a manager who stands below the person. It is asked once the person is written: of two changes at once the second sees the first.
func (in userInput) noCircle(ctx context.Context, tx *store.Tx, id string) error {
	if sent(in.Manager) == "" {
		return nil
	}
	line, err := tx.AboveThemselves(ctx, id)
	if err == nil && len(line) > 0 {
		way := strings.Join(append(line, id), " → ")
		return fieldInvalid("manager", "上级关系会绕成一圈："+way, "the managers would go round in a circle: "+way)
	}
	return err
}

// sound refuses a department whose fields name what isn't there. Its head, and who is in charge, may come later.
func (in departmentInput) sound(ctx context.Context, tx *store.Tx) error {
	return known(ctx, tx, []reference{
		{"parent", "departments", some(sent(in.Parent))},
		{"calendar", "calendars", some(sent(in.Calendar))},
	})
}

// noCircle refuses a department that would stand under itself; asked like [userInput.noCircle].
func (in departmentInput) noCircle(ctx context.Context, tx *store.Tx, id string) error {
	if sent(in.Parent) == "" {
		return nil
	}
	line, err := tx.UnderItself(ctx, id)
	if err == nil && len(line) > 0 {
		way := strings.Join(append(line, id), " → ")
		return fieldInvalid("parent", "部门不能在自己之下："+way, "a department can't be under itself: "+way)
	}
	return err
}

// wholeRoles are the roles that this software itself asks for. They are held for everything or not at all.
var wholeRoles = []string{roleAdministrator, roleProcessOwner, roleIntegrator}

// soundRole gives the role of one as somebody is to hold it: "finance", "finance@north".
func soundRole(held string) (string, error) {
	role, scope, scoped := process.HeldRole(held)
	if !scoped {
		return role, nil
	}
	return role, soundScope("roles", role, scope)
}

// soundScope refuses what no role can be held for.
func soundScope(field, role, scope string) error {
	switch {
	case slices.Contains(wholeRoles, role):
		return fieldInvalid(field, "角色 "+role+" 没有范围，不能只对“"+scope+"”担任", "the role "+role+" has no scope: it can't be held for "+scope+" only")
	case process.HeldFor(scope) == "":
		return fieldInvalid(field, "“"+role+"@”后面要写负责哪个值，最多 100 个字", "behind "+role+"@ stands the value that the role is held for, of at most 100 characters")
	}
	return nil
}

// tidyRole is a role as it is kept: without spaces around what it is held for.
func tidyRole(held string) string {
	role, scope, scoped := process.HeldRole(held)
	if !scoped {
		return role
	}
	return role + "@" + strings.TrimSpace(scope)
}

func sent(text *string) string { return *orEmpty(text) }

func orEmpty[T any](v *T) *T {
	if v == nil {
		v = new(T)
	}
	return v
}

// reference is a field that names things of the directory.
type reference struct {
	field, table string
	ids          []string
}

func some(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// known refuses fields that name what isn't there.
func known(ctx context.Context, tx *store.Tx, refs []reference) error {
	for _, ref := range refs {
		if len(ref.ids) == 0 {
			continue
		}
		missing, err := tx.Missing(ctx, ref.table, ref.ids)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return fieldInvalid(ref.field, "没有“"+missing[0]+"”", "there is no "+missing[0])
		}
	}
	return nil
}
