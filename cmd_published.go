package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/process"
)

// remoteDefinition is a definition as a server lists it.
type remoteDefinition struct {
	Kind        string `json:"kind"`
	ID          string `json:"id"`
	Title       string `json:"title"`
	Version     int    `json:"version"`
	Path        string `json:"path"`
	PublishedBy string `json:"published_by"`
}

// remoteSource is one version of a definition as its owner wrote it, and read aloud.
type remoteSource struct {
	remoteDefinition
	Source string   `json:"source"`
	Say    []string `json:"say"`
}

// published lists the definitions that new cases take.
func (r *remote) published(ctx context.Context) ([]remoteDefinition, error) {
	var all []remoteDefinition
	for cursor := ""; ; {
		var page struct {
			Items []remoteDefinition `json:"items"`
			Next  string             `json:"next"`
		}
		path := "/definitions?limit=200"
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		if err := r.call(ctx, "GET", path, nil, &page); err != nil {
			return nil, err
		}
		if all, cursor = append(all, page.Items...), page.Next; cursor == "" {
			return all, nil
		}
	}
}

// definition gives a version of a definition; version 0 is the one that new cases take.
func (r *remote) definition(ctx context.Context, kind, id string, version int) (remoteSource, error) {
	var answer remoteSource
	if version == 0 {
		current, err := r.currentVersion(ctx, kind, id)
		if err != nil {
			return answer, err
		}
		version = current
	}
	path := "/definitions/" + url.PathEscape(id) + "/versions/" + strconv.Itoa(version) + "?kind=" + url.QueryEscape(kind)
	return answer, r.call(ctx, "GET", path, nil, &answer)
}

func (r *remote) currentVersion(ctx context.Context, kind, id string) (int, error) {
	list, err := r.published(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		if d.Kind == kind && d.ID == id {
			return d.Version, nil
		}
	}
	return 0, fmt.Errorf("no %s %s is published", kind, id)
}

func diffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "diff PATH…", Short: "Show what publishing definition files would change on a running server",
		Long: "Compares the files, and the *.yaml of the directories, named with what the server has published, and shows each change line by line: `-` stands on the server,\n" +
			"`+` in the files. Changes nothing. Exit 1 when something differs, or can't be compared.",
		Args: cobra.MinimumNArgs(1),
	}
	with := serverFlags(cmd)
	lang := langFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, paths []string) error {
		files, err := readDefinitions(paths)
		if err != nil {
			return err
		}
		with.lang = *lang
		return diffFiles(cmd.Context(), with, files, cmd.OutOrStdout())
	}
	return cmd
}

// diffFiles compares each definition of the files with the published one. Files that can't be loaded beside what is published have no definitions to
// compare: their problems are shown.
func diffFiles(ctx context.Context, with *remote, files []process.File, out io.Writer) error {
	current, err := with.sources(ctx)
	if err != nil {
		return err
	}
	var standing []process.File
	for _, d := range current {
		standing = append(standing, process.File{Path: d.Path, Content: d.Source})
	}
	base, _ := process.Load(standing, nil, nil)
	loaded, found := process.Load(files, base, nil)
	if process.Failed(found) {
		for _, p := range found {
			fmt.Fprintln(out, p.String(with.lang))
		}
		return errReported
	}
	differs := false
	for _, d := range loaded.Documents {
		differs = diff(d, current[d.Kind+" "+d.ID], out) || differs
	}
	if differs {
		return errReported
	}
	return nil
}

// sources gives what new cases take, by kind and id: "process lead-review".
func (r *remote) sources(ctx context.Context) (map[string]remoteSource, error) {
	list, err := r.published(ctx)
	if err != nil {
		return nil, err
	}
	current := map[string]remoteSource{}
	for _, d := range list {
		if current[d.Kind+" "+d.ID], err = r.definition(ctx, d.Kind, d.ID, d.Version); err != nil {
			return nil, err
		}
	}
	return current, nil
}

// diff shows how a document differs from its published version, and says whether it does.
func diff(d process.Document, published remoteSource, out io.Writer) bool {
	name := d.Kind + " " + d.ID
	before := fmt.Sprintf("%s, version %d", name, published.Version)
	if published.Version == 0 {
		before = name + ", not published"
	}
	changes := udiff.Unified(before, name+", these files", ended(published.Source), ended(d.Source))
	if changes == "" {
		changes = before + ": the same\n"
	}
	fmt.Fprint(out, changes)
	return ended(published.Source) != ended(d.Source)
}

// ended ends a text with one line end, as a document of a file with several is kept.
func ended(s string) string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return s
	}
	return s + "\n"
}
