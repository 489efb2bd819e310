package process

import (
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// Unreadable says why a text can't be read as YAML, and where: the line, from 1, and the character. The library says what it expected; people are told what
// they have typed, as far as that can be told.
func Unreadable(text string, err error) (line, column int, why Text) {
	line, column = 1, 1
	message := err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		message = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	if strings.Contains(message, "'\t'") {
		return line, column, Text{ZH: "缩进请用空格，不能用制表符（Tab）", EN: "indent by spaces; a tab can't stand here"}
	}
	m := &mistyped{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
	if l, c, why, found := m.find(line, column, message); found {
		return l, c, why
	}
	return line, column, say("YAML 格式有误：%s", "not valid YAML: %s", message)
}

// mistyped looks for what people mistype in a text that can't be read.
type mistyped struct{ lines []string }

// find looks at the line that the library complains of, then at the one before it, which it had read on from; then for what stands open.
func (m *mistyped) find(line, column int, message string) (l, c int, why Text, found bool) {
	before := m.before(line)
	for _, l := range []int{line, before} {
		if c, why, found := mistypedIn(m.line(l)); found {
			return l, c, why, true
		}
	}
	if l, c, why, found := m.open(); found {
		return l, c, why, true
	}
	switch {
	case strings.Contains(message, "mapping value is not allowed"):
		return line, column, Text{ZH: "文字里有冒号加空格时，整段文字要加引号：\"…: …\"", EN: "a text that holds a colon and a space stands in quotes: \"…: …\""}, true
	case strings.Contains(message, "not allowed in this context"), strings.Contains(message, "non-map value"), strings.Contains(message, "mapping was used where sequence"):
		if !strings.Contains(m.line(line), ":") {
			return line, column, Text{ZH: "这一行读不懂：每行写成 `键: 值`，或以 `- ` 开头", EN: "this line can't be read: a line is `key: value`, or begins with `- `"}, true
		}
		return line, column, Text{ZH: "这一行的缩进和它所属的那一层不一致：同一层的各行要从同一列开始", EN: "this line is indented otherwise than those it belongs with: they all begin in one column"}, true
	}
	return 0, 0, Text{}, false
}

// line gives a line by its number, from 1.
func (m *mistyped) line(n int) string {
	if n < 1 || n > len(m.lines) {
		return ""
	}
	return m.lines[n-1]
}

// before is the number of the written line before another one.
func (m *mistyped) before(n int) int {
	for n--; n > 0 && strings.TrimSpace(m.line(n)) == ""; n-- {
	}
	return n
}

var (
	noSpaceBehind = regexp.MustCompile(`^\s*(?:- )?([A-Za-z_][\w-]*):[^\s:/]`)
	bareNegation  = regexp.MustCompile(`[:\[,]\s+(!\(*[a-z]+[.(][^,{}#]*)`)
	bareJoin      = regexp.MustCompile(`[:\[,]\s+((?:"[^"]*"|'[^']*')\s+(?:\+|[=!]=|in\b|&&|\|\||\?))`)
	longDash      = regexp.MustCompile(`^\s*([–—−－])\s`)
)

// mistypedIn looks for a sign in a line that looks like the one that is meant.
func mistypedIn(line string) (column int, why Text, found bool) {
	if m := longDash.FindStringSubmatchIndex(line); m != nil {
		return characters(line[:m[2]]) + 1, say("这里是长横线 `%s`，列表的一项以减号 `-` 开头", "this is a long dash `%s`; an entry of a list begins with `-`", line[m[2]:m[3]]), true
	}
	if at, sign, plain := wideSign(line); sign != "" {
		if sign == "：" {
			return at, Text{ZH: "这里是全角的 `：`，请用半角的 `:`，后面空一格", EN: "this is a full-width `：`; write `:` and a space"}, true
		}
		return at, say("这里是全角的 `%s`，请用半角的 `%s`", "this is a full-width `%s`; write `%s`", sign, plain), true
	}
	if before, _, strange := strings.Cut(line, "\u00a0"); strange {
		return characters(before) + 1, Text{ZH: "这里是不间断空格，请换成普通的空格", EN: "this is a no-break space: type a plain one"}, true
	}
	if m := noSpaceBehind.FindStringSubmatchIndex(line); m != nil {
		key := line[m[2]:m[3]]
		return characters(line[:m[3]]) + 1, say("冒号后面要空一格：`%s: …`", "a space is missing behind the colon: `%s: …`", key), true
	}
	if m := bareNegation.FindStringSubmatchIndex(line); m != nil {
		return characters(line[:m[2]]) + 1, inQuotesInstead(line[m[2]:m[3]]), true
	}
	if m := bareJoin.FindStringSubmatchIndex(line); m != nil {
		whole := strings.ReplaceAll(line[m[2]:m[3]], `"`, "'")
		return characters(line[:m[2]]) + 1, say("以引号开头的表达式要整个再加引号：\"%s …\"", "an expression that begins with a quoted text stands in quotes as a whole: \"%s …\"", whole), true
	}
	return 0, Text{}, false
}

// inQuotesInstead says how a condition is written that begins with `!`, which YAML takes for a tag of what follows, be it the next key.
func inQuotesInstead(not string) Text {
	return say("以 `!` 开头的条件要加引号：\"%s\"", "a condition that begins with `!` stands in quotes: \"%s\"", strings.ReplaceAll(strings.TrimSpace(not), `"`, "'"))
}

func characters(s string) int { return len([]rune(s)) }

// Signs of a Chinese keyboard where they can't be part of a text: behind a key, between entries, around them.
var (
	wideColon   = regexp.MustCompile(`^\s*(?:- )?[A-Za-z_][\w-]*(：)|[\[{,]\s*[A-Za-z_][\w-]*(：)`)
	wideComma   = regexp.MustCompile(`[\]}"'](，)|(，)\s*[\[{"']`)
	wideBracket = regexp.MustCompile(`[:,\[{-]\s*([｛［【])|([｝］】])\s*(?:[,\]}]|$)`)
)

// wideSign finds such a sign, and the column it stands at.
func wideSign(line string) (column int, sign, plain string) {
	for _, pattern := range []*regexp.Regexp{wideColon, wideComma, wideBracket} {
		m := pattern.FindStringSubmatchIndex(line)
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				sign = line[m[i]:m[i+1]]
				return characters(line[:m[i]]) + 1, sign, plainSigns[[]rune(sign)[0]]
			}
		}
	}
	return 0, "", ""
}

