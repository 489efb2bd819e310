package store

import (
	"context"

	"github.com/crmflow/crmflow/process"
)

// Names are all the people, departments, roles, groups and positions that exist: what a definition may name.
type Names map[process.Principal]bool

// Has says whether a principal exists.
func (n Names) Has(p process.Principal) bool { return n[p] }

// Names reads them all.
func (q querier) Names(ctx context.Context) (Names, error) {
	var list []process.Principal
	err := q.Select(ctx, &list, `SELECT 'user:' || id FROM users
		UNION ALL SELECT 'department:' || id FROM departments
		UNION ALL SELECT 'role:' || id FROM roles
		UNION ALL SELECT 'group:' || id FROM groups
		UNION ALL SELECT DISTINCT 'position:' || position FROM users WHERE position IS NOT NULL`)
	names := make(Names, len(list))
	for _, p := range list {
		names[p] = true
	}
	return names, err
}
