package definitions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
)

func company(t *testing.T) definitions.Company {
	t.Helper()
	c, err := definitions.LoadCompany()
	require.NoError(t, err)
	return c
}

func userByID(c definitions.Company) map[string]definitions.User {
	users := make(map[string]definitions.User, len(c.Users))
	for _, u := range c.Users {
		users[u.ID] = u
	}
	return users
}

func TestCompanyEveryNameLeadsSomewhere(t *testing.T) {
	t.Parallel()
	c := company(t)
	users := userByID(c)
	require.Len(t, users, len(c.Users), "a user id stands twice")
	require.InDelta(t, 25, len(c.Users), 3)
	_, err := time.LoadLocation(c.Zone)
	require.NoError(t, err)

	departments := map[string]bool{}
	for _, d := range c.Departments {
		require.False(t, departments[d.ID], "department %s stands twice", d.ID)
		departments[d.ID] = true
		require.NotEmpty(t, d.Name.ZH, d.ID)
		require.NotEmpty(t, d.Name.EN, d.ID)
		require.Contains(t, users, d.Head, "head of %s", d.ID)
		require.Equal(t, d.ID, users[d.Head].Department, "the head of %s works elsewhere", d.ID)
		if d.Parent == "" {
			require.Equal(t, c.Departments[0].ID, d.ID, "a second top")
		} else {
			require.True(t, departments[d.Parent], "parent %s of %s doesn't stand before it", d.Parent, d.ID)
		}
	}
	roles := map[string]bool{}
	for _, r := range c.Roles {
		require.False(t, roles[r.ID], "role %s stands twice", r.ID)
		roles[r.ID] = true
	}
	held := map[string]bool{}
	emails := map[string]bool{}
	for _, u := range c.Users {
		require.True(t, departments[u.Department], "department of %s", u.ID)
		require.NotEmpty(t, u.Name.ZH, u.ID)
		require.NotEmpty(t, u.Name.EN, u.ID)
		require.NotEmpty(t, u.Title.ZH, u.ID)
		require.NotEmpty(t, u.Title.EN, u.ID)
		require.NotEmpty(t, u.Position, u.ID)
		require.Contains(t, []string{"zh", "en"}, u.Language, u.ID)
		require.Equal(t, u.ID+"@example.com", u.Email)
		require.False(t, emails[u.Email])
		emails[u.Email] = true
		for _, r := range u.Roles {
			require.True(t, roles[r], "role %s of %s", r, u.ID)
			held[r] = true
		}
	}
	for r := range roles {
		require.True(t, held[r], "nobody has the role %s", r)
	}
	for _, g := range c.Groups {
		require.NotEmpty(t, g.Members)
		for _, m := range g.Members {
			require.Contains(t, users, m, "member of %s", g.ID)
		}
	}
}

func TestCompanyManagerLinesEndAtTheTop(t *testing.T) {
	t.Parallel()
	c := company(t)
	seen := map[string]bool{}
	for i, u := range c.Users {
		if i == 0 {
			require.Empty(t, u.Manager, "the general manager stands first")
		} else {
			require.True(t, seen[u.Manager], "manager %q of %s doesn't stand before them, so the line could be a circle", u.Manager, u.ID)
		}
		seen[u.ID] = true
	}
}

func TestCompanyHasThePeopleThatTheShippedChainsAskFor(t *testing.T) {
	t.Parallel()
	c := company(t)
	users := userByID(c)
	with := func(role string) (ids []string) {
		for _, u := range c.Users {
			if slices.Contains(u.Roles, role) {
				ids = append(ids, u.ID)
			}
		}
		return ids
	}
	require.Equal(t, []string{"zhou.min"}, with("sales-director"))
	require.Equal(t, c.Users[0].ID, users["zhou.min"].Manager)
	require.GreaterOrEqual(t, len(with("finance")), 2)
	require.NotEmpty(t, with("administrator"))
	require.Contains(t, with("sales"), "li.na")
	require.Equal(t, "zh", users["li.na"].Language)
	for _, manager := range with("sales-manager") {
		require.Contains(t, with("sales"), manager, "a sales manager may start a review")
		require.Equal(t, "zhou.min", users[manager].Manager)
	}
	for _, id := range with("sales") {
		require.True(t, strings.HasPrefix(users[id].Department, "sales"), id)
	}
	require.True(t, slices.ContainsFunc(c.Users, func(u definitions.User) bool {
		return u.Language == "en" && slices.Contains(u.Roles, "sales")
	}), "an English-speaking salesperson")
	for _, d := range c.Departments {
		if d.ID == "quality" {
			require.Equal(t, "zhao.qiang", d.Head)
		}
	}
}

func TestLeadsBelongToSalespeopleAndHaveTheirOwnPhone(t *testing.T) {
	t.Parallel()
	users := userByID(company(t))
	leads, err := definitions.LoadLeads()
	require.NoError(t, err)
	require.Len(t, leads, 12)
	phones := map[string]bool{}
	for _, l := range leads {
		require.NotEmpty(t, l.Company)
		require.NotEmpty(t, l.Contact, l.Company)
		require.NotEmpty(t, l.Need, l.Company)
		require.Contains(t, []string{"exhibition", "referral", "website", "call", "other"}, l.Source, l.Company)
		require.Contains(t, users[l.Owner].Roles, "sales", l.Company)
		require.NotEmpty(t, l.Phone, l.Company)
		require.False(t, phones[l.Phone], "phone %s stands twice", l.Phone)
		phones[l.Phone] = true
	}
}
