package scenario_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/scenario"
)

// shipped are the definitions that come with crmflow.
func shipped() []process.File {
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	return files
}

// play loads files over the shipped definitions; the problems are those of the scenarios.
func load(t *testing.T, files ...process.File) ([]*scenario.Scenario, []process.Problem) {
	t.Helper()
	own, scenarios := scenario.Split(files)
	lib, found := process.Load(append(shipped(), own...), nil, nil)
	for _, p := range found {
		require.True(t, p.Warning, p.String("en"))
	}
	sample, err := definitions.FS.ReadFile("company.json")
	require.NoError(t, err)
	setting, err := scenario.NewSetting(scenario.Library{Library: lib, Company: "cn-office", Sample: sample, Holidays: definitions.Holidays, Read: os.ReadFile})
	require.NoError(t, err)
	return setting.Load(scenarios)
}

// play plays all the cases of files that must be sound.
func play(t *testing.T, lang string, files ...process.File) []scenario.Result {
	t.Helper()
	stories, problems := load(t, files...)
	for _, p := range problems {
		t.Fatal(p.String("en"))
	}
	var out []scenario.Result
	for _, s := range stories {
		out = append(out, s.Run(lang)...)
	}
	return out
}

func file(t *testing.T, path string) process.File {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return process.File{Path: filepath.ToSlash(path), Content: string(content)}
}

func passes(t *testing.T, results []scenario.Result) {
	t.Helper()
	require.NotEmpty(t, results)
	for _, r := range results {
		require.True(t, r.OK, "%s\n%s", r.Name, r.Message)
	}
}

func TestShippedScenariosPass(t *testing.T) {
	t.Parallel()
	began := time.Now()
	found := 0
	err := filepath.WalkDir("../definitions", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && scenario.IsScenario(path) {
			found++
			passes(t, play(t, "en", file(t, path)))
		}
		return err
	})
	require.NoError(t, err)
	require.Positive(t, found)
	require.Less(t, time.Since(began), 2*time.Second)
}

// Each file of testdata/verbs and testdata/habits holds chains and the cases that play them: the verbs of a scenario, and the habits of approval that
// the product must have.
func TestVerbs(t *testing.T)  { allPass(t, "testdata/verbs/*.yaml") }
func TestHabits(t *testing.T) { allPass(t, "testdata/habits/*.yaml") }

func allPass(t *testing.T, pattern string) {
	t.Helper()
	t.Parallel()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			passes(t, play(t, "en", file(t, path)))
		})
	}
}

// Chains of all sorts, written from the description of the language alone, and what must happen in them: each file of testdata/outside.
func TestChainsWrittenElsewhere(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/outside/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			passes(t, play(t, "zh", file(t, path)))
		})
	}
}

// golden compares a text with a file; CRMFLOW_UPDATE=1 writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("CRMFLOW_UPDATE") == "1" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(string(want), got))
}

