package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// variable is the environment variable that names the mutant of a run.
const variable = "CRMFLOW_MUTANT"

// write writes the files in which mutants live, as they are built, and the overlay that puts them in the place of those of the tree; it gives the
// overlay's path.
func write(root, dir string, mutants []mutant) (string, error) {
	files, err := mutated(root, mutants)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for i, file := range slices.Sorted(maps.Keys(files)) {
		original, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			return "", err
		}
		replace[original] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(replace[original], []byte(files[file]), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// mutated gives the text of each file that has mutants, and of a file beside it that knows which of them is on. What is wrong with any mutant is
// said at once.
func mutated(root string, mutants []mutant) (map[string]string, error) {
	byFile := map[string][]mutant{}
	for _, m := range mutants {
		byFile[m.File] = append(byFile[m.File], m)
	}
	files := map[string]string{}
	var errs []error
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		s, err := readSource(root, file)
		if err != nil {
			errs = append(errs, byFile[file][0].stale(err.Error()))
			continue
		}
		text, err := s.with(byFile[file])
		errs = append(errs, err)
		files[file] = text
		files[filepath.Join(filepath.Dir(file), "mutant_switch.go")] = fmt.Sprintf("package %s\n\nimport \"os\"\n\nvar mutantOn = os.Getenv(%q)\n", s.tree.Name.Name, variable)
	}
	return files, errors.Join(errs...)
}

// with gives the text of a file where each function that has mutants goes by another name, and one that leads to it, or to the mutant that is on,
// takes its place. Compilers name a mutant where they name a file.
func (s *source) with(mutants []mutant) (string, error) {
	cases, funcs := map[*ast.FuncDecl]string{}, map[*ast.FuncDecl]string{}
	var errs []error
	for i, m := range mutants {
		f, changed, err := m.change(s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		name := fmt.Sprintf("%sMutant%d", f.Name.Name, i)
		cases[f] += fmt.Sprintf("\tcase %q:\n\t\t%s\n", m.Name, s.call(f, name))
		funcs[f] += fmt.Sprintf("\n//line mutant: %s:1\n%s%s%s\n", m.Name, s.text[s.at(f.Type.Func):s.at(f.Name.Pos())], name, changed)
	}
	text, from := "", 0
	for _, d := range s.tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || cases[f] == "" {
			continue
		}
		text += s.text[from:s.at(f.Name.Pos())] + f.Name.Name + "Original"
		from = s.at(f.Name.End())
	}
	text += s.text[from:]
	for _, d := range s.tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && cases[f] != "" {
			text += fmt.Sprintf("\n%s {\n\tswitch mutantOn {\n%s\tdefault:\n\t\t%s\n\t}\n}\n%s", s.head(f), cases[f], s.call(f, f.Name.Name+"Original"), funcs[f])
		}
	}
	return text, errors.Join(errs...)
}

// head is the head of a function whose receiver is r and whose parameters are p0, p1, …
func (s *source) head(f *ast.FuncDecl) string {
	head := "func "
	if f.Recv != nil {
		head += "(r " + s.of(f.Recv.List[0].Type) + ") "
	}
	head += f.Name.Name + "("
	for i, t := range types(f.Type.Params) {
		head += fmt.Sprintf("p%d %s, ", i, s.of(t))
	}
	head += ")"
	if f.Type.Results != nil {
		head += " " + s.of(f.Type.Results)
	}
	return head
}

// call is a call with the receiver and the parameters of head.
func (s *source) call(f *ast.FuncDecl, name string) string {
	if f.Recv != nil {
		name = "r." + name
	}
	var args []string
	for i, t := range types(f.Type.Params) {
		arg := fmt.Sprintf("p%d", i)
		if _, many := t.(*ast.Ellipsis); many {
			arg += "..."
		}
		args = append(args, arg)
	}
	call := name + "(" + strings.Join(args, ", ") + ")"
	if f.Type.Results != nil {
		return "return " + call
	}
	return call
}

// types are the types of parameters, one for each.
func types(list *ast.FieldList) []ast.Expr {
	var out []ast.Expr
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			out = append(out, field.Type)
		}
	}
	return out
}
