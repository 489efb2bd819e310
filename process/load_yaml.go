package process

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a definition file. They are far beyond what a person writes, and keep a hostile one cheap.
const (
	maxFile  = 1 << 20 // bytes
	maxMarks = 20_000  // line ends, commas and colons: the YAML library takes quadratic time over the entries of one list or map
	maxLine  = 4000    // characters
	maxDepth = 50      // levels of nesting
)

// node is one value of a YAML document with its place. Anchors, aliases, tags and merge keys never get this far.
type node struct {
	kind   nodeKind
	line   int
	column int // in characters
	text   string
	number float64
	truth  bool
	spoilt bool // refused already; nothing more is said about it
	inline bool // text stands in the file as it is, on one line, so that a place inside it is known
	offset int  // where inside it the text begins: 1 after a quote
	pairs  []pair
	items  []*node
}

type nodeKind int

const (
	nodeNull nodeKind = iota
	nodeText
	nodeNumber
	nodeBool
	nodeMap
	nodeList
)

// pair is one `key: value` of a map. Every key is a scalar.
type pair struct{ key, value *node }

// get finds the value of a key, or nil.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// document is one YAML document cut out of its file.
type document struct {
	first int // its first line in the file, from 0
	text  string
}

// splitDocuments cuts a file at its `---` lines; YAML allows them nowhere else at the beginning of a line. Documents of comments only are left out.
func splitDocuments(content string) []document {
	var docs []document
	var lines []string
	first, written := 0, false
	flush := func(next int) {
		if written {
			docs = append(docs, document{first: first, text: strings.Join(lines, "")})
		}
		lines, written, first = nil, false, next
	}
	for i, line := range strings.SplitAfter(content, "\n") {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(line, "---") && (bare == "---" || strings.HasPrefix(bare[3:], " #")) || bare == "..." && line[0] == '.' {
			flush(i + 1)
			continue
		}
		written = written || bare != "" && bare[0] != '#'
		lines = append(lines, line)
	}
	flush(0)
	return docs
}

// Runs of indicators and brackets that nest, before a parser recurses into them.
var manyIndicators = regexp.MustCompile(`(?:[-?:][ \t]+){50}`)

// tooLarge says what makes a file too large to parse, with its line; "" when nothing does.
func tooLarge(content string) (line int, why Text) {
	if len(content) > maxFile {
		return 1, Text{
			ZH: fmt.Sprintf("文件有 %d KB，超过了 1 MB 的上限", len(content)>>10),
			EN: fmt.Sprintf("the file has %d KB; at most 1 MB is read", len(content)>>10),
		}
	}
	if strings.Count(content, "\n")+strings.Count(content, ",")+strings.Count(content, ":") > maxMarks {
		return 1, Text{ZH: "文件里的条目太多，请分成几个文件", EN: "the file has too many entries: make several files of it"}
	}
	depth := 0
	for i, l := range strings.Split(content, "\n") {
		if !utf8.ValidString(l) {
			return i + 1, Text{ZH: "文件不是 UTF-8 编码的文本，请另存为 UTF-8", EN: "the file is not UTF-8 text: save it as UTF-8"}
		}
		if utf8.RuneCountInString(l) > maxLine {
			return i + 1, Text{ZH: "这一行超过了 4000 个字符", EN: "the line is longer than 4000 characters"}
		}
		if strings.ContainsFunc(l, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == '\uFEFF' && i > 0 }) {
			return i + 1, Text{ZH: "这一行含有控制字符：定义文件应是纯文本", EN: "the line contains a control character: a definition is plain text"}
		}
		depth += strings.Count(l, "[") + strings.Count(l, "{")
		depth = max(0, depth-strings.Count(l, "]")-strings.Count(l, "}"))
		if depth > 4*maxDepth || nesting(l) > 4*maxDepth || manyIndicators.MatchString(l) {
			return i + 1, tooDeep
		}
	}
	return 0, Text{}
}

// shownLines are the lines of a file that can't be parsed, as far as they can be shown; none of one that is too large.
func shownLines(content string) []string {
	if len(content) > maxFile {
		return nil
	}
	shown := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFEFF' {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(content, string(utf8.RuneError)))
	return strings.Split(shown, "\n")
}

var tooDeep = Text{ZH: "嵌套太深", EN: "nested too deeply"}

