package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/scenario"
)

func testCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test PATH…", Short: "Play the scenarios beside definitions, with time skipped; a failure is shown in the timeline around it",
		Long: "Plays the scenarios (*_test.yaml, and every document with `process` and `cases`) of the files and directories named. The processes are looked up among\n" +
			"the definitions named, then among those beside the scenario, then among the shipped ones. Needs no server. Exit 1 when a case fails.",
		Args: cobra.MinimumNArgs(1),
	}
	lang := langFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON document: passed, failed, cases")
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		t := &testRun{lang: *lang, out: cmd.OutOrStdout()}
		if *asJSON {
			t.out = io.Discard
		}
		if err := t.files(paths); err != nil {
			return err
		}
		if *asJSON {
			if err := t.json(cmd.OutOrStdout()); err != nil {
				return err
			}
		} else {
			t.summary()
		}
		if t.report.Failed > 0 {
			return errReported
		}
		return nil
	}
	return cmd
}

// testRun is one run of `definitions test`.
type testRun struct {
	lang   string
	out    io.Writer
	report testReport
	took   time.Duration
}

// testReport is the answer of `definitions test --json`.
type testReport struct {
	Passed int          `json:"passed"`
	Failed int          `json:"failed"`
	Cases  []testedCase `json:"cases"`
}

type testedCase struct {
	File    string `json:"file"`
	Name    string `json:"name"`
	Line    int    `json:"line"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
}

// files plays the scenarios that the paths name.
func (t *testRun) files(paths []string) error {
	found, err := readFiles(paths, isPlayable)
	if err != nil {
		return err
	}
	given, scenarios := scenario.Split(found)
	if len(scenarios) == 0 {
		return fmt.Errorf("no scenarios (*_test.yaml) in %v", paths)
	}
	lib, problems := process.Load(shipped(), nil, nil)
	company := "cn-office"
	beside, err := besides(scenarios, given, lib)
	if err != nil {
		return err
	}
	for _, layer := range [][]process.File{beside, given} {
		if len(layer) == 0 {
			continue
		}
		more, found := process.Load(layer, lib, nil)
		problems = append(problems, found...)
		if len(more.Calendars) == 1 {
			for company = range more.Calendars {
			}
		}
		lib = over(lib, more)
	}
	t.problems(problems)
	if process.Failed(problems) {
		return nil
	}
	sample, err := definitions.FS.ReadFile("company.json")
	if err != nil {
		return err
	}
	setting, err := scenario.NewSetting(scenario.Library{Library: lib, Company: company, Sample: sample, Holidays: definitions.Holidays, Read: os.ReadFile})
	if err != nil {
		return err
	}
	stories, problems := setting.Load(scenarios)
	t.problems(problems)
	t.play(stories)
	return nil
}

// isPlayable says whether a file is a definition or a scenario.
func isPlayable(name string) bool {
	return isDefinition(name) || isYAML(name) && scenario.IsScenario(name)
}

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// besides reads the definitions that lie beside scenarios whose process isn't among those given, or lacks something there.
func besides(scenarios, given []process.File, lib *process.Library) ([]process.File, error) {
	known, lacks := process.Load(given, lib, nil)
	var out []process.File
	seen := map[string]bool{}
	for _, s := range scenarios {
		dir := filepath.Dir(s.Path)
		missing := process.Failed(lacks) || slices.ContainsFunc(scenario.Processes([]process.File{s}), func(id string) bool { return known.Processes[id] == nil })
		if !missing || seen[dir] {
			continue
		}
		seen[dir] = true
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if !isDefinition(name) || slices.ContainsFunc(given, func(f process.File) bool { return f.Path == name }) {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			own, _ := scenario.Split([]process.File{{Path: name, Content: string(content)}})
			out = append(out, own...)
		}
	}
	return out, nil
}

// over puts a library over another one.
func over(base, more *process.Library) *process.Library {
	out := process.NewLibrary()
	for _, l := range []*process.Library{base, more} {
		maps.Copy(out.Processes, l.Processes)
		maps.Copy(out.Types, l.Types)
		maps.Copy(out.Calendars, l.Calendars)
		maps.Copy(out.Tables, l.Tables)
	}
	return out
}

// problems tells what is wrong with files: each error counts as a case that failed. What is only worth a look is the business of `check`.
func (t *testRun) problems(found []process.Problem) {
	for _, p := range found {
		if p.Warning {
			continue
		}
		text := p.String(t.lang)
		fmt.Fprintln(t.out, text)
		t.report.Failed++
		t.report.Cases = append(t.report.Cases, testedCase{File: p.File, Line: p.Line, Message: text})
	}
}

func (t *testRun) play(stories []*scenario.Scenario) {
	for _, s := range stories {
		for _, c := range s.Cases {
			began := time.Now()
			r := c.Run(t.lang)
			took := time.Since(began)
			t.took += took
			t.report.Cases = append(t.report.Cases, testedCase{File: r.File, Name: r.Name, Line: r.Line, OK: r.OK, Message: r.Message})
			word := "ok  "
			if r.OK {
				t.report.Passed++
			} else {
				t.report.Failed++
				word = "FAIL"
			}
			fmt.Fprintf(t.out, "%s  %s: %s (%s)\n", word, r.File, r.Name, milliseconds(took))
			if !r.OK {
				fmt.Fprintln(t.out, r.Message)
			}
		}
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// summary is the last line.
func (t *testRun) summary() {
	word := process.Text{ZH: "通过 %d，失败 %d（%s）\n", EN: "%d passed, %d failed (%s)\n"}
	fmt.Fprintf(t.out, word.In(t.lang), t.report.Passed, t.report.Failed, milliseconds(t.took))
}

func (t *testRun) json(out io.Writer) error {
	if t.report.Cases == nil {
		t.report.Cases = []testedCase{}
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(t.report)
}
