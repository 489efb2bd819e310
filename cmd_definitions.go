package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/scenario"
)

func definitionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "definitions", Short: "Check, publish and look at processes, record types and calendars",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 { // a script must not take a typing error for success
				return usageError{fmt.Errorf("unknown command %q for %q; see %[2]s --help", args[0], cmd.CommandPath())}
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(checkCommand(), testCommand(), sayCommand(), schemaCommand(), publishCommand(), listCommand(), showCommand(), diffCommand())
	return cmd
}

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check PATH…", Short: "Report everything wrong with definition files; when nothing is, every way through in words",
		Long: "Reads the files, and the *.yaml of the directories, named; scenarios (*_test.yaml) and questions (*_questions.yaml) are left out. What they refer to and don't hold is looked up among\n" +
			"the shipped definitions. Needs no server. Exit 1 when something is wrong.",
		Args: cobra.MinimumNArgs(1),
	}
	lang := langFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		files, err := readDefinitions(paths)
		if err != nil {
			return err
		}
		return checkFiles(cmd.OutOrStdout(), files, *lang)
	}
	return cmd
}

func langFlag(cmd *cobra.Command) *string {
	lang := "en"
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				lang = "zh"
			}
			break
		}
	}
	answered := language(lang)
	cmd.Flags().Var(&answered, "lang", "language to answer in: zh or en")
	return (*string)(&answered)
}

// language is what a command answers in.
type language string

func (l *language) String() string { return string(*l) }
func (l *language) Type() string   { return "string" }

// Set takes what stands behind --lang.
func (l *language) Set(s string) error {
	if s != "zh" && s != "en" {
		return errors.New("it is zh or en")
	}
	*l = language(s)
	return nil
}

// checkFiles loads files and says what was found.
func checkFiles(out io.Writer, files []process.File, lang string) error {
	base, _ := process.Load(shipped(), nil, nil)
	library, found := process.Load(files, base, nil)
	for _, p := range found {
		fmt.Fprintln(out, p.String(lang))
	}
	if process.Failed(found) {
		return errReported
	}
	for _, id := range slices.Sorted(maps.Keys(library.Processes)) {
		p := library.Processes[id]
		fmt.Fprintf(out, "%s  %s\n", p.ID, p.Title.In(lang))
		for _, way := range p.WaysThrough(lang) {
			fmt.Fprintln(out, "  "+way)
		}
	}
	return sayRights(out, library, base, lang)
}

// shipped is the definitions that come with crmflow.
func shipped() []process.File {
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	return files
}

// readDefinitions reads the definition files that the paths name; scenarios are left out.
func readDefinitions(paths []string) ([]process.File, error) {
	files, err := readFiles(paths, isDefinition)
	if err != nil {
		return nil, err
	}
	if files, _ = scenario.Split(files); len(files) == 0 {
		return nil, fmt.Errorf("only scenarios in %s: they are played by `definitions test`", strings.Join(paths, ", "))
	}
	return files, nil
}

// readFiles reads the files that the paths name: of a directory those that are wanted.
func readFiles(paths []string, wanted func(name string) bool) ([]process.File, error) {
	var files []process.File
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if name != path && !wanted(name) {
				return nil
			}
			content, err := os.ReadFile(name)
			files = append(files, process.File{Path: name, Content: string(content)})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no definitions (*.yaml) in %s", strings.Join(paths, ", "))
	}
	return files, nil
}

func isDefinition(name string) bool {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	return isYAML(name) && !scenario.IsScenario(name) && !strings.HasSuffix(stem, "_questions")
}

func publishCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "publish PATH…", Short: "Publish definition files to a running server, all or nothing", Args: cobra.MinimumNArgs(1)}
	lang := langFlag(cmd)
	to := serverFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		files, err := readDefinitions(paths)
		if err != nil {
			return err
		}
		to.lang = *lang
		return publishFiles(cmd.Context(), to, files, cmd.OutOrStdout())
	}
	return cmd
}

func publishFiles(ctx context.Context, to *remote, files []process.File, out io.Writer) error {
	var answer struct {
		Items []struct {
			Kind    string `json:"kind"`
			ID      string `json:"id"`
			Version int    `json:"version"`
			Digest  string `json:"digest"`
		} `json:"items"`
		Warnings []remoteError `json:"warnings"`
	}
	err := to.call(ctx, "POST", "/definitions", map[string]any{"files": files}, &answer)
	if no, ok := errors.AsType[*remoteProblem](err); ok && len(no.Errors) > 0 {
		to.show(out, files, no.Errors, false)
		return errReported
	}
	if err != nil {
		return err
	}
	to.show(out, files, answer.Warnings, true)
	for _, d := range answer.Items {
		fmt.Fprintf(out, "%s %s  version %d  %s\n", d.Kind, d.ID, d.Version, d.Digest)
	}
	return nil
}

// show renders what a server found in files, each at its line.
func (r *remote) show(out io.Writer, files []process.File, found []remoteError, warnings bool) {
	for _, e := range found {
		p := process.Problem{Position: process.Position{File: e.File, Line: e.Line, Column: e.Column}, Message: process.Same(e.Message), Warning: warnings}
		for _, f := range files {
			lines := strings.Split(f.Content, "\n")
			if f.Path == e.File && e.Line >= 1 && e.Line <= len(lines) {
				p.Source = lines[e.Line-1]
			}
		}
		fmt.Fprintln(out, p.String(r.lang))
	}
}

func listCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List what a running server has published", Args: cobra.NoArgs}
	from := serverFlags(cmd)
	lang := langFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		from.lang = *lang
		list, err := from.published(cmd.Context())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, d := range list {
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", d.Kind, d.ID, d.Version, cmp.Or(d.PublishedBy, "-"), d.Title)
		}
		return table.Flush()
	}
	return cmd
}

func showCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Print a published definition as its owner wrote it", Args: cobra.ExactArgs(1)}
	from := serverFlags(cmd)
	lang := langFlag(cmd)
	kind := cmd.Flags().String("kind", "process", "process, record, calendar, table or rights")
	number := cmd.Flags().Int("version", 0, "which version; default: the current one")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		from.lang = *lang
		if args[0] == rightsID {
			*kind = rightsID // there is one document of them
		}
		shown, err := from.definition(cmd.Context(), *kind, args[0], *number)
		if err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), strings.TrimRight(shown.Source, "\n")+"\n")
		return err
	}
	return cmd
}
