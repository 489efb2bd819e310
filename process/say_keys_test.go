package process

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// everything loads the document with every word, changed in one place, and gives its process and what is wrong with it.
func everything(t *testing.T, from, to string) (*Process, []Problem) {
	t.Helper()
	content, err := os.ReadFile("testdata/say/everything.yaml")
	require.NoError(t, err)
	text := string(content)
	require.Contains(t, text, from)
	text = strings.Replace(text, from, to, 1)
	lib, problems := Load([]File{{Path: "everything.yaml", Content: text}}, nil, nil)
	require.NotNil(t, lib.Processes["everything"])
	return lib.Processes["everything"], problems
}

// wrong are the problems that aren't warnings.
func wrong(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		if !p.Warning {
			out = append(out, p.String("en"))
		}
	}
	return out
}

// saidChanges are changes of one word each that change what cases do.
var saidChanges = [][2]string{
	// the head
	{"by: [role:sales], on", "by: [role:service], on"},
	{"on: order.sent, as", "on: order.made, as"},
	{"as: {field: owner}, every", "as: {user: li.na}, every"},
	{"every: month", "every: year"},
	{"record.amount > 5 CNY", "record.amount > 6 CNY"},
	{"form: {name: required, note: optional}", "form: {name: required}"},
	{"one_open_per_record: true", "one_open_per_record: false"},
	{`number: "E{0000}"`, `number: "F{0000}"`},
	{`subject: "{record.name}"`, `subject: "{initiator}"`},
	{"summary: [name, amount]", "summary: [name]"},
	{"calendar: cn-office", "calendar: us-office"},
	{"on: order.cancelled, end: called-off", "on: order.refused, end: called-off"},
	{"end: called-off", "end: over"},
	{"{at: record.ends_on, end: expired}", "{at: today, end: expired}"},
	{"from: start, to: done(ask)", "from: opened(work), to: done(ask)"},
	{"to: done(ask)", "to: done(work)"},
	{"within: 10 working days", "within: 11 working days"},
	{"stops_while: [waiting], ", ""},
	{"late: [{at: 80%, tell: [initiator]}]", "late: [{at: 70%, tell: [initiator]}]"},
	{"resubmit: {edit: {name: required}", "resubmit: {edit: {name: optional}"},
	{"due: 5 working days}", "due: 6 working days}"},
	{"revoke: {by: [initiator], ", "revoke: {by: [{role: sales}], "},
	{"within: 30 days, ", ""},
	{"approved_by: [{role: finance}]", "approved_by: [{role: sales}]"},
	{"at: end}]", "at: approved}]"},
	{"late: [{at: due, tell: [holder]}]\nsteps", "late: [{at: due, tell: [initiator]}]\nsteps"},
	// who is asked
	{"by: [{role: finance}, ", "by: [{role: sales}, "},
	{"{manager_of: initiator, if", "{manager_of: owner, if"},
	{"if: record.amount > 7 CNY", "if: record.amount > 8 CNY"},
	{"mode: all", "mode: first"},
	{"mode: all", "mode: all_opinions"},
	{"mode: all", "mode: in_turn"},
	{"mode: all", "mode: {votes: {need: 2/3}}"},
	{"if_none: hold", "if_none: skip"},
	{"if_none: hold", "if_none: reject"},
	{"if_none: hold", "if_none: {to: {user: li.na}}"},
	{"if_initiator: ask", "if_initiator: skip"},
	{"if_initiator: ask", "if_initiator: {to: {manager_of: initiator}}"},
	{"    not_same_as: [work]\n", ""},
	{"same_again: ask", "same_again: skip_if_approved"},
	{"same_again: ask", "same_again: skip_if_adjacent"},
	{"same_again: ask", "same_again: keep_last"},
	{"by: [{role: finance}, ", "by: [{role: finance, everyone: true}, "},
	{"by: {department: quality}", "by: {head_of: quality}"},
	{"by: {department: quality}", "by: {in_charge_of: quality}"},
	{"by: {department: quality}", "by: {role: finance, for: record.name}"},
	{"by: {department: quality}", "by: {actor_of: ask}"},
	{"by: {department: quality}", "by: {managers_of: initiator, up_to: {level: 3}, order: down}\n    mode: first"},
	{"by: {department: quality}", "by: {picked_by: initiator, from: {role: sales}, count: 1..3}\n    mode: first"},
	{"claim: true", "claim: false"},
	// what they see and may do
	{"show: [name, amount]", "show: [name]"},
	{"hide: [note]", "hide: [level]"},
	{"required_on: [rejected]", "required_on: [rejected, returned]"},
	{"    signature: required\n", ""},
	{"bulk: no", "bulk: yes"},
	{"may: [return, transfer, add]", "may: [return, add]"},
	{"return_to: [previous]", "return_to: [previous, any]"},
	{"resume: again", "resume: back"},
	{"reapprove_if_changed: [amount]", "reapprove_if_changed: [name]"},
	{"edit: {note: optional, name", "edit: {note: required, name"},
	// time
	{"due: 2 working days", "due: 2 days"},
	{"due: 2 working days", "due: end of today"},
	{"    remind: [4 working hours before]\n", ""},
	{"late: [{at: due, tell: [holder]}, {after", "late: [{at: 50%, tell: [holder]}, {after"},
	{"{after: 1 working day, hand_up: true}", "{after: 2 working days, hand_up: true}"},
	{"{after: 1 working day, hand_up: true}", "{after: 1 working day, transfer: {user: li.na}}"},
	{"{after: 1 working day, hand_up: true}", "{after: 1 working day, outcome: approved}"},
	{"{after: 1 working day, hand_up: true}", "{after: 1 working day, add: [{user: li.na}]}"},
	{"at_most: 5 working days}]", "at_most: 6 working days}]"},
	{"reason: waiting, at_most: 5 working days", "reason: waiting"},
	// what follows
	{"approved: {set: {level: a}}", "approved: {}"},
	{"rejected: {end: refused}", "rejected: {end: dropped}"},
	{"returned: {go: resubmit}", "returned: {end: refused}"},
	{"if: record.amount > 9 CNY", "if: record.amount > 10 CNY"},
	{"good: {}", "good: {end: fine}"},
	{"require: [note], go: ask", "go: ask"},
	{"go: ask, at_most: 2", "go: ask, at_most: 3"},
	{"then: {end: given-up}", "then: {end: enough}"},
	{"odd: {steps: [{id: extra, task: Extra, by: {user: li.na}}]}", "odd: {}"},
	{"at: here}]", "at: approved}]"},
	// the other kinds
	{"wait: 2 working days", "wait: start of working day 3"},
	{"wait: 2 working days", "wait: {until: record.ends_on}"},
	{"wait: {on: order.sent, ", "wait: {on: order.made, "},
	{"within: 15 working days", "within: 16 working days"},
	{"when: record.amount > 11 CNY", "when: record.amount > 12 CNY"},
	{"join: all", "join: first"},
	{"    into: findings\n    steps:\n      - {id: find, task: Find, by: {user: li.na}, edit: {finding: required}}", "    steps:\n      - {id: find, task: Find, by: {user: li.na}}"},
	{"each: record.departments\n    as: department", "each: record.departments\n    as: part"},
	{"due: 8 working days", "due: 9 working days"},
	{"get: \"/stock", "get: \"/shelf"},
	{"note: body.note", "note: body.text"},
	{"failed: hold", "failed: {end: failed}"},
	{"wait: true\n    with: {name: record.name}\n    on: {fine: {}, poor: {end: poor}}", "wait: false\n    with: {name: record.name}"},
	{"with: {name: record.name}\n", "with: {name: x}\n"},
	{"poor: {end: poor}}\n  - id: change", "poor: {end: bad}}\n  - id: change"},
	{"set: {level: b}", "set: {level: a}"},
	{"    undo: restore\n", ""},
	{"create: {order: {name: record.name}}", "create: {order: {name: x}}"},
	{"to: [initiator]\n    message", "to: [{user: li.na}]\n    message"},
	{"Ready: {record.name}", "Done: {record.name}"},
	{"end: approved\n", "end: finished\n"},
}

