package main

import (
	"context"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A change of the code that makes a mutant stale is noticed by every run of the tests, not only by `make mutants`.
func TestEveryMutantCanBeMade(t *testing.T) {
	t.Parallel()
	mutants, err := parse(list)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(mutants), 60)
	files, err := mutated("../..", mutants)
	require.NoError(t, err)
	for file, text := range files {
		_, err := format.Source([]byte(text))
		require.NoError(t, err, file)
	}
	for _, m := range mutants {
		pkg, tests, _ := strings.Cut(m.Try, " ")
		require.NotEmpty(t, tests, m.Name)
		require.Contains(t, packages, pkg, m.Name)
	}
}

func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	_, err := parse([]byte("- name: a\n- name: a\n"))
	require.ErrorContains(t, err, `two mutants are called "a"`)
}

func tree(t *testing.T, code string) (root string) {
	t.Helper()
	root = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "p.go"), []byte(code), 0o600))
	return root
}

func TestAMutantIsAnotherFunctionThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	root := tree(t, `package p

// add adds.
func (*T) add(a, _ int, more ...int) (n int) { return a + 1 }

func none() { _ = 1 }
`)
	files, err := mutated(root, []mutant{
		{Name: "less", File: "p.go", In: "add", Find: "+", Put: "-"},
		{Name: "two", File: "p.go", In: "none", Find: "1", Put: "2"},
		{Name: "more", File: "p.go", In: "add", Find: "1", Put: "2"},
	})
	require.NoError(t, err)
	require.Equal(t, `package p

// add adds.
func (*T) addOriginal(a, _ int, more ...int) (n int) { return a + 1 }

func noneOriginal() { _ = 1 }

func (r *T) add(p0 int, p1 int, p2 ...int, ) (n int) {
	switch mutantOn {
	case "less":
		return r.addMutant0(p0, p1, p2...)
	case "more":
		return r.addMutant2(p0, p1, p2...)
	default:
		return r.addOriginal(p0, p1, p2...)
	}
}

//line mutant: less:1
func (*T) addMutant0(a, _ int, more ...int) (n int) { return a - 1 }

//line mutant: more:1
func (*T) addMutant2(a, _ int, more ...int) (n int) { return a + 2 }

func none() {
	switch mutantOn {
	case "two":
		noneMutant1()
	default:
		noneOriginal()
	}
}

//line mutant: two:1
func noneMutant1() { _ = 2 }
`, files["p.go"])
	require.Contains(t, files["mutant_switch.go"], `var mutantOn = os.Getenv("CRMFLOW_MUTANT")`)
}

func TestStaleMutantsAreSaidAllAtOnce(t *testing.T) {
	t.Parallel()
	root := tree(t, "package p\n\nfunc two() int { return 1 + 1 }\n")
	_, err := mutated(root, []mutant{
		{Name: "a", File: "p.go", In: "two", Find: "1"},
		{Name: "b", File: "p.go", In: "two", Find: "3"},
		{Name: "c", File: "p.go", In: "three", Find: "1"},
		{Name: "d", File: "q.go", In: "two", Find: "1"},
	})
	require.ErrorContains(t, err, `the mutant "a" is stale: "1" stands 2 times in two of p.go; write in scripts/mutants/mutants.yaml how`)
	require.ErrorContains(t, err, `the mutant "b" is stale: "3" stands 0 times in two of p.go`)
	require.ErrorContains(t, err, `the mutant "c" is stale: there are 0 functions called three`)
	require.ErrorContains(t, err, `the mutant "d" is stale: open `)
}

// tried tries one mutant where the tests give these verdicts, one after the other.
func tried(t *testing.T, verdicts ...verdict) (ok bool, said string, attempts []attempt) {
	t.Helper()
	var out strings.Builder
	ok = try(t.Context(), []mutant{{Name: "one is two", Try: "process TestOne"}}, 1, func(_ context.Context, name string, a attempt) verdict {
		require.Equal(t, "one is two", name)
		attempts = append(attempts, a)
		return verdicts[len(attempts)-1]
	}, &out)
	return ok, out.String(), attempts
}

func TestTheTestsThatAMutantNamesAreTriedFirstThenAll(t *testing.T) {
	t.Parallel()
	caught := verdict{failed: true, test: "process TestOne"}

	ok, said, attempts := tried(t, caught)
	require.True(t, ok)
	require.Equal(t, "one is two    0.0 s  process TestOne\n1 mutants, 1 caught, 0 survived\n", said)
	require.Equal(t, []attempt{{"process", "TestOne"}}, attempts)

	ok, _, attempts = tried(t, verdict{}, verdict{}, verdict{failed: true, test: "scenario TestTwo/b"}, caught)
	require.True(t, ok)
	require.Equal(t, []attempt{{"process", "TestOne"}, {"process", ""}, {"scenario", ""}, {"scenario", "^TestTwo$"}}, attempts, "it fails alone, too")

	ok, said, _ = tried(t, verdict{}, verdict{}, verdict{})
	require.False(t, ok)
	require.Contains(t, said, "SURVIVED\n1 mutants, 0 caught, 1 survived\n")
}

func TestTheFirstFailureIsTheInnermost(t *testing.T) {
	t.Parallel()
	require.Equal(t, "process TestA/b/c", firstFailure("process", "--- FAIL: TestA (0.01s)\n    --- FAIL: TestA/b (0.00s)\n        --- FAIL: TestA/b/c (0.00s)\n    --- FAIL: TestA/d (0.00s)\n--- FAIL: TestE (0.00s)\n"))
	require.Equal(t, "a crash, or the time limit", verdict{failed: true, test: firstFailure("process", "panic: no\n")}.String())
}