// Every case of a file of testdata/failing fails, and says why in words that are pinned beside it.
func TestFailuresInBothLanguages(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/failing/*.yaml")
	require.NoError(t, err)
	for _, path := range paths {
		for _, lang := range []string{"zh", "en"} {
			t.Run(filepath.Base(path)+"/"+lang, func(t *testing.T) {
				t.Parallel()
				var b strings.Builder
				for _, r := range play(t, lang, file(t, path)) {
					require.False(t, r.OK, r.Name)
					b.WriteString("== " + r.Name + "\n" + r.Message + "\n")
				}
				golden(t, strings.TrimSuffix(path, "yaml")+lang, b.String())
			})
		}
	}
}

// Everything wrong with a file is said at once, each at its place.
func TestProblemsOfAFile(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/problems/*.yaml")
	require.NoError(t, err)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			f := file(t, path)
			f.Path = filepath.Base(path)
			stories, problems := load(t, f)
			require.Empty(t, stories)
			var b strings.Builder
			for _, lang := range []string{"en", "zh"} {
				for _, p := range problems {
					b.WriteString(p.String(lang) + "\n")
				}
			}
			golden(t, strings.TrimSuffix(path, "yaml")+"problems", b.String())
		})
	}
}

const leadStory = `
process: lead-review
cases:
  - name: one
    at: 2026-11-23 09:30
    start: {by: li.na, with: {company: 海川机械, contact: 王工, phone: 13800001234}}
    then:
      - do: {as: chen.jie, return: first-contact, comment: why}
      - pass: 6 working days
`

// all is how everything stands after leadStory.
const all = "case: running, open: [{task: resubmit, of: chen.jie, due: 2026-12-08 18:00}], told: {chen.jie: handed_up resubmit, li.na: late resubmit}"

// An expectation that is false must fail: for each, what is true passes and its opposite doesn't.
func TestFalseExpectationsFail(t *testing.T) {
	t.Parallel()
	for holds, fails := range map[string]string{
		"{task: resubmit, of: chen.jie}":                    "{task: resubmit, of: li.na}",
		"{task: resubmit, due: 2026-12-08 18:00}":           "{task: resubmit, due: 2026-12-08 17:59}",
		"{task: resubmit, due: 2026-12-08}":                 "{task: resubmit, due: none}",
		"{task: resubmit, because: handed up}":              "{task: resubmit, because: 发起人}",
		"{task: resubmit, claimable: false}":                "{task: resubmit, claimable: true}",
		"{task: first-contact, outcome: returned}":          "{task: first-contact, outcome: approved}",
		"{no_task: resubmit, of: li.na}":                    "{no_task: resubmit, of: chen.jie}",
		"{no_task: first-contact}":                          "{no_task: resubmit}",
		"{told: chen.jie, about: handed_up}":                "{told: zhou.min, about: handed_up}",
		"{told: chen.jie, about: handed_up resubmit}":       "{told: chen.jie, about: handed_up first-contact}",
		"{told: [chen.jie, li.na]}":                         "{told: [chen.jie, zhou.min]}",
		"{told: chen.jie, about: resubmit}":                 "{told: chen.jie, about: negotiate}",
		"{not_told: zhou.min}":                              "{not_told: li.na}",
		"{case: running}":                                   "{case: ended}",
		"{record: {phone: 13800001234, status: open}}":      "{record: {phone: 13800001234, status: lost}}",
		"{record: {need: null}}":                            "{record: {company: null}}",
		"{preview: negotiate, of: li.na}":                   "{preview: negotiate, of: zhou.min}",
		"{record: {company: 海川机械}, of: lead}":               "{record: {company: 海川机械}, of: customer}",
		"[{case: running}, {task: resubmit}]":               "[{case: running}, {task: terms}]",
		"{task: lead-review/resubmit, of: chen.jie}":        "{task: lead-review/resubmit, of: department:sales}",
		"{preview: first-contact, because: initiator}":      "{preview: first-contact, because: moon}",
		"{case: running, process: lead-review}":             "{refused: true}",
		"{record: {owner: li.na, source: null, need: ~}}":   "{record: {owner: chen.jie}}",
		"{not_told: [zhou.min, deng.rui], about: resubmit}": "{not_told: [zhou.min, chen.jie], about: resubmit}",
		"{everything: {" + all + "}}":                       "{everything: {case: running}}",
		"{everything: {told: {li.na: [late resubmit], chen.jie: handed_up resubmit}, case: running, open: {task: resubmit, of: chen.jie, due: 2026-12-08 18:00}}}": "{everything: {case: rejected, " + all[len("case: running, "):] + "}}",
		"[{everything: {" + all + "}}]":                  "{everything: {" + all + ", record: {need: much}}}",
		"[{everything: {" + all + "}}, {case: running}]": "{everything: {" + strings.Replace(all, "18:00", "17:59", 1) + "}}",
		"[{case: running}, {everything: {" + all + "}}]": "{everything: {" + strings.Replace(all, "of: chen.jie", "of: [chen.jie, li.na]", 1) + "}}",
	} {
		passes(t, play(t, "en", process.File{Path: "a_test.yaml", Content: leadStory + "      - expect: " + holds + "\n"}))
		r := play(t, "en", process.File{Path: "a_test.yaml", Content: leadStory + "      - expect: " + fails + "\n"})
		require.False(t, r[0].OK, fails)
		require.Contains(t, r[0].Message, "a_test.yaml:", fails)
	}
}

// A failure tells what went before it: that a system didn't answer holds nothing by itself.
func TestAFailureSaysWhatASystemDidNotAnswer(t *testing.T) {
	t.Parallel()
	definitions := process.File{Path: "orders.yaml", Content: `record: order
fields: {title: {type: text, required: true}, owner: {type: person, default: creator}}
---
process: order
record: order
start: {by: [role:sales]}
steps:
  - {id: first, request: {to: erp, get: "/orders/{record.title}", failed: {go: second}}}
  - {id: second, request: {to: erp, get: "/orders/{record.title}"}}
`}
	played := process.File{Path: "a_test.yaml", Content: `process: order
cases:
  - name: no answer
    at: 2026-11-23 09:30
    start: {by: li.na, with: {title: Pump}}
    then:
      - do: {fail: first, reason: timeout}
      - do: {fail: second, reason: timeout}
      - expect: {case: ended}
`}
	for lang, want := range map[string][]string{
		"zh": {"失败 first — timeout", "失败 second — timeout", "停住 second — 系统 erp 没有给出可用的回答"},
		"en": {"failed first — timeout", "failed second — timeout", "held second — the system erp gave no usable answer"},
	} {
		r := play(t, lang, definitions, played)
		require.False(t, r[0].OK)
		for _, line := range want {
			require.Contains(t, r[0].Message, line)
		}
		require.NotContains(t, r[0].Message, map[string]string{"zh": "停住 first", "en": "held first"}[lang])
	}
}

// A document with `process` and `cases` is a scenario wherever it stands, and the definitions beside it keep their lines.
func TestSplitFindsScenariosByWhatTheySay(t *testing.T) {
	t.Parallel()
	mixed := process.File{Path: "all.yaml", Content: "record: thing\ntitle: T\n---\nprocess: x\ncases: []\n---\ncalendar: c\n"}
	only := process.File{Path: "only.yaml", Content: "cases: []\nprocess: x\n"}
	named := process.File{Path: "x_test.yaml", Content: "anything: 1\n"}
	company := process.File{Path: "people.yaml", Content: "# who there is\nusers: {ann: {department: shop}}\ndepartments: {shop: {}}\n"}
	own, scenarios := scenario.Split([]process.File{mixed, only, named, company})
	require.Equal(t, []process.File{{Path: "all.yaml", Content: "record: thing\ntitle: T\n---\n\n\n---\ncalendar: c\n"}}, own)
	require.Equal(t, []process.File{
		{Path: "all.yaml", Content: "\n\n---\nprocess: x\ncases: []\n---\n\n"}, {Path: "only.yaml", Content: "cases: []\nprocess: x\n"}, named,
	}, scenarios)
	require.Equal(t, []string{"x"}, scenario.Processes(scenarios))
}

// A thousand cases take seconds.
func TestAThousandCases(t *testing.T) {
	t.Parallel()
	_, one, _ := strings.Cut(leadStory, "cases:\n")
	f := process.File{Path: "many_test.yaml", Content: "process: lead-review\ncases:\n" + strings.Repeat(one, 250)}
	began := time.Now()
	for range 4 {
		passes(t, play(t, "en", f))
	}
	require.Less(t, time.Since(began), 10*time.Second)
}
