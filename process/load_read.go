package process

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// loader reads the nodes of one file, and says what is wrong at its place. Every reading method reports what it can't read and gives the zero
// value, so that loading goes on and finds the rest.
type loader struct {
	*loadSet
	file  string
	lines []string
}

// problem reports an error at a node. An argument of type [Text] is put in by language.
func (l *loader) problem(n *node, zh, en string, args ...any) {
	if !n.spoilt {
		l.problemAt(n.line, n.column, zh, en, args...)
	}
}

// warn reports what is worth a look.
func (l *loader) warn(n *node, zh, en string, args ...any) {
	l.add(l.describe(n.line, n.column, true, zh, en, args...))
}

func (l *loader) problemAt(line, column int, zh, en string, args ...any) {
	l.add(l.describe(line, column, false, zh, en, args...))
}

func (l *loader) describe(line, column int, warning bool, zh, en string, args ...any) Problem {
	p := Problem{Position: Position{File: l.file, Line: line, Column: column}, Warning: warning}
	p.Message = Text{ZH: sprint("zh", zh, args), EN: sprint("en", en, args)}
	if line >= 1 && line <= len(l.lines) {
		p.Source = strings.TrimRight(l.lines[line-1], "\r")
	}
	return p
}

func sprint(lang, format string, args []any) string {
	said := slices.Clone(args)
	for i, a := range said {
		if t, ok := a.(Text); ok {
			said[i] = t.In(lang)
		}
	}
	return fmt.Sprintf(format, said...)
}

func (l *loader) position(n *node) Position {
	return Position{File: l.file, Line: n.line, Column: n.column}
}

// keys are what a map may hold: how each is read.
type keys map[string]func(v *node)

// object reads a map strictly, in the order it is written. What names the map in problems ("key of a step").
func (l *loader) object(n *node, what Text, known keys) bool {
	if n.kind != nodeMap {
		l.problem(n, "%s应写成 {键: 值}", "%s is written as {key: value}", what)
		return false
	}
	if l.knows != nil {
		l.knows(what.EN, known)
	}
	words := slices.Sorted(maps.Keys(known))
	for _, p := range n.pairs {
		if read := known[p.key.text]; read != nil {
			read(p.value)
			continue
		}
		l.unknown(p.key, words, Text{ZH: what.ZH + "没有这个键", EN: "unknown key of " + what.EN})
	}
	return true
}

// unknown reports a word that isn't one of words.
func (l *loader) unknown(n *node, words []string, what Text) {
	word := clip(n.text)
	if sign, plain := fullWidth(n.text); sign != "" {
		l.problem(n, "%s：`%s`；其中有全角的 `%s`，请用半角的 `%s`", "%s `%s`: it holds a full-width `%s`; write `%s`", what, word, sign, plain)
		return
	}
	if strangeSpace(n.text) {
		l.problem(n, "%s：`%s`；其中有全角空格或看不见的字符，请换成普通空格", "%s `%s`: it holds a full-width space or a character that isn't seen; type plain spaces", what, word)
		return
	}
	w := foreignWords[n.text]
	if !slices.Contains(words, w) {
		w = nearest(n.text, words)
	}
	if w != "" {
		l.problem(n, "%s：`%s`；是不是想写 `%s`？", "%s `%s`; did you mean `%s`?", what, word, w)
		return
	}
	if len(words) > 0 && len(words) <= 12 {
		l.problem(n, "%s：`%s`（可以是 %s）", "%s `%s` (one of %s)", what, word, quoted(words))
		return
	}
	l.problem(n, "%s：`%s`", "%s `%s`", what, word)
}

