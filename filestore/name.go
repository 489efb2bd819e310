package filestore

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is how long a file's name may be, in bytes: what every file system takes.
const maxName = 200

// CleanName makes a name that is safe to show and to save under of whatever was sent: no path, no characters that control anything or turn the writing
// direction, not too long. The ending stays. A name of which nothing is left is "file".
func CleanName(sent string) string {
	name := norm.NFC.String(strings.ToValidUTF8(sent, ""))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), unicode.Is(unicode.Co, r), strings.ContainsRune(`<>:"|?*`, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	ending := filepath.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	name = cut(strings.TrimSuffix(name, ending), maxName-len(ending))
	if name == "" {
		name = "file"
	}
	return name + ending
}

// cut shortens a text to so many bytes, between two characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.TrimRight(s[:most], ". ")
}
