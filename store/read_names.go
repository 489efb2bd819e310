package store

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// NamesOf reads what some principals are called, in one statement. Those that don't exist aren't among them.
func (db *DB) NamesOf(ctx context.Context, principals []string) (map[string]process.Text, error) {
	names := map[string]process.Text{}
	if len(principals) == 0 {
		return names, nil
	}
	var list []struct {
		Principal string             `db:"principal"`
		Name      JSON[process.Text] `db:"name"`
	}
	err := db.Select(ctx, &list, `WITH asked AS (SELECT p, split_part(p, ':', 1) AS sort, substr(p, strpos(p, ':') + 1) AS id FROM unnest($1::text[]) p)
		SELECT 'user:' || u.id AS principal, u.name FROM asked a JOIN users u ON a.sort = 'user' AND u.id = a.id
		UNION ALL SELECT 'department:' || d.id, d.name FROM asked a JOIN departments d ON a.sort = 'department' AND d.id = a.id
		UNION ALL SELECT a.p, r.name FROM asked a JOIN roles r ON a.sort = 'role' AND r.id = split_part(a.id, '@', 1)
		UNION ALL SELECT 'group:' || g.id, g.name FROM asked a JOIN groups g ON a.sort = 'group' AND g.id = a.id`, pq.Array(principals))
	for _, n := range list {
		names[n.Principal] = n.Name.V
		if role, scope, scoped := process.HeldRole(n.Principal); scoped && strings.HasPrefix(role, "role:") {
			names[n.Principal] = process.Text{ZH: n.Name.V.In("zh") + "（" + scope + "）", EN: n.Name.V.In("en") + " (" + scope + ")"}
		}
	}
	return names, err
}

// UsersOf reads people by id, in that order. Those that don't exist aren't among them.
func (db *DB) UsersOf(ctx context.Context, ids []string) ([]User, error) {
	var rows []User
	return rows, db.Select(ctx, &rows, `SELECT `+userColumns+` FROM users u WHERE u.id = ANY ($1) ORDER BY u.id`, pq.Array(ids))
}
