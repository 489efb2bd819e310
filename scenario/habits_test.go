package scenario

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

// habits are the approval habits that no serious user does without, in their order, each with cases of testdata/habits that show it.
var habits = []struct {
	habit string
	cases []string
}{
	{"all", []string{"all agree", "one refusal closes at once", "one refusal waits for the others and rejects"}},
	{"first answer", []string{"the first answer agrees", "the first answer refuses"}},
	{"in turn", []string{"one after the other", "a refusal closes and the last is never asked"}},
	{"votes", []string{"two of three close at once", "two refusals make it impossible", "the heavy vote needs one more", "a veto", "one each is a tie, and a tie is refused"}},
	{"the same person again", []string{"nothing changed", "what the step tests has changed", "only the last is asked", "only who has approved is skipped, not whoever was asked beside", "who has agreed before counts in a vote"}},
	{"nobody found", []string{"the four ways", "an inactive person is nobody"}},
	{"the initiator is the approver", []string{"the director starts it herself"}},
	{"managers in a row", []string{"up to the director, to the top downwards, two levels"}},
	{"return", []string{"the step's own way back is the default, whatever the votes", "to the initiator, previous, any", "straight back to whoever returned it", "a return to a step in a stage that is over enters the stage anew from there"}},
	{"add an approver", []string{"two asked before, both are waited for", "somebody after me", "somebody beside me counts as one of all", "nested - the one who was asked asks another one first", "on a step that isn't reached yet"}},
	{"remove", []string{"only who hasn't voted yet is removed, and a step that becomes certain closes", "removing the last voter is nobody found"}},
	{"transfer", []string{"transferred twice, the due date stands"}},
	{"ask someone first", []string{"ask somebody first; the opinion comes back to the adder and never ends the case"}},
	{"claim and release", []string{"claimed, released, late unclaimed, handed up, then decided"}},
	{"copies", []string{"copies at the start, at a step, where it is approved, and at the end"}},
	{"read receipt", []string{"who got a copy reads it, and holds nothing up"}},
	{"urge", []string{"urged once in two working hours, and only who is still waited for", "urged three times a day"}},
	{"withdraw and revoke", []string{"withdrawn inside a fork, undone newest first, once", "revoked after approval by agreement of the director"}},
	{"take back", []string{"take back at the join, until the next one is opened", "taken back from the others while they still vote, and voted anew",
		"an answer in turn is taken back, and the next is asked later again"}},
	{"absence", []string{"goes away while the task is open; the substitute has it, the due date stands, both names are kept", "a chain of substitutes"}},
	{"departure", []string{"somebody leaves and hands over, what is open goes to who takes over, and its limit stands", "who started it leaves, and who takes over owns the record, and may withdraw it"}},
	{"comments", []string{"a comment names somebody, who is told, and nothing else happens"}},
	{"signature", []string{"what isn't offered is refused; signature, comments, copies"}},
	{"fields", []string{"what must be filled in is filled in"}},
	{"the initiator picks", []string{"the initiator picks two, the previous one picks one"}},
	{"the previous approver picks", []string{"the initiator picks two, the previous one picks one"}},
	{"bulk", []string{"several at once, where the step allows it"}},
	{"preview", []string{"the preview says who will be asked, and by when"}},
	{"print", nil}, // a page: shown on a server
	{"reminders", []string{"reminded before the limit"}},
	{"time-outs", []string{"late, so that people are told", "an approval is late, so that somebody is added, and then the system decides for who was late", "late for a day more, so that it is handed up", "a task is late, so that somebody else gets it"}},
	{"statutory working days", []string{"two working days before the National Day holiday, which ends with a working Saturday"}},
}

