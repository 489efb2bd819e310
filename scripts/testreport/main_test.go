package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reportOf runs the command on one file of events.
func reportOf(t *testing.T, stage, failed, events string) (string, int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), stage+".json")
	require.NoError(t, os.WriteFile(path, []byte(events), 0o600))
	var out bytes.Buffer
	code := run([]string{"-failed", failed, path}, &out, &out)
	return out.String(), code
}

func TestGreen(t *testing.T) {
	out, code := reportOf(t, "unit", "", `
{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"pass","Package":"a","Test":"TestOne","Elapsed":0.5}
{"Action":"run","Package":"a","Test":"TestTwo"}
{"Action":"output","Package":"a","Test":"TestTwo","Output":"=== RUN   TestTwo\n"}
{"Action":"output","Package":"a","Test":"TestTwo","Output":"    two_test.go:7: needs: a moon\n"}
{"Action":"output","Package":"a","Test":"TestTwo","Output":"--- SKIP: TestTwo (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestTwo","Elapsed":0}
{"Action":"pass","Package":"a","Elapsed":0.7}
`)
	require.Equal(t, `Skipped:
  a TestTwo: needs: a moon
Slowest:
     0.5 s  a TestOne
     0.0 s  a TestTwo
1 passed, 0 failed, 1 skipped
`, out)
	require.Zero(t, code)
}

func TestFailureShowsItsWholeOutput(t *testing.T) {
	out, code := reportOf(t, "unit", "unit", `
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"    one_test.go:7: first\n"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"    one_test.go:8: second\n"}
{"Action":"fail","Package":"a","Test":"TestOne","Elapsed":0.5}
{"Action":"output","Package":"a","Output":"FAIL\n"}
{"Action":"fail","Package":"a","Elapsed":0.7}
`)
	require.Contains(t, out, "--- a TestOne\n    one_test.go:7: first\n    one_test.go:8: second\n")
	require.True(t, strings.HasSuffix(out, "Failed (above is what they said):\n  a TestOne\nFailed stages: unit\n0 passed, 1 failed, 0 skipped\n"), out)
	require.Equal(t, 1, code)
}

func TestPackageThatDoesNotBuildIsOneFailure(t *testing.T) {
	out, code := reportOf(t, "unit", "unit", `
{"ImportPath":"a [a.test]","Action":"build-output","Output":"# a [a.test]\n"}
{"ImportPath":"a [a.test]","Action":"build-output","Output":"./a.go:3:1: undefined: x\n"}
{"ImportPath":"a [a.test]","Action":"build-fail"}
{"Action":"start","Package":"a"}
{"Action":"output","Package":"a","Output":"FAIL\ta [build failed]\n"}
{"Action":"fail","Package":"a","Elapsed":0,"FailedBuild":"a [a.test]"}
`)
	require.Contains(t, out, "undefined: x")
	require.Contains(t, out, "0 passed, 1 failed, 0 skipped\n")
	require.Equal(t, 1, code)
}

func TestPackageThatDiesCountsItsUnfinishedTest(t *testing.T) {
	out, _ := reportOf(t, "unit", "unit", `
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"signal: killed\n"}
`)
	require.Contains(t, out, "--- a TestOne never ended\nsignal: killed\n")
	require.Contains(t, out, "0 passed, 1 failed, 0 skipped\n")
}

func TestStageWithoutTestsCounts(t *testing.T) {
	out, code := reportOf(t, "unit", "lint", `{"Action":"pass","Package":"a","Test":"TestOne"}`)
	require.Contains(t, out, "Failed stages: lint\n1 passed, 1 failed, 0 skipped\n")
	require.Equal(t, 1, code)
}
