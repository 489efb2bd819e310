// Package definitions is what process owners own: the shipped chains, record types and calendars, the statutory
// holidays, and the sample company that `crmflow dev` starts with. It holds files and reads them; it decides nothing.
package definitions

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// Report is the test report that the sample company attaches to its complaints: a PDF.
//
//go:embed sample/report.pdf
var Report []byte

// FS holds every shipped file under its path in this directory, for example "records/lead.yaml".
//
//go:embed lead-review quote-follow-up complaint records calendars holidays rights.yaml company.json leads.json
var FS embed.FS

// Document is one definition file as it is published: its path in [FS] and its text.
type Document struct {
	Path    string
	Content string
}

// Documents gives the definitions that a new installation publishes: record types, calendars, processes and the rights, ordered by path.
// The sample company, its leads, the holidays, scenario files (*_test.yaml) and questions (*_questions.yaml) are not among them.
func Documents() []Document {
	var docs []Document
	err := fs.WalkDir(FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, "_test.yaml") || strings.HasSuffix(path, "_questions.yaml") {
			return nil
		}
		content, err := FS.ReadFile(path)
		docs = append(docs, Document{Path: path, Content: string(content)})
		return err
	})
	if err != nil {
		panic("definitions: the embedded files can't be read: " + err.Error()) // they are part of the binary
	}
	return docs
}

// Holidays gives the published holidays and make-up working days of a country's year, in the form of the data set NateScarlet/holiday-cn, from
// which those of "cn" are: {"year", "days": [{"name", "date", "isOffDay"}]}. Those of "us" are the federal holidays of 5 U.S.C. 6103 on the days
// they are observed. An unpublished year is [fs.ErrNotExist].
func Holidays(country string, year int) ([]byte, error) {
	return FS.ReadFile(fmt.Sprintf("holidays/%s-%d.json", country, year))
}
