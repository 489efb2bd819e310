package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command runs the program as its user does.
func command(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

const (
	tinyRecord = "record: thing\ntitle: Thing\nfields: {title: {type: text, required: true}}\n"
	tinyChain  = "process: tiny\ntitle: Tiny\nrecord: thing\nnumber: \"T{0000}\"\nstart: {by: [role:sales]}\nsteps: [{id: do-it, task: Do it, by: initiator}]\n"
	tinyStory  = "process: tiny\ncases:\n  - {name: good, at: 2026-11-23 09:00, start: {by: li.na, with: {title: x}}, then: [{expect: {task: do-it, of: li.na}}]}\n"
	badStory   = "process: tiny\ncases:\n  - {name: bad, at: 2026-11-23 09:00, start: {by: li.na, with: {title: x}}, then: [{expect: {case: ended}}]}\n"
)

// A scenario finds its chain beside it, in the same file, or among the shipped ones.
func TestDefinitionsTestFindsTheChain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "tiny.yaml", tinyRecord+"---\n"+tinyChain)
	story := write(t, dir, "tiny_test.yaml", tinyStory)
	write(t, dir, "notes.txt", "not YAML: [")
	one := write(t, t.TempDir(), "all.yaml", tinyRecord+"---\n"+tinyChain+"---\n"+tinyStory)
	for _, path := range []string{dir, story, one, "definitions"} {
		code, out, _ := command("definitions", "test", path)
		require.Zero(t, code, out)
		require.Contains(t, out, " passed, 0 failed", path)
	}
	code, out, _ := command("definitions", "check", one)
	require.Zero(t, code, out)
	require.Contains(t, out, "tiny  Tiny")
	code, _, errors := command("definitions", "check", story)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "only scenarios")
}

func TestDefinitionsTestSaysWhatFailed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "tiny.yaml", tinyRecord+"---\n"+tinyChain)
	write(t, dir, "a_test.yaml", tinyStory)
	bad := write(t, dir, "b_test.yaml", badStory)
	code, out, _ := command("definitions", "test", "--lang", "zh", dir)
	require.Equal(t, 1, code)
	require.Contains(t, out, "ok  ")
	require.Contains(t, out, "FAIL  "+bad+": bad")
	require.Contains(t, out, "事项应是“ended”")
	require.Contains(t, out, "通过 1，失败 1")

	code, out, _ = command("definitions", "test", "--json", dir)
	require.Equal(t, 1, code)
	var report testReport
	require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&report))
	require.Equal(t, 1, report.Passed)
	require.Equal(t, 1, report.Failed)
	require.Equal(t, []testedCase{
		{File: filepath.Join(dir, "a_test.yaml"), Name: "good", Line: 3, OK: true},
		{File: bad, Name: "bad", Line: 3, Message: report.Cases[1].Message},
	}, report.Cases)
	require.Contains(t, report.Cases[1].Message, "the case should be ended")
}

// What can't be read is a failure too, in JSON as well.
func TestDefinitionsTestReportsProblemsAsFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "x_test.yaml", "process: lead-revue\ncases: []\n")
	code, out, _ := command("definitions", "test", "--json", dir)
	require.Equal(t, 1, code)
	var report testReport
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, 1, report.Failed)
	require.Equal(t, 1, report.Cases[0].Line)
	require.Contains(t, report.Cases[0].Message, "did you mean `lead-review`?")

	code, _, errors := command("definitions", "test", t.TempDir())
	require.Equal(t, 1, code)
	require.Contains(t, errors, "no definitions")
}

// What a chain needs may lie in a file beside the scenario: its record, its table, and the company that the scenario names.
func TestDefinitionsTestFindsWhatTheChainNeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain := write(t, dir, "tiny.yaml", strings.Replace(tinyChain, "by: initiator", "by: initiator, due: {table: limits}", 1))
	write(t, dir, "thing.yaml", tinyRecord)
	write(t, dir, "limits.yaml", "table: limits\ninput: {what: record.title}\noutput: {limit: duration}\nhit: first\nrows: [{when: {}, then: {limit: 1 working day}}]\n")
	write(t, dir, "people.yaml", "departments: {shop: {}}\nusers: {ann: {department: shop}}\nroles: {sales: [ann]}\n")
	story := write(t, dir, "tiny_test.yaml", strings.ReplaceAll(strings.Replace(tinyStory, "cases:", "company: people.yaml\ncases:", 1), "li.na", "ann"))
	for _, paths := range [][]string{{dir}, {story}, {chain, story}} {
		code, out, _ := command(append([]string{"definitions", "test"}, paths...)...)
		require.Zero(t, code, out)
		require.Contains(t, out, "1 passed, 0 failed")
	}
}
