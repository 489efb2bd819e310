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
		named, err := named(cmd.OutOrStdout(), args, *lang)
		if err != nil {
			return err
		}
		return sayProcesses(cmd.OutOrStdout(), named, *lang)
	}
	return cmd
}

// rightsID is the id, and the kind, of the document of rights.
const rightsID = "rights"

// isID says whether the arguments are one id: nothing on the disk is called so.
func isID(args []string) bool {
	_, err := os.Stat(args[0])
	return len(args) == 1 && errors.Is(err, fs.ErrNotExist)
}

// sayPublished reads aloud the process that a server has published, with the names of its company's people.
func sayPublished(ctx context.Context, from *remote, id string, out io.Writer) error {
	kind := "process"
	if id == rightsID {
		kind = rightsID
	}
	published, err := from.definition(ctx, kind, id, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, strings.Join(published.Say, "\n"))
	return err
}

// named finds what files and directories hold, or the shipped process or rights with an id.
func named(out io.Writer, args []string, lang string) (*process.Library, error) {
	base, _ := process.Load(shipped(), nil, nil)
	if isID(args) {
		return shippedNamed(base, args[0])
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
	if len(library.Processes) == 0 && library.Rights == nil {
		return nil, fmt.Errorf("no process in %s", strings.Join(args, ", "))
	}
	return library, nil
}

// shippedNamed is a library with nothing but the shipped process, or rights, of an id.
func shippedNamed(base *process.Library, id string) (*process.Library, error) {
	library := process.NewLibrary()
	if p := base.Processes[id]; p != nil {
		library.Processes[id] = p
		return library, nil
	}
	if id == rightsID {
		library.Rights = base.Rights
		return library, nil
	}
	return nil, fmt.Errorf("%s is neither a file nor a shipped process; shipped are %s", id, strings.Join(slices.Sorted(maps.Keys(base.Processes)), ", "))
}

func sayProcesses(out io.Writer, library *process.Library, lang string) error {
	company, err := definitions.LoadCompany()
	if err != nil {
		return err
	}
	for i, id := range slices.Sorted(maps.Keys(library.Processes)) {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, line := range library.Processes[id].Say(lang, companyNames(company)) {
			fmt.Fprintln(out, line)
		}
	}
	base, _ := process.Load(shipped(), nil, nil)
	return sayRights(out, library, base, lang)
}

// sayRights reads the document of rights aloud, where there is one.
func sayRights(out io.Writer, library, base *process.Library, lang string) error {
	if library.Rights == nil {
		return nil
	}
	company, err := definitions.LoadCompany()
	if err != nil {
		return err
	}
	types, processes := maps.Clone(base.Types), maps.Clone(base.Processes)
	maps.Copy(types, library.Types)
	maps.Copy(processes, library.Processes)
	for _, line := range library.Rights.Say(lang, companyNames(company), types, processes) {
		fmt.Fprintln(out, line)
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