// strangeSpace says whether a text holds spaces other than the plain one, or characters of no width.
func strangeSpace(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// foreignWords are what people write for words of this language: first for types of fields, then for keys.
var foreignWords = map[string]string{
	"boolean": typeYesNo, "bool": typeYesNo, "string": typeText, "integer": typeNumber, "int": typeNumber, "decimal": typeNumber, "float": typeNumber,
	"enum": typeChoice, "user": typePerson, "timestamp": typeDatetime, "currency": typeMoney, "attachment": typeFile, "table": typeLines,
	"person": "user", "manager": "manager_of", "managers": "managers_of", "head": "head_of", "team": "group",
	"deadline": "due", "timeout": "due", "limit": "due", "within": "due", "when": "if", "condition": "if", "approver": "by", "approvers": "by", "assignee": "by", "who": "by",
	"审批人": "by", "办理人": "by", "时限": "due", "期限": "due", "条件": "if", "抄送": "copy", "标题": "title", "步骤": "steps", "编号": "number", "发起": "start",
	"流程": "process", "记录": "record", "审批": "approve", "任务": "task", "通知": "notify", "等待": "wait", "结束": "end",
	"会签": "all", "或签": "first", "依次": "in_turn", "同意": "approved", "拒绝": "rejected", "退回": "returned",
	"escalate": "late", "overdue": "late", "next": "then", "goto": "go", "approval": "approve", "notification": "notify", "foreach": "each", "subprocess": "call", "name": "title",
}

// clip keeps what is quoted in a message short.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func quoted(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

// string reads a text; what is asked for is named in the problem.
func (l *loader) string(n *node) (string, bool) {
	if n.kind != nodeText {
		l.problem(n, "这里应是文字", "a text is expected here")
		return "", false
	}
	if strings.TrimSpace(n.text) == "" {
		l.problem(n, "这里不能为空", "this is empty")
		return "", false
	}
	return n.text, true
}

// Ids of documents and steps, and names of fields. Field names are also words of expressions.
var (
	idPattern    = regexp.MustCompile(`^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$`)
	fieldPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

const maxID = 64

// identifier reads an id: small letters, digits and hyphens.
func (l *loader) identifier(n *node) (string, bool) {
	s, ok := l.string(n)
	if ok && (len(s) > maxID || !idPattern.MatchString(s)) {
		l.problem(n, "`%s` 不能作标识：只能用小写字母、数字和连字符，以字母开头，最长 64 个字符",
			"`%s` can't be an id: small letters, digits and hyphens, a letter first, at most 64 characters", clip(s))
		return "", false
	}
	return s, ok
}

const maxTitle = 200

// title reads `text` or `{zh, en}`.
func (l *loader) title(n *node) Text {
	var t Text
	if n.kind == nodeMap {
		l.object(n, Text{ZH: "标题", EN: "a title"}, keys{
			"zh": func(v *node) { t.ZH = l.short(v) },
			"en": func(v *node) { t.EN = l.short(v) },
		})
		if len(n.pairs) == 0 {
			l.problem(n, "标题不能为空", "the title is empty")
		}
		return t
	}
	return Same(l.short(n))
}

// short reads a text of one line.
func (l *loader) short(n *node) string {
	s, ok := l.string(n)
	if ok && (len([]rune(s)) > maxTitle || strings.Contains(s, "\n")) {
		l.problem(n, "标题应在一行之内，最长 200 个字符", "a title is one line of at most 200 characters")
	}
	return s
}

// yes reads true or false; `yes` and `no` are what people write.
func (l *loader) yes(n *node) bool {
	switch {
	case n.kind == nodeBool:
		return n.truth
	case n.kind == nodeText && (n.text == "yes" || n.text == "no"):
		return n.text == "yes"
	}
	l.problem(n, "这里应是 true 或 false", "true or false is expected here")
	return false
}

// count reads a whole number between two bounds.
func (l *loader) count(n *node, low, high int) int {
	if n.kind != nodeNumber || n.number != float64(int(n.number)) || int(n.number) < low || int(n.number) > high {
		l.problem(n, "这里应是 %d 到 %d 之间的整数", "a whole number from %d to %d is expected here", low, high)
		return 0
	}
	return int(n.number)
}

// list reads a list; a single value counts as a list of one.
func (l *loader) list(n *node) []*node {
	if n.kind == nodeList {
		if len(n.items) == 0 {
			l.problem(n, "列表是空的", "the list is empty")
		}
		return n.items
	}
	return []*node{n}
}

// words reads a list of texts and refuses repetition.
func (l *loader) words(n *node) []named {
	var out []named
	for _, v := range l.list(n) {
		s, ok := l.string(v)
		if !ok {
			continue
		}
		if slices.ContainsFunc(out, func(o named) bool { return o.name == s }) {
			l.problem(v, "`%s` 写了两次", "`%s` is given twice", clip(s))
			continue
		}
		out = append(out, named{s, v})
	}
	return out
}

// named is a word and where it stands.
type named struct {
	name string
	at   *node
}

func names(list []named) []string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		out = append(out, n.name)
	}
	return out
}

// oneOf reads one of a few words.
func (l *loader) oneOf(n *node, words []string) string {
	s, ok := l.string(n)
	if !ok || slices.Contains(words, s) {
		return s
	}
	l.unknown(n, words, Text{ZH: "不能这样写", EN: "not possible here:"})
	return ""
}