// wellKnown are the failures that other engines are known for.
var wellKnown = map[string]string{
	"return from a countersigned step loses the task": "a return from a countersigned step loses no task",
	"return to before a fork":                         "a return to before a fork ends every branch, once",
	"parallel rejection leaves a branch open":         "a rejection in one branch leaves none open",
	"reject while an approver is being added":         "a rejection while an approver is being added closes the added one too",
	"the deadline gone after a return":                "the limit is there again after a return",
	"a case drawn with a newer version than it runs":  "a case runs by its own version, whatever there is by now",
	"an absent substitute":                            "the substitute of somebody absent is asked, and what was open comes to them",
	"an approver leaves in the middle of a round":     "an approver leaves in the middle of a round, and their vote stands",
	"the last two voters at once":                     "two of three move on once, but one each, and the last two of the same moment decide",
	"the two-of-three vote that advances twice":       "two of three move on once, the third is told who decided",
}

// casesOf are the cases of scenario files, by file.
func casesOf(t *testing.T, pattern string) map[string][]*Case {
	t.Helper()
	var shipped []process.File
	for _, d := range definitions.Documents() {
		shipped = append(shipped, process.File{Path: d.Path, Content: d.Content})
	}
	sample, err := definitions.FS.ReadFile("company.json")
	require.NoError(t, err)
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	out := map[string][]*Case{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		own, scenarios := Split([]process.File{{Path: filepath.ToSlash(path), Content: string(content)}})
		lib, problems := process.Load(slices.Concat(shipped, own), nil, nil)
		require.False(t, process.Failed(problems), path)
		setting, err := NewSetting(Library{Library: lib, Company: "cn-office", Sample: sample, Holidays: definitions.Holidays, Read: os.ReadFile})
		require.NoError(t, err)
		stories, problems := setting.Load(scenarios)
		require.Empty(t, problems, path)
		for _, s := range stories {
			out[filepath.Base(path)] = append(out[filepath.Base(path)], s.Cases...)
		}
	}
	return out
}

// shownHere are the cases that show the habits, by name.
func shownHere(t *testing.T) map[string]*Case {
	t.Helper()
	out := map[string]*Case{}
	for file, cases := range casesOf(t, "testdata/habits/*.yaml") {
		for _, c := range cases {
			require.Nil(t, out[c.Name], "%s: %s", file, c.Name)
			out[c.Name] = c
		}
	}
	return out
}

// Every habit and every well-known failure has its scenario; each scenario says at its end how everything stands, and has its counter-example.
func TestEveryHabitIsShown(t *testing.T) {
	t.Parallel()
	cases := shownHere(t)
	haveScenarios(t, cases)
	endInEverything(t, cases)
	haveCounterExamples(t, cases)
}

func haveScenarios(t *testing.T, cases map[string]*Case) {
	t.Helper()
	require.Len(t, habits, 32)
	for i, h := range habits {
		for _, name := range h.cases {
			require.Contains(t, cases, name, "habit %d: %s", i+1, h.habit)
		}
		require.True(t, len(h.cases) > 0 || h.habit == "print", h.habit)
	}
	require.Len(t, wellKnown, 10)
	for failure, name := range wellKnown {
		require.Contains(t, cases, name, failure)
	}
}

// Each case that shows a habit ends in everything: a task, a message or a field that is too many or not there can't be overlooked.
func endInEverything(t *testing.T, cases map[string]*Case) {
	t.Helper()
	for name, c := range cases {
		require.NotEmpty(t, c.lines, name)
		last, ok := c.lines[len(c.lines)-1].(*expectLine)
		require.True(t, ok && last.what == "everything", name)
	}
}

// Each has its counter-example: the same with one thing changed, and then it is refused, or all stands otherwise than it stood at this place without the change. That
// only one thing is another, the reader sees to.
func haveCounterExamples(t *testing.T, cases map[string]*Case) {
	t.Helper()
	named := map[string]bool{}
	for name, c := range cases {
		if c.But == "" {
			continue
		}
		named[c.But] = true
		mine, theirs := c.steps(), cases[c.But].steps()
		until := []int{len(mine)}
		if c.scenario.process == cases[c.But].scenario.process && c.at.Equal(cases[c.But].at) {
			until = counterparts(mine, theirs)
		}
		for _, n := range until {
			if outcome(t, cases[c.But], n) == outcome(t, c, len(mine)) {
				t.Errorf("%s: it makes no difference", name)
			}
		}
	}
	for name, c := range cases {
		if c.But == "" && !named[name] {
			t.Errorf("%s: no counter-example", name)
		}
	}
}

