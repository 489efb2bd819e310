package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// mutant is one way to break the code.
type mutant struct {
	Name string `yaml:"name"` // what goes wrong, in the field's words
	File string `yaml:"file"`
	In   string `yaml:"in"`   // the function or method that is changed
	Find string `yaml:"find"` // stands there exactly once
	Put  string `yaml:"put"`  // instead of it
	Try  string `yaml:"try"`  // "process TestX|TestY": the tests that are run first
}

// packages are those whose tests must catch a mutant: of the machine and working time themselves, and of scenarios.
var packages = []string{"process", "scenario"}

func parse(text []byte) ([]mutant, error) {
	var mutants []mutant
	if err := yaml.UnmarshalWithOptions(text, &mutants, yaml.Strict()); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, m := range mutants {
		if m.Name == "" || names[m.Name] {
			return nil, fmt.Errorf("mutants.yaml: two mutants are called %q, or one has no name", m.Name)
		}
		names[m.Name] = true
	}
	return mutants, nil
}

// attempts are the tests to run on the mutant, in their order.
func (m mutant) attempts() []attempt {
	var out []attempt
	if pkg, tests, ok := strings.Cut(m.Try, " "); ok {
		out = append(out, attempt{pkg: pkg, tests: tests})
	}
	for _, pkg := range packages {
		out = append(out, attempt{pkg: pkg})
	}
	return out
}

func (m mutant) stale(why string) error {
	return fmt.Errorf("the mutant %q is stale: %s; write in scripts/mutants/mutants.yaml how the code goes wrong that way now", m.Name, why)
}

// source is a file in which there are mutants.
type source struct {
	text string
	tree *ast.File
	set  *token.FileSet
}

func readSource(root, file string) (*source, error) {
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	s := &source{text: string(text), set: token.NewFileSet()}
	s.tree, err = parser.ParseFile(s.set, file, text, parser.SkipObjectResolution)
	return s, err
}

// of gives the text of a part of the file.
func (s *source) of(n ast.Node) string { return s.text[s.at(n.Pos()):s.at(n.End())] }

func (s *source) at(p token.Pos) int { return s.set.Position(p).Offset }

// function finds the only function or method of a name.
func (s *source) function(name string) (found *ast.FuncDecl, err error) {
	n := 0
	for _, d := range s.tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			found, n = f, n+1
		}
	}
	if n != 1 {
		return nil, fmt.Errorf("there are %d functions called %s", n, name)
	}
	return found, nil
}

// change gives the function of a mutant, and its changed text from behind its name on.
func (m mutant) change(s *source) (f *ast.FuncDecl, text string, err error) {
	if f, err = s.function(m.In); err != nil {
		return nil, "", m.stale(err.Error())
	}
	text = s.text[s.at(f.Name.End()):s.at(f.End())]
	if n := strings.Count(text, m.Find); n != 1 || m.Find == "" {
		return nil, "", m.stale(fmt.Sprintf("%q stands %d times in %s of %s", m.Find, n, m.In, m.File))
	}
	return f, strings.Replace(text, m.Find, m.Put, 1), nil
}
