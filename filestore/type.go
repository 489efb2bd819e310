package filestore

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// headSize is how much of a file is looked at to find out what it is.
const headSize = 3 << 10

const octets = "application/octet-stream" // what is kept and handed back, but never shown

// RunsError refuses what a browser or a computer would run.
type RunsError struct {
	Type string // what it was recognised as, or its ending
}

func (e *RunsError) Error() string { return "filestore: it would be run: " + e.Type }

// runs are contents, and endings of names, of what a browser or a computer would run when somebody opens it.
var (
	runs = []string{"text/html", "image/svg+xml", "text/javascript", "text/x-php", "text/x-shellscript", "application/vnd.microsoft.portable-executable", "application/x-elf",
		"application/x-mach-binary", "application/x-ms-shortcut", "application/x-ms-installer", "application/java-archive", "application/x-shockwave-flash",
		"application/wasm", "application/x-object", "application/x-executable", "application/x-sharedlib"}
	runsByEnding = strings.Fields(".html .htm .xhtml .xht .shtml .mht .mhtml .svg .svgz .js .mjs .cjs .wasm .swf .xsl .xslt .exe .com .bat .cmd .msi .msp .scr .pif .cpl .dll .ps1 " +
		".psm1 .vbs .vbe .jse .wsf .wsh .hta .jar .jnlp .lnk .url .reg .scf .inf .sh .bash .app .command .apk .desktop .docm .xlsm .pptm .xlam .dotm .chm")
)

// known are the endings of what people attach, with the type that each stands for and what its content looks like.
var known = map[string]struct {
	kind  string
	looks []string // types that the content may be recognised as
}{
	".png":  {"image/png", []string{"image/png"}},
	".jpg":  {"image/jpeg", []string{"image/jpeg"}},
	".jpeg": {"image/jpeg", []string{"image/jpeg"}},
	".gif":  {"image/gif", []string{"image/gif"}},
	".webp": {"image/webp", []string{"image/webp"}},
	".bmp":  {"image/bmp", []string{"image/bmp"}},
	".tif":  {"image/tiff", []string{"image/tiff"}},
	".tiff": {"image/tiff", []string{"image/tiff"}},
	".heic": {"image/heic", []string{"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"}},
	".heif": {"image/heif", []string{"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"}},
	".pdf":  {"application/pdf", []string{"application/pdf"}},
	".mp3":  {"audio/mpeg", []string{"audio/mpeg"}},
	".m4a":  {"audio/mp4", []string{"audio/x-m4a", "audio/mp4", "video/mp4"}},
	".wav":  {"audio/wav", []string{"audio/wav"}},
	".amr":  {"audio/amr", []string{"audio/amr"}},
	".ogg":  {"audio/ogg", []string{"audio/ogg", "application/ogg"}},
	".mp4":  {"video/mp4", []string{"video/mp4"}},
	".mov":  {"video/quicktime", []string{"video/quicktime"}},
	".webm": {"video/webm", []string{"video/webm"}},
	".doc":  {"application/msword", []string{"application/msword", "application/x-ole-storage"}},
	".xls":  {"application/vnd.ms-excel", []string{"application/vnd.ms-excel", "application/x-ole-storage"}},
	".ppt":  {"application/vnd.ms-powerpoint", []string{"application/vnd.ms-powerpoint", "application/x-ole-storage"}},
	".wps":  {"application/vnd.ms-works", []string{"application/vnd.ms-works", "application/msword", "application/x-ole-storage"}},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{"application/zip"}},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{"application/zip"}},
	".pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{"application/zip"}},
	".odt":  {"application/vnd.oasis.opendocument.text", []string{"application/zip"}},
	".ods":  {"application/vnd.oasis.opendocument.spreadsheet", []string{"application/zip"}},
	".ofd":  {"application/ofd", []string{"application/zip"}},
	".zip":  {"application/zip", []string{"application/zip"}},
	".rtf":  {"application/rtf", []string{"text/rtf"}},
	".txt":  {"text/plain", []string{"text/plain"}},
	".csv":  {"text/csv", []string{"text/plain"}},
}

// TypeOf finds out what a file is, from how it begins and what it is called: a content that doesn't fit the name, or that nobody knows, is only bytes.
// What would be run is a [*RunsError].
func TypeOf(name string, head []byte) (string, error) {
	ending := strings.ToLower(filepath.Ext(name))
	if slices.Contains(runsByEnding, ending) {
		return "", &RunsError{ending}
	}
	found := mimetype.Detect(head)
	for _, kind := range runs {
		if looksLike(found, kind) {
			return "", &RunsError{kind}
		}
	}
	k, ok := known[ending]
	if !ok || !slices.ContainsFunc(k.looks, func(kind string) bool { return looksLike(found, kind) }) {
		return octets, nil
	}
	return k.kind, nil
}

// looksLike says whether a content is of a type, or of one made of it: a .docx is a zip.
func looksLike(found *mimetype.MIME, kind string) bool {
	for m := found; m != nil; m = m.Parent() {
		if m.Is(kind) {
			return true
		}
	}
	return false
}

func readerOf(b []byte) io.Reader { return bytes.NewReader(b) }
