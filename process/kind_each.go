package process

import (
	"fmt"
	"slices"
)

// maxItems bounds the branches of one `each`.
const maxItems = 100

// Each runs its steps once for every item of a list, beside each other. In a branch `$As` is its item.
type Each struct {
	Over  *Expr  // the list
	Item  *Field // what an item is
	As    string
	Into  string // the lines field whose line, by its key, belongs to the item; "": none
	Steps *List
}

func (k Each) enter(m *machine, scope int, s *Step) {
	v, ok := m.value(scope, s, k.Over)
	if !ok {
		return
	}
	keys := k.keys(v)
	if m.chosen != nil {
		keys = slices.DeleteFunc(keys, func(key string) bool { return !slices.Contains(m.chosen, key) })
	}
	if len(keys) > maxItems {
		m.hold(scope, s, Text{ZH: fmt.Sprintf("列表有 %d 项，最多 %d 项", len(keys), maxItems), EN: fmt.Sprintf("the list has %d items; at most %d are possible", len(keys), maxItems)})
		return
	}
	if len(keys) == 0 {
		m.mark(scope, s, "passed_over")
		m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: "passed_over", Reason: "the list is empty", Data: map[string]any{"zh": "列表是空的"}})
		m.follow(scope, s, s.Then, Done)
		return
	}
	outer := m.item(scope)
	m.log(Entry{Event: "opened", Step: s.ID, Item: outer, Data: map[string]any{"items": keys}})
	for _, key := range keys {
		id := m.openScope(scope, k.Steps)
		m.scope(id).Item = itemPath(outer, key)
	}
}

func (Each) joined(left int) bool { return left == 0 }
func (k Each) lists() []*List     { return []*List{k.Steps} }

// keys names the items of a list, each once: texts by themselves, references by their id, lines by their key column or else by their place from 1.
func (k Each) keys(list any) []string {
	var out []string
	add := func(key string) {
		if key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	switch list := list.(type) {
	case []any:
		for _, v := range list {
			switch v := v.(type) {
			case string:
				add(v)
			case Reference:
				add(v.ID)
			}
		}
	case []map[string]any:
		for i, line := range list {
			key, _ := line[k.Item.Key].(string)
			if k.Item.Key == "" {
				key = fmt.Sprint(i + 1)
			}
			add(key)
		}
	}
	return out
}
