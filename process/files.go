package process

import (
	"fmt"
	"slices"
	"strings"
)

// What counts as which sort of file in `accept`, by media type. A sort that isn't here is all the types that begin with its name: image/….
var fileTypes = map[string][]string{
	"pdf": {"application/pdf"},
	"document": {"application/pdf", "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.ms-works",
		"application/vnd.oasis.opendocument.text", "application/ofd", "application/rtf", "text/plain", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	"spreadsheet": {"application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.oasis.opendocument.spreadsheet", "text/csv"},
}

// Takes says what is wrong with a file for this field; nil when it is fine. The type is what its content is, not what its sender said.
func (f *Field) Takes(name, typ string, size int64) *FieldError {
	ending := strings.ToLower(name[max(0, strings.LastIndexByte(name, '.')):])
	fits := func(accepted string) bool {
		if strings.HasPrefix(accepted, ".") {
			return ending == accepted
		}
		if types, ok := fileTypes[accepted]; ok {
			return slices.Contains(types, typ)
		}
		return strings.HasPrefix(typ, accepted+"/")
	}
	switch {
	case f.MaxSize > 0 && size > f.MaxSize:
		wrong := f.wrong(say("“%s”有 %s，最大 %s", "“%s” has %s; at most %s", clip(name), sizeText(size), sizeText(f.MaxSize)))
		return &wrong
	case len(f.Accept) > 0 && !slices.ContainsFunc(f.Accept, fits):
		accepted := strings.Join(f.Accept, ", ")
		wrong := f.wrong(say("“%s”不是可以上传的文件类型，可用：%s", "“%s” isn't of a sort that this takes: %s", clip(name), accepted))
		return &wrong
	}
	return nil
}

// sizeText is a size as people say it.
func sizeText(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<20:
		return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/(1<<20)), ".0 ", " ", 1)
	}
	return fmt.Sprintf("%d KB", (n+1<<10-1)>>10)
}

// PlacedFile is a file that a value holds, and where.
type PlacedFile struct {
	Ref   FileRef
	Field *Field // of the record, or the column of lines
	Place string // as an error names it: photos[1], items[0].photo
	Name  string // the record's own field, or lines and column: items.photo
}

// FilesIn are the files that fields hold, in the order of the type's fields.
func (t *RecordType) FilesIn(fields Fields) []PlacedFile {
	var out []PlacedFile
	for i := range t.Fields {
		f := &t.Fields[i]
		out = append(out, f.filesIn(fields[f.Name], f.Name, f.Name)...)
	}
	return out
}

func (f *Field) filesIn(v any, place, name string) []PlacedFile {
	switch v := v.(type) {
	case FileRef:
		return []PlacedFile{{v, f, place, name}}
	case []any:
		var out []PlacedFile
		for i, one := range v {
			out = append(out, f.filesIn(one, fmt.Sprintf("%s[%d]", place, i), name)...)
		}
		return out
	case []map[string]any:
		var out []PlacedFile
		for i, line := range v {
			for j := range f.Lines {
				c := &f.Lines[j]
				out = append(out, c.filesIn(line[c.Name], fmt.Sprintf("%s[%d].%s", place, i, c.Name), name+"."+c.Name)...)
			}
		}
		return out
	}
	return nil
}

// WithFiles puts what is known of files in the place of what was sent, by id. Fields is not changed.
func (t *RecordType) WithFiles(fields Fields, known map[string]FileRef) Fields {
	out := Fields{}
	for name, v := range fields {
		out[name] = withFiles(v, known)
	}
	return out
}

func withFiles(v any, known map[string]FileRef) any {
	switch v := v.(type) {
	case FileRef:
		if r, ok := known[v.ID]; ok {
			return r
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withFiles(v[i], known)
		}
		return out
	case []map[string]any:
		out := make([]map[string]any, len(v))
		for i, line := range v {
			out[i] = map[string]any{}
			for name, x := range line {
				out[i][name] = withFiles(x, known)
			}
		}
		return out
	}
	return v
}
