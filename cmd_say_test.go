package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSayReadsAShippedProcessByItsID(t *testing.T) {
	t.Parallel()
	code, zh, _ := crmflow("definitions", "say", "lead-review", "--lang", "zh")
	require.Zero(t, code)
	require.Contains(t, zh, "可以发起的人：角色“销售”的人。")
	require.Contains(t, zh, "5. 审批“合作条款审核”")
	code, en, _ := crmflow("definitions", "say", "lead-review", "--lang", "en")
	require.Zero(t, code)
	require.Contains(t, en, "the role “Sales director”")
}

func TestSayReadsFilesAndDirectories(t *testing.T) {
	t.Parallel()
	code, byFile, _ := crmflow("definitions", "say", "definitions/lead-review/lead-review.yaml", "--lang", "en")
	require.Zero(t, code)
	code, byDirectory, _ := crmflow("definitions", "say", "definitions/lead-review", "--lang", "en")
	require.Zero(t, code)
	require.Equal(t, byFile, byDirectory)
}

func TestALanguageThatNobodySpeaksIsRefused(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"say", "check", "test"} {
		code, stdout, stderr := crmflow("definitions", command, "definitions/lead-review", "--lang", "fr")
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "it is zh or en")
	}
}

func TestSayOfWhatIsWrong(t *testing.T) {
	t.Parallel()
	code, _, stderr := crmflow("definitions", "say", "no-such-process", "--lang", "en")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "neither a file nor a shipped process; shipped are ")
	path := filepath.Join(t.TempDir(), "bad.yaml")
	require.NoError(t, os.WriteFile(path, []byte("process: bad\nrecord: lead\nsteps: [{aprove: X}]\n"), 0o600))
	code, stdout, _ := crmflow("definitions", "say", path, "--lang", "en")
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "bad.yaml:3:10: unknown step kind `aprove`")
}

func TestSchemaIsThatOfTheDocs(t *testing.T) {
	t.Parallel()
	code, stdout, _ := crmflow("definitions", "schema")
	require.Zero(t, code)
	committed, err := os.ReadFile("docs/definitions.schema.json")
	require.NoError(t, err)
	require.Equal(t, string(committed), stdout)
	require.True(t, strings.HasPrefix(stdout, "{"))
}

func TestSayReadsTheRights(t *testing.T) {
	t.Parallel()
	code, zh, _ := crmflow("definitions", "say", "rights", "--lang", "zh")
	require.Zero(t, code)
	require.Contains(t, zh, "角色“销售经理”\n")
	require.Contains(t, zh, "  - 潜在客户：能看本部门及下级部门的人负责的；其中的电话显示成 138****1234 的样子。\n")
	code, en, _ := crmflow("definitions", "say", "definitions/rights.yaml", "--lang", "en")
	require.Zero(t, code)
	require.Contains(t, en, "  - Complaint: they see their own and those of cases that they take part in, may make new ones, change their own, don't see Cause in them.\n")
	code, checked, _ := crmflow("definitions", "check", "definitions/rights.yaml", "--lang", "en")
	require.Zero(t, code)
	require.Equal(t, en, checked, "of rights, checking says what they come to")
}