// nesting is the greatest number of brackets of one line open at once, quoted ones included: an estimate from above.
func nesting(line string) int {
	depth, most := 0, 0
	for _, r := range line {
		switch r {
		case '[', '{':
			depth++
			most = max(most, depth)
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return most
}

// parse reads one document into nodes; nil after a problem that leaves nothing to read.
func (l *loader) parse(d document) (root *node) {
	// The YAML library is another's; whatever it does with a strange file, the owner gets an answer.
	defer func() {
		if r := recover(); r != nil {
			root = nil
			l.problemAt(d.first+1, 1, "这个文件无法读取", "the file can't be read as YAML")
		}
	}()
	file, err := parser.ParseBytes([]byte(d.text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		l.syntax(d, err)
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			c := &converter{loader: l, first: d.first, lines: strings.Split(d.text, "\n")}
			return c.node(doc.Body, 0)
		}
	}
	return nil
}

func (l *loader) syntax(d document, err error) {
	line, column, why := Unreadable(d.text, err)
	l.problemAt(d.first+line, column, "%s", "%s", why)
}

// converter turns the library's tree into nodes and refuses what a definition doesn't need.
type converter struct {
	loader *loader
	first  int
	lines  []string
}

func (c *converter) node(n ast.Node, depth int) *node {
	out := c.place(n.GetToken())
	if depth > maxDepth {
		c.refuse(out, tooDeep.ZH, tooDeep.EN)
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		c.string(out, n.Value, n.Token)
	case *ast.LiteralNode:
		out.kind, out.text = nodeText, n.Value.Value
	case *ast.IntegerNode:
		out.kind, out.text, out.inline = nodeNumber, n.Token.Value, true
		out.number = number(n.Value)
	case *ast.FloatNode:
		out.kind, out.text, out.inline, out.number = nodeNumber, n.Token.Value, true, n.Value
	case *ast.BoolNode:
		out.kind, out.text, out.truth = nodeBool, n.Token.Value, n.Value
	case *ast.MappingNode:
		c.mapping(out, n.Values, depth)
	case *ast.MappingValueNode:
		c.mapping(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = nodeList
		for _, v := range n.Values {
			out.items = append(out.items, c.item(v, depth+1))
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		c.refuse(out, "定义文件里不能用 YAML 的锚点和引用（& 与 *）", "anchors and aliases (& and *) can't be used in a definition")
	case *ast.TagNode:
		if not := negation.FindString(c.rest(out)); not != "" {
			why := inQuotesInstead(not)
			c.refuse(out, why.ZH, why.EN)
			break
		}
		c.refuse(out, "定义文件里不能用 YAML 标签（!）", "tags (!) can't be used in a definition")
	default:
		c.refuse(out, "这里写的不是文字、数字、列表或键值", "this is not a text, a number, a list or a map")
	}
	return out
}

// negation is a condition that begins with `!`.
var negation = regexp.MustCompile(`^!\(*[a-z]+[.(][^,{}#]*`)

// rest is what stands on the line of a node, from it on.
func (c *converter) rest(n *node) string {
	if i := n.line - c.first - 1; i >= 0 && i < len(c.lines) {
		if line := []rune(c.lines[i]); n.column <= len(line) {
			return string(line[n.column-1:])
		}
	}
	return ""
}

func (c *converter) place(t *token.Token) *node {
	n := &node{line: c.first + 1, column: 1}
	if t != nil && t.Position != nil {
		n.line, n.column = c.first+t.Position.Line, max(1, t.Position.Column)
	}
	return n
}

func (c *converter) refuse(n *node, zh, en string) {
	c.loader.problem(n, "%s", "%s", Text{ZH: zh, EN: en})
	n.spoilt = true
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return math.NaN()
}

func (c *converter) string(n *node, value string, t *token.Token) {
	n.kind, n.text = nodeText, value
	if t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType {
		n.offset = 1
	}
	c.wideQuotes(n)
	if i := n.line - c.first - 1; i >= 0 && i < len(c.lines) {
		line := []rune(c.lines[i])
		if at := n.column - 1 + n.offset; at < len(line) {
			n.inline = strings.HasPrefix(string(line[at:]), value)
		}
	}
}

func (c *converter) mapping(n *node, values []*ast.MappingValueNode, depth int) {
	n.kind = nodeMap
	seen := map[string]int{}
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			c.node(v.Key, depth)
			continue
		}
		key := c.node(v.Key, depth+1)
		if key.kind == nodeMap || key.kind == nodeList {
			c.refuse(key, "键必须是一个词", "a key must be one word")
			continue
		}
		if line, twice := seen[key.text]; twice {
			c.loader.problem(key, "`%s` 写了两次（第 %d 行已有）", "`%s` is given twice (first on line %d)", key.text, line)
			continue
		}
		seen[key.text] = key.line
		value := c.node(v.Value, depth+1)
		_, tag := v.Value.(*ast.TagNode)
		n.spoilt = n.spoilt || tag // it may have swallowed what follows: that something is missing isn't the mistake
		n.pairs = append(n.pairs, pair{key, value})
	}
	// The library puts a block map at its first colon.
	if m := n.pairs; len(m) > 0 && m[0].key.line == n.line && m[0].key.column < n.column {
		n.column = m[0].key.column
	}
}

// item reads one entry of a list. Inside a flow map the library cuts `[role:sales]` at its colon, which YAML does only before a space.
func (c *converter) item(n ast.Node, depth int) *node {
	out := c.node(n, depth)
	m, ok := n.(*ast.MappingNode)
	if !ok || m.IsFlowStyle || len(out.pairs) != 1 {
		return out
	}
	key, value := out.pairs[0].key, out.pairs[0].value
	if key.kind != nodeText || !key.inline || key.offset > 0 || value.line != key.line || value.column != key.column+utf8.RuneCountInString(key.text)+1 {
		return out
	}
	if !slices.Contains([]nodeKind{nodeText, nodeNumber, nodeBool}, value.kind) {
		return out
	}
	key.text += ":" + value.text
	return key
}