// What changes what a case does changes what is read aloud, in both languages.
func TestSayMentionsEveryWordThatChangesExecution(t *testing.T) {
	t.Parallel()
	before, found := everything(t, "process: everything", "process: everything")
	require.Empty(t, wrong(found))
	for _, change := range saidChanges {
		t.Run(strings.TrimSpace(change[0])+" → "+strings.TrimSpace(change[1]), func(t *testing.T) {
			t.Parallel()
			after, problems := everything(t, change[0], change[1])
			require.Empty(t, wrong(problems), "the changed document is right, too")
			same := func(lang string) bool { return slices.Equal(before.Say(lang, nil), after.Say(lang, nil)) }
			require.False(t, same("zh"), "zh")
			require.False(t, same("en"), "en")
		})
	}
}

func TestSayGivesEveryKindItsSentences(t *testing.T) {
	t.Parallel()
	for kind, k := range stepKinds {
		_, ok := k.(sayer)
		require.True(t, ok, kind)
		require.Contains(t, kindWords, kind)
	}
	p, _ := everything(t, "process: everything", "process: everything")
	for _, lang := range []string{"zh", "en"} {
		for _, passage := range p.Passages(lang, nil) {
			require.NotEmpty(t, passage.Title, passage.About)
			require.NotEmpty(t, passage.Sentences, passage.About)
			for _, s := range passage.Sentences {
				require.NotContains(t, s, "%!", passage.About)
				require.NotContains(t, s, "  ", passage.About)
			}
		}
	}
}
