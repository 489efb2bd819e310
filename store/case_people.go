package store

import (
	"slices"
)

// copied is the sort of notification that is a copy; commented the event of a comment.
const (
	copied    = "copied"
	commented = "commented"
)

// people are the principals who take part in a case by what one event writes, each once, in order: who started it, whom it asks, who did something, for
// whom, and who gets a copy. Those who took part before are there already. A comment makes nobody take part: it would be a way to give oneself a right.
func (w CaseWrite) people() []string {
	list := []string{}
	user := func(id *string) {
		if id != nil && *id != "" {
			list = append(list, "user:"+*id)
		}
	}
	user(&w.Case.Initiator)
	for _, t := range w.Tasks {
		user(t.Assignee)
		user(t.DecidedBy)
		list = append(list, t.Candidates...)
	}
	for _, c := range w.Closed {
		user(c.By)
	}
	for _, l := range w.Timeline {
		if l.Event == commented {
			continue
		}
		user(l.By)
		user(l.For)
	}
	for _, n := range w.Notifications {
		if n.About == copied {
			user(&n.To)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

const insertPeople = `INSERT INTO case_people (principal, case_id) SELECT unnest($25::text[]), $1 ON CONFLICT DO NOTHING`
