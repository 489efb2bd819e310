package scenario

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/crmflow/crmflow/process"
)

// node is one value of a YAML document with its place, counted from 1.
type node struct {
	kind   nodeKind
	line   int
	column int
	text   string // of a scalar, as it is written, without quotes
	number float64
	truth  bool
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
	if n == nil {
		return nil
	}
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// scalar says whether the node is one word, number or text.
func (n *node) scalar() bool { return n.kind == nodeText || n.kind == nodeNumber || n.kind == nodeBool }

// document is one YAML document of a file.
type document struct {
	first int // its first line in the file, from 0
	lines []string
	text  string
}

// documents cuts a file at its `---` lines. Documents of comments only are left out.
func documents(content string) []document {
	var docs []document
	d, written := document{}, false
	flush := func(next int) {
		if written {
			d.text = strings.Join(d.lines, "\n")
			docs = append(docs, d)
		}
		d, written = document{first: next}, false
	}
	for i, line := range strings.Split(content, "\n") {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(line, "---") && (bare == "---" || strings.HasPrefix(bare[3:], " #")) || bare == "..." && line[0] == '.' {
			flush(i + 1)
			continue
		}
		written = written || bare != "" && bare[0] != '#'
		d.lines = append(d.lines, line)
	}
	flush(0)
	return docs
}

// parse reads one document into nodes; nil after a problem that leaves nothing to read.
func (r *reader) parse(d document) (root *node) {
	// The YAML library is another's; whatever it does with a strange file, the owner gets an answer.
	defer func() {
		if p := recover(); p != nil {
			root = nil
			r.problemAt(d.first+1, 1, "这个文件无法读取", "the file can't be read as YAML")
		}
	}()
	file, err := parser.ParseBytes([]byte(d.text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, column, why := process.Unreadable(d.text, err)
		r.problems = append(r.problems, r.locate(d.first+line, column, why))
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			return r.node(doc.Body, d.first, 0)
		}
	}
	return nil
}

const maxDepth = 50

// node turns the library's tree into nodes and refuses what a scenario doesn't need.
func (r *reader) node(n ast.Node, first, depth int) *node {
	out := place(n.GetToken(), first)
	if depth > maxDepth {
		r.problem(out, "嵌套太深", "nested too deeply")
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = nodeText, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = nodeText, n.Value.Value
	case *ast.IntegerNode:
		out.kind, out.text, out.number = nodeNumber, n.Token.Value, whole(n.Value)
	case *ast.FloatNode:
		out.kind, out.text, out.number = nodeNumber, n.Token.Value, n.Value
	case *ast.BoolNode:
		out.kind, out.text, out.truth = nodeBool, n.Token.Value, n.Value
	case *ast.MappingNode:
		r.mapping(out, n.Values, first, depth)
	case *ast.MappingValueNode:
		r.mapping(out, []*ast.MappingValueNode{n}, first, depth)
	case *ast.SequenceNode:
		out.kind = nodeList
		for _, v := range n.Values {
			out.items = append(out.items, r.item(v, first, depth+1))
		}
	default:
		r.problem(out, "这里不能用 YAML 的锚点、引用和标签", "anchors, aliases and tags can't be used here")
	}
	return out
}

func place(t *token.Token, first int) *node {
	n := &node{line: first + 1, column: 1}
	if t != nil && t.Position != nil {
		n.line, n.column = first+t.Position.Line, max(1, t.Position.Column)
	}
	return n
}

func whole(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return 0
}

func (r *reader) mapping(n *node, values []*ast.MappingValueNode, first, depth int) {
	n.kind = nodeMap
	seen := map[string]int{}
	for _, v := range values {
		key := r.node(v.Key, first, depth+1)
		if line, twice := seen[key.text]; twice {
			r.problem(key, "`%s` 写了两次（第 %d 行已有）", "`%s` is given twice (first on line %d)", key.text, line)
			continue
		}
		seen[key.text] = key.line
		n.pairs = append(n.pairs, pair{key, r.node(v.Value, first, depth+1)})
	}
	// The library puts a block map at its first colon.
	if m := n.pairs; len(m) > 0 && m[0].key.line == n.line && m[0].key.column < n.column {
		n.column = m[0].key.column
	}
}

// item reads one entry of a list. Inside a flow map the library cuts `[role:sales]` at its colon, which YAML does only before a space.
func (r *reader) item(n ast.Node, first, depth int) *node {
	out := r.node(n, first, depth)
	m, ok := n.(*ast.MappingNode)
	if !ok || m.IsFlowStyle || len(out.pairs) != 1 {
		return out
	}
	key, value := out.pairs[0].key, out.pairs[0].value
	if key.kind != nodeText || !value.scalar() || value.line != key.line || value.column != key.column+utf8.RuneCountInString(key.text)+1 {
		return out
	}
	key.text += ":" + value.text
	return key
}

// reader reads the nodes of one file, and says what is wrong at its place. What can't be read gives the zero value, so that reading goes on and
// finds the rest.
type reader struct {
	file     string
	lines    []string
	problems []process.Problem
}

func newReader(f process.File) *reader {
	return &reader{file: f.Path, lines: strings.Split(f.Content, "\n")}
}

// problem reports an error at a node. An argument of type [process.Text] is put in by language.
func (r *reader) problem(n *node, zh, en string, args ...any) {
	r.problemAt(n.line, n.column, zh, en, args...)
}

func (r *reader) problemAt(line, column int, zh, en string, args ...any) {
	r.problems = append(r.problems, r.locate(line, column, say(zh, en, args...)))
}

// locate puts a message at its place in the file.
func (r *reader) locate(line, column int, message process.Text) process.Problem {
	p := process.Problem{Position: process.Position{File: r.file, Line: line, Column: column}, Message: message}
	if line >= 1 && line <= len(r.lines) {
		p.Source = strings.TrimRight(r.lines[line-1], "\r")
	}
	return p
}