// counterparts say how many of others' steps a counter-example has come through at its end, whichever way it can be read.
func counterparts(mine, theirs []string) []int {
	var out []int
	same := 0
	for same < min(len(mine), len(theirs)) && mine[same] == theirs[same] {
		same++
	}
	if same < len(mine) && begins(mine[same+1:], theirs[min(same+1, len(theirs)):]) {
		out = append(out, len(mine)) // changed
	}
	if same < len(mine) && begins(mine[same+1:], theirs[same:]) {
		out = append(out, len(mine)-1) // added
	}
	if begins(mine[same:], theirs[min(same+1, len(theirs)):]) {
		out = append(out, len(mine)+1) // left out
	}
	return out
}

// outcome plays the first steps of a case, and says what was refused and how everything stands.
func outcome(t *testing.T, c *Case, steps int) string {
	t.Helper()
	w := newWorld(c)
	var out []string
	for _, l := range c.lines {
		if _, ok := l.(*expectLine); ok {
			continue
		}
		if steps--; steps < 0 {
			break
		}
		w.refusal = nil
		require.Nil(t, l.play(w), c.Name)
		if w.refusal != nil {
			out = append(out, string(w.refusal.Code))
		}
	}
	for _, part := range w.standing().written() {
		out = append(out, part.EN)
	}
	return strings.Join(out, "\n")
}

// What happens is what the preview of the start said: right after the start the same people are asked until the same moment, and as long as nothing is changed
// from outside, nothing turns out otherwise, but for what people fill in.
func TestScenariosGoAsTheirPreviewsSay(t *testing.T) {
	t.Parallel()
	opened, undisturbed := 0, 0
	for _, pattern := range []string{"testdata/habits/*.yaml", "testdata/verbs/*.yaml", "testdata/outside/*.yaml", "../definitions/*/*_test.yaml"} {
		for file, cases := range casesOf(t, pattern) {
			for _, c := range cases {
				opened += startAsForeseen(t, file, c)
				if !slices.ContainsFunc(c.lines, func(l line) bool { _, changes := l.(*changeLine); return changes }) {
					undisturbed++
					goesAsForeseen(t, file, c)
				}
			}
		}
	}
	require.Greater(t, opened, 200)
	require.Greater(t, undisturbed, 200)
}

func goesAsForeseen(t *testing.T, file string, c *Case) {
	t.Helper()
	w := newWorld(c)
	w.foresees = true
	require.Nil(t, c.play(w), c.Name)
	for _, e := range w.entries {
		require.False(t, e.Event == "differs" && e.Data["change"] != "field", "%s: %s: %v", file, c.Name, e.Entry)
	}
}

func startAsForeseen(t *testing.T, file string, c *Case) (compared int) {
	t.Helper()
	w := newWorld(c)
	w.foresees = true
	if _, starts := c.lines[0].(*startLine); !starts {
		return 0
	}
	require.Nil(t, c.lines[0].play(w), c.Name)
	if w.main == nil {
		return 0 // it was refused
	}
	for _, task := range w.main.order {
		if task.closed {
			continue
		}
		found := slices.ContainsFunc(w.main.foreseen.Steps, func(s process.ForeseenStep) bool {
			return s.Step == task.Step && s.Item == task.Item && slices.ContainsFunc(s.Ways, func(way process.ForeseenWay) bool {
				due := task.Due == nil || way.Due != nil && !way.Due.After(*task.Due)
				who := task.Assignee == "" || way.Unknown || slices.Contains(way.Who, task.Assignee)
				return due && who
			})
		})
		require.True(t, found, "%s: %s: %s", file, c.Name, task.Step)
		compared++
	}
	return compared
}
