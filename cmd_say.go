package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

func sayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "say PATH…|ID", Short: "Read processes aloud: who is asked, what if nobody, by when, and what follows",
		Long: "Reads the files, and the *.yaml of the directories, named, or the process with this id, and says in sentences what each process does. Every sentence is\n" +
			"true of how its cases run. A process is that of the server when --url, --user or --token (or CRMFLOW_URL, …) name one, else the shipped one, with the sample\n" +
			"company's people; files need no server. Exit 1 when something is wrong.",
		Args: cobra.MinimumNArgs(1),
	}
	lang := langFlag(cmd)
	from := serverFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if from.named(cmd) && isID(args) {
			from.lang = *lang
			return sayPublished(cmd.Context(), from, args[0], cmd.OutOrStdout())
		}
		processes, err := processesNamed(cmd.OutOrStdout(), args, *lang)
		if err != nil {
			return err
		}
		return sayProcesses(cmd.OutOrStdout(), processes, *lang)
	}
	return cmd
}

// isID says whether the arguments are one id: nothing on the disk is called so.
func isID(args []string) bool {
	_, err := os.Stat(args[0])
	return len(args) == 1 && errors.Is(err, fs.ErrNotExist)
}

// sayPublished reads aloud the process that a server has published, with the names of its company's people.
func sayPublished(ctx context.Context, from *remote, id string, out io.Writer) error {
	published, err := from.definition(ctx, "process", id, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, strings.Join(published.Say, "\n"))
	return err
}

// processesNamed finds the processes of files and directories, or the shipped one with an id.
func processesNamed(out io.Writer, args []string, lang string) ([]*process.Process, error) {
	base, _ := process.Load(shipped(), nil, nil)
	if isID(args) {
		if p := base.Processes[args[0]]; p != nil {
			return []*process.Process{p}, nil
		}
		return nil, fmt.Errorf("%s is neither a file nor a shipped process; shipped are %s", args[0], strings.Join(slices.Sorted(maps.Keys(base.Processes)), ", "))
	}
	files, err := readDefinitions(args)
	if err != nil {
		return nil, err
	}
	library, found := process.Load(files, base, nil)
	if process.Failed(found) {
		for _, p := range found {
			fmt.Fprintln(out, p.String(lang))
		}
		return nil, errReported
	}
	var processes []*process.Process
	for _, id := range slices.Sorted(maps.Keys(library.Processes)) {
		processes = append(processes, library.Processes[id])
	}
	if len(processes) == 0 {
		return nil, fmt.Errorf("no process in %s", strings.Join(args, ", "))
	}
	return processes, nil
}

func sayProcesses(out io.Writer, processes []*process.Process, lang string) error {
	company, err := definitions.LoadCompany()
	if err != nil {
		return err
	}
	for i, p := range processes {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, line := range p.Say(lang, companyNames(company)) {
			fmt.Fprintln(out, line)
		}
	}
	return nil
}

// sampleNames are the names of the people and sets of people of the sample company.
type sampleNames map[process.Principal]process.Text

// Name gives the name of a principal; empty for one the company doesn't have.
func (n sampleNames) Name(p process.Principal) process.Text { return n[p] }

func companyNames(c definitions.Company) sampleNames {
	names := sampleNames{}
	add := func(sort, id string, name definitions.Text) {
		names[process.Principal(sort+":"+id)] = process.Text(name)
	}
	for _, u := range c.Users {
		add("user", u.ID, u.Name)
	}
	for _, r := range c.Roles {
		add("role", r.ID, r.Name)
	}
	for _, d := range c.Departments {
		add("department", d.ID, d.Name)
	}
	for _, g := range c.Groups {
		add("group", g.ID, g.Name)
	}
	return names
}