// outsideQuotes goes through what stands in lines outside of quotes and comments, and gives where quotes are open at the end; no line is 0.
func outsideQuotes(lines []string, see func(line, column int, r rune) bool) (line, column int, quote rune) {
	for i, text := range lines {
		last := ' '
		for j, r := range []rune(text) {
			switch {
			case quote != 0:
				if r == quote && (quote == '\'' || last != '\\') {
					quote = 0
				}
			case (r == '"' || r == '\'') && strings.ContainsRune(" \t[{,:-", last):
				line, column, quote = i+1, j+1, r
			case r == '#' && (last == ' ' || last == '\t'):
				goto next
			case !see(i+1, j+1, r):
				return 0, 0, 0
			}
			last = r
		}
	next:
	}
	if quote == 0 {
		return 0, 0, 0
	}
	return line, column, quote
}

// bracket is one that was opened.
type bracket struct {
	line, column int
	sign         rune
}

var opensIt = map[rune]rune{'}': '{', ']': '['}

// open finds a quote or a bracket that isn't closed.
func (m *mistyped) open() (line, column int, why Text, found bool) {
	for i := range m.lines { // a quote that isn't closed on its line is one that was forgotten
		if _, c, quote := outsideQuotes(m.lines[i:i+1], func(int, int, rune) bool { return true }); quote != 0 {
			return i + 1, c, say("这个引号 `%c` 没有配对", "this quote `%c` isn't closed", quote), true
		}
	}
	var opened []bracket
	var wrong *bracket
	outsideQuotes(m.lines, func(line, column int, r rune) bool {
		switch {
		case r == '{' || r == '[':
			opened = append(opened, bracket{line, column, r})
		case opensIt[r] == 0:
		case len(opened) == 0 || opened[len(opened)-1].sign != opensIt[r]:
			wrong = &bracket{line, column, r}
			return false
		default:
			opened = opened[:len(opened)-1]
		}
		return true
	})
	if wrong != nil && len(opened) == 0 {
		return wrong.line, wrong.column, say("这个 `%c` 没有配对", "this `%c` closes nothing", wrong.sign), true
	}
	if len(opened) == 0 {
		return 0, 0, Text{}, false
	}
	last := opened[len(opened)-1]
	if cut := m.line(last.line); strings.Contains(cut, " #") {
		at := characters(cut[:strings.Index(cut, " #")]) + 2
		return last.line, at, say("` #` 之后是注释，所以 `%c` 没有配对；文字里有 # 时，整段文字加引号", "what follows ` #` is a comment, so that the `%c` isn't closed; a text with a # stands in quotes", last.sign), true
	}
	return last.line, last.column, say("这个 `%c` 没有配对", "this `%c` isn't closed", last.sign), true
}

// quotedWide are texts that stand in the quotes of a Chinese keyboard.
var quotedWide = regexp.MustCompile(`^(?:“[^“”]*”|‘[^‘’]*’|＂[^＂]*＂)$`)

// wideQuotes warns of a text in full-width quotes: they are part of it, and hardly meant.
func (c *converter) wideQuotes(n *node) {
	if n.offset == 0 && quotedWide.MatchString(n.text) {
		c.loader.warn(n, "这里的引号是全角的，会成为文字的一部分；是不是要用半角的 `\"`？", "these quotes are full-width and become part of the text; did you mean `\"`?")
	}
}
