package store

import (
	"context"

	"github.com/crmflow/crmflow/process"
)

// Names are all the people, departments, roles, groups and positions that exist, and what they are called: what a definition may name.
type Names map[process.Principal]process.Text

// Has says whether a principal exists.
func (n Names) Has(p process.Principal) bool {
	_, ok := n[p]
	return ok
}

// Name is what a principal is called; empty for one that doesn't exist.
func (n Names) Name(p process.Principal) process.Text { return n[p] }

// Names reads them all.
func (q querier) Names(ctx context.Context) (Names, error) {
	var list []struct {
		Principal process.Principal  `db:"principal"`
		Name      JSON[process.Text] `db:"name"`
	}
	err := q.Select(ctx, &list, `SELECT 'user:' || id AS principal, name FROM users
		UNION ALL SELECT 'department:' || id, name FROM departments
		UNION ALL SELECT 'role:' || id, name FROM roles
		UNION ALL SELECT 'group:' || id, name FROM groups
		UNION ALL SELECT DISTINCT ON (position) 'position:' || position, jsonb_build_object('zh', position, 'en', position) FROM users WHERE position IS NOT NULL`)
	names := make(Names, len(list))
	for _, n := range list {
		names[n.Principal] = n.Name.V
	}
	return names, err
}
