package store

import (
	"sync"

	"github.com/crmflow/crmflow/process"
)

// mostKnown is how many rows of a directory are kept: those of every company but the largest. With more it begins anew.
const mostKnown = 20_000

// known keeps what transactions have read of the newest directory, so that the next need not read it again. Its rows are shared: nobody changes them.
type known struct {
	mu      sync.Mutex
	of      string // which directory it is, [Present.Directory]
	rows    int
	people  map[string]standing
	members map[process.Principal][]memberOf
}

// at makes sure that what is kept is of a directory. The lock is held.
func (k *known) at(directory string) {
	if k.of != directory || k.rows > mostKnown {
		k.of, k.rows, k.people, k.members = directory, 0, map[string]standing{}, map[process.Principal][]memberOf{}
	}
}

// standing gives who is known of some people, and the ids of the others.
func (k *known) standing(directory string, ids []string) (rows []standing, others []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(directory)
	for _, id := range ids {
		if row, there := k.people[id]; there {
			rows = append(rows, row)
		} else {
			others = append(others, id)
		}
	}
	return rows, others
}

// keepStanding keeps those that were read of this directory: another one may have come meanwhile.
func (k *known) keepStanding(directory string, rows []standing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(directory)
	for _, row := range rows {
		if row.Directory == directory {
			k.people[*row.P.ID] = row
			k.rows++
		}
	}
}

// membersOf gives the rows of a principal's members, and whether they are known.
func (k *known) membersOf(directory string, p process.Principal) ([]memberOf, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(directory)
	rows, there := k.members[p]
	return rows, there
}

// keepMembers keeps all rows of a principal, if all were read of this directory.
func (k *known) keepMembers(directory string, p process.Principal, rows []memberOf) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(directory)
	for _, row := range rows {
		if row.Directory != directory {
			return
		}
	}
	k.members[p] = rows
	k.rows += len(rows)
}
