package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// updateProblems makes the golden files anew: CRMFLOW_UPDATE=1 go test ./process -run TestProblems
var updateProblems = os.Getenv("CRMFLOW_UPDATE") != ""

func readFiles(t testing.TB, paths ...string) []File {
	t.Helper()
	var files []File
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join("testdata", "load", path))
		require.NoError(t, err)
		files = append(files, File{Path: filepath.Base(path), Content: string(text)})
	}
	return files
}

// loadLanguage loads documents of testdata/load/language and expects nothing to be wrong with them.
func loadLanguage(t testing.TB, names ...string) *Library {
	t.Helper()
	var paths []string
	for _, name := range names {
		paths = append(paths, "language/"+name+".yaml")
	}
	lib, problems := Load(readFiles(t, paths...), nil, nil)
	require.Empty(t, render(problems, "en"))
	return lib
}

func render(problems []Problem, lang string) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String(lang) + "\n")
	}
	return b.String()
}

// TestProblems loads each testdata/load/*.yaml on top of the lead and the customer, and compares with its *.problems. A case is a file.
func TestProblems(t *testing.T) {
	t.Parallel()
	base := loadLanguage(t, "lead-review", "lead", "customer")
	paths, err := filepath.Glob("testdata/load/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			_, problems := Load(readFiles(t, filepath.Base(path)), base, nil)
			got := render(problems, "en") + "\n" + render(problems, "zh")
			golden := strings.TrimSuffix(path, ".yaml") + ".problems"
			if updateProblems {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestTwentyMistakes(t *testing.T) {
	t.Parallel()
	base := loadLanguage(t, "lead-review", "lead", "customer")
	_, problems := Load(readFiles(t, "twenty.yaml"), base, nil)
	places := map[Position]bool{}
	for _, p := range problems {
		require.NotEmpty(t, p.Message.ZH)
		require.NotEmpty(t, p.Message.EN)
		require.NotEmpty(t, p.Source, p.Message.EN)
		if !p.Warning {
			places[p.Position] = true
		}
	}
	require.GreaterOrEqual(t, len(places), 20)
}

// TestReview reads the new-customer review of the language page word for word.
func TestReview(t *testing.T) {
	t.Parallel()
	lib := loadLanguage(t, "lead-review", "lead", "customer", "cn-office")
	p := lib.Processes["lead-review"]
	require.Equal(t, Text{ZH: "新客户三步审核", EN: "New-customer review"}, p.Title)
	require.Equal(t, []string{"contact", "source", "expected_amount", "credit_limit"}, p.Summary)
	require.Equal(t, []Principal{"role:sales"}, p.Start.By)
	require.True(t, p.OneOpenPerRecord)
	require.Same(t, lib.Types["lead"], p.Type)
	require.Equal(t, map[string]*RecordType{"lead": lib.Types["lead"], "customer": lib.Types["customer"]}, p.Types)

	var ids []string
	for _, s := range p.Steps.Steps {
		ids = append(ids, s.ID)
		require.Same(t, s, p.Step(s.ID))
		require.Same(t, p.Steps, s.list)
	}
	require.Equal(t, []string{"first-contact", "negotiate", "negotiation-report", "terms", "cooperation", "create-1", "set-1", "notify-1", "end-1"}, ids)

	first := p.Step("first-contact")
	require.Equal(t, "1 working day", first.Time.Due.Say("en"))
	require.Equal(t, Position{File: "lead-review.yaml", Line: 13, Column: 5}, first.At)
	require.Equal(t, []By{{Kind: ByManagerOf, Of: "initiator", At: Position{"lead-review.yaml", 15, 9}}}, first.Who.Seats)
	require.Equal(t, Nobody{Do: "ask"}, first.Who.IfInitiator)
	require.Equal(t, ByRole, first.Who.IfNone.To.Kind)
	require.Equal(t, "rejected", first.Ways[Rejected].End)
	require.Equal(t, ResubmitStep, first.Ways[Returned].Go)
	require.Equal(t, []string{Rejected, Returned}, first.Form.CommentRequired)
	require.Len(t, first.Time.Late, 2)
	require.True(t, first.Time.Late[1].HandUp)
	require.Equal(t, []string{"company", "contact", "need", "phone", "source"}, p.DigestFields(first))

	negotiate := p.Step("negotiate")
	require.Equal(t, []Edit{{"need", true}, {"products", true}, {"expected_amount", true}}, negotiate.Form.Edit)
	require.Equal(t, []string{Done}, negotiate.outcomes())
	require.Equal(t, "5 working days", negotiate.Time.Remind[0].String())
	require.Equal(t, Nobody{Do: "hold"}, negotiate.Who.IfNone)

	cooperation := p.Step("cooperation")
	require.Equal(t, ModeAll, cooperation.Who.Mode)
	require.Equal(t, []string{"credit_limit"}, cooperation.Who.Seats[1].If.Fields)
	require.Equal(t, []string{"negotiate"}, cooperation.Who.NotSameAs)
	require.Equal(t, []string{"credit_limit", "payment_terms"}, cooperation.Form.Reapprove)
	over, err := cooperation.Who.Seats[1].If.Bool(Env{Record: Record{Fields: Fields{"credit_limit": Money{50_000_001, "CNY"}}}})
	require.NoError(t, err)
	require.True(t, over)

	resubmit := p.Step(ResubmitStep)
	require.Same(t, p.Resubmit, resubmit)
	require.Equal(t, Work{}, resubmit.Do)
	require.Equal(t, "5 working days", resubmit.Time.Due.Say("en"))
	require.Len(t, resubmit.Form.Edit, 5)
	require.Len(t, resubmit.Time.Late, 2)
	require.Equal(t, []string{Done}, resubmit.outcomes())

	created := p.Step("create-1").Do.(Create)
	require.Equal(t, "customer", created.Type)
	require.Len(t, created.Fields, 5)
	require.Equal(t, []By{{Kind: ByInitiator, At: Position{"lead-review.yaml", 52, 10}}, {Kind: ByManagerOf, Of: "initiator", At: Position{"lead-review.yaml", 52, 21}}},
		p.Step("notify-1").Do.(Notify).To)
	require.Equal(t, End{Outcome: "approved"}, p.Step("end-1").Do)

	lead := lib.Types["lead"]
	require.Equal(t, []Owned{{"status", "customer", []string{"lead-review"}}, {"credit_limit", "", []string{"lead-review"}}}, lead.ChangedOnlyBy)
	require.Equal(t, []string{"09:00-12:00", "13:00-18:00"}, lib.Calendars["cn-office"].Week["mon-fri"])
	require.Equal(t, []int{2024, 2025, 2026}, lib.Calendars["cn-office"].Holidays.Years)
}

// TestDocumentsLoadAlone: what a store keeps of a file gives the same definitions again.
func TestDocumentsLoadAlone(t *testing.T) {
	t.Parallel()
	files := readFiles(t, "language/customer.yaml", "language/lead.yaml", "language/lead-review.yaml", "language/cn-office.yaml")
	var all []string
	for _, f := range files {
		all = append(all, f.Content)
	}
	lib, problems := Load([]File{{Path: "all.yaml", Content: "# everything\n" + strings.Join(all, "\n---\n")}}, nil, nil)
	require.Empty(t, render(problems, "en"))
	require.Len(t, lib.Documents, 4)
	require.Equal(t, "lead-review", lib.Documents[2].ID)
	for _, d := range lib.Documents {
		again, problems := Load([]File{{Path: "again.yaml", Content: d.Source}}, lib, nil)
		require.False(t, Failed(problems), render(problems, "en"))
		require.Equal(t, []Document{d}, again.Documents)
		require.Len(t, again.Processes, map[string]int{"process": 1}[d.Kind])
	}
	again, _ := Load([]File{{Content: lib.Documents[2].Source}}, lib, nil)
	p := again.Processes["lead-review"]
	require.Equal(t, lib.Documents[2].Digest, p.Digest)
	require.Same(t, lib.Types["lead"], p.Type)
	require.Equal(t, lib.Processes["lead-review"].WaysThrough("en"), p.WaysThrough("en"))
}

type nameList []Principal

func (n nameList) Has(p Principal) bool {
	for _, known := range n {
		if known == p {
			return true
		}
	}
	return false
}

func TestNames(t *testing.T) {
	t.Parallel()
	doc := "process: p\nrecord: lead\nstart: {by: [user:li.na, role:sales, role:pilots]}\nsteps:\n" +
		"  - {approve: A, by: {user: nobody.here}, if_none: {to: {department: space}}}\n  - {approve: B, by: {head_of: quality}}\n"
	base := loadLanguage(t, "lead-review", "lead", "customer")
	_, problems := Load([]File{{Path: "p.yaml", Content: doc}}, base, nameList{"user:li.na", "role:sales", "department:quality"})
	require.True(t, Failed(problems))
	var said []string
	for _, p := range problems {
		said = append(said, strings.Split(p.String("en"), "\n")[0])
	}
	require.Equal(t, []string{
		"p.yaml:3:38: warning: there is no role `pilots` yet",
		"p.yaml:5:29: there is no person `nobody.here`",
		"p.yaml:5:70: warning: there is no department `space` yet",
	}, said)
}

// TestHostileFiles: whatever a file holds, there is an answer, soon.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"ten megabytes":        strings.Repeat("process: p # filler\n", 500_000),
		"brackets":             "process: " + strings.Repeat("[", 3000),
		"brackets in lines":    "process: " + strings.Repeat("[\n", 100_000),
		"braces":               "process: " + strings.Repeat("{a: ", 900),
		"dashes":               strings.Repeat("- ", 1900) + "x",
		"question marks":       strings.Repeat("? ", 1900) + "x",
		"indents":              indents(1000),
		"a billion laughs":     "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nprocess: [*b,*b,*b,*b,*b,*b]\n",
		"not UTF-8":            "process: \xff\xfe",
		"a control":            "process: a\x00b",
		"a long line":          "process: " + strings.Repeat("x", 5000),
		"quotes":               "process: " + strings.Repeat(`"`, 3999),
		"many documents":       strings.Repeat("process: p\n---\n", 20_000),
		"many problems":        "process: p\nrecord: lead\nsteps:\n" + strings.Repeat("  - {nonsense: 1}\n", 400),
		"many steps":           "process: p\nrecord: lead\nsteps:\n" + strings.Repeat("  - {task: T, by: initiator}\n", 600),
		"keys in long lines":   "process: {" + strings.Repeat(strings.Repeat("a: 1, ", 600)+"\n", 16) + "}",
		"texts in long lines":  "process: [" + strings.Repeat(strings.Repeat("'a', ", 750)+"\n", 26) + "]",
		"keys by the line":     "process: p\n" + strings.Repeat("key: 1\n", 9_990),
		"long lines of text":   "process: >\n" + strings.Repeat(" "+strings.Repeat("word ", 700)+"\n", 280),
		"comments":             "process: p\n" + strings.Repeat("# "+strings.Repeat("x", 90)+"\n", 9_990),
		"many keys":            "process: p\n" + strings.Repeat("key: 1\n", 50_000),
		"a flow of a megabyte": "process: [" + strings.Repeat("a, b, c, d, e, f\n,", 50_000) + "x]",
		"scalars":              "process: |\n" + strings.Repeat("  text\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			_, problems := Load([]File{{Path: "hostile.yaml", Content: content}}, nil, nil)
			require.True(t, Failed(problems))
			require.LessOrEqual(t, len(problems), maxProblems+1)
			require.Less(t, time.Since(begun), 20*time.Second)
			for _, p := range problems {
				require.Less(t, len(p.String("zh")), 2000)
				require.Positive(t, p.Line)
			}
		})
	}
	_, problems := Load([]File{{Path: "large.yaml", Content: strings.Repeat("x", 10<<20)}}, nil, nil)
	require.Equal(t, "large.yaml:1:1: the file has 10240 KB; at most 1 MB is read\n", render(problems, "en"))
}

