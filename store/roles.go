package store

import (
	"context"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// rolesHeld are the roles of a user aliased u as they hold them: "finance", or "finance@north" where they hold it for north only.
const rolesHeld = `ARRAY(SELECT role FROM user_roles WHERE user_id = u.id UNION ALL SELECT role || '@' || scope FROM scoped_roles WHERE user_id = u.id ORDER BY 1)`

// holders are all who hold a role: a row for everything, with the scope "*", and one for each scope.
const holders = `(SELECT role, user_id, '*' AS scope FROM user_roles UNION ALL SELECT role, user_id, scope FROM scoped_roles)`

// scopedHolders are those of a role aliased c who hold it for one scope, by scope.
const scopedHolders = `(SELECT coalesce(jsonb_object_agg(scope, members), '{}') FROM
	(SELECT scope, jsonb_agg(user_id ORDER BY user_id) AS members FROM scoped_roles WHERE role = c.id GROUP BY scope) s) AS scoped`

// setRoles writes the roles that somebody has.
func (tx *Tx) setRoles(ctx context.Context, u User) error {
	plain, roles, scopes := []string{}, []string{}, []string{} // never null
	for _, held := range u.Roles {
		if role, scope, scoped := process.HeldRole(held); scoped {
			roles, scopes = append(roles, role), append(scopes, scope)
		} else {
			plain = append(plain, role)
		}
	}
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM user_roles WHERE user_id = $1 AND NOT role = ANY ($2)`, []any{u.ID, pq.Array(plain)}},
		{`INSERT INTO user_roles (role, user_id) SELECT DISTINCT unnest($2::text[]), $1 ON CONFLICT DO NOTHING`, []any{u.ID, pq.Array(plain)}},
		{`DELETE FROM scoped_roles WHERE user_id = $1 AND (role, scope) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))`, []any{u.ID, pq.Array(roles), pq.Array(scopes)}},
		{`INSERT INTO scoped_roles (role, scope, user_id) SELECT *, $1 FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING`, []any{u.ID, pq.Array(roles), pq.Array(scopes)}},
	} {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// setScoped writes who holds a role for one scope.
func (tx *Tx) setScoped(ctx context.Context, c Circle) error {
	scopes, users := []string{}, []string{} // never null
	for scope, members := range c.Scoped.V {
		for _, id := range members {
			scopes, users = append(scopes, scope), append(users, id)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM scoped_roles WHERE role = $1 AND (scope, user_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
		c.ID, pq.Array(scopes), pq.Array(users)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO scoped_roles (role, scope, user_id) SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
		c.ID, pq.Array(scopes), pq.Array(users))
	return err
}