func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestWindowsFile(t *testing.T) {
	t.Parallel()
	files := readFiles(t, "language/lead.yaml", "language/lead-review.yaml", "language/customer.yaml")
	for i := range files {
		files[i].Content = "\uFEFF" + strings.ReplaceAll(files[i].Content, "\n", "\r\n")
	}
	lib, problems := Load(files, nil, nil)
	require.Empty(t, render(problems, "en"))
	require.Len(t, lib.Processes["lead-review"].Steps.Steps, 9)
}

// FuzzLoad wants -fuzzminimizetime=10x: the caches inside regexp make coverage vary, and Go's fuzzer would minimise for ever.
func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/load/*.yaml")
	require.NoError(f, err)
	more, err := filepath.Glob("testdata/load/language/*.yaml")
	require.NoError(f, err)
	for _, path := range append(paths, more...) {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text))
	}
	base := loadLanguage(f, "lead-review", "lead", "customer")
	f.Fuzz(func(t *testing.T, content string) {
		lib, problems := Load([]File{{Path: "fuzz.yaml", Content: content}}, base, nil)
		_ = render(problems, "en") + render(problems, "zh")
		for _, p := range lib.Processes {
			_ = p.WaysThrough("zh")
			for _, s := range p.all() {
				_ = p.DigestFields(s)
			}
		}
		if Failed(problems) {
			return
		}
		// What loads once loads again the same.
		for _, d := range lib.Documents {
			again, problems := Load([]File{{Path: "again.yaml", Content: d.Source}}, merge(base, lib), nil)
			require.False(t, Failed(problems), render(problems, "en"))
			require.Equal(t, []Document{d}, again.Documents)
		}
	})
}

func merge(a, b *Library) *Library {
	return &Library{
		Processes: merged(a.Processes, b.Processes), Types: merged(a.Types, b.Types), Calendars: merged(a.Calendars, b.Calendars), Tables: merged(a.Tables, b.Tables),
	}
}
