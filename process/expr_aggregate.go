package process

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// listOf is the list that an aggregate goes through.
type listOf struct {
	path string // as it is written, to tell it from others
	all  access
	spot int // where it was first named
}

// aggregate is one `sum of …`, ready to be evaluated.
type aggregate struct {
	typ   *cel.Type
	input input
}

var exprPath = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// cut takes the aggregates out of the text and leaves a word in the place of each.
func (x *compiler) cut() {
	whole := func(word string) bool {
		if !exprPath.MatchString(word) {
			return false
		}
		p, wrong := x.path(strings.Split(word, "."))
		return wrong == nil && p.list == nil && p.field.Type == typeLines
	}
	rest, at := expanded{source: x.text.source}, 0
	for n, a := range aggregatesIn(x.text.text, whole) {
		begin := x.text.part(a.begin, a.begin+1)
		rest.add(x.text.part(at, a.begin))
		if a.another > 0 {
			x.fail(utf8.RuneCountInString(x.text.text[:a.another]), "`%s of` 里面又有汇总：请用括号写清楚哪些属于哪一个", "there is another aggregate in `%s of`: show with parentheses what belongs to which", a.word)
		}
		rest.put(fmt.Sprint(aggregatePrefix, n), begin.origin[0])
		x.joined = append(x.joined, x.aggregate(a.word, begin, x.text.part(a.from, a.end)))
		at = a.end
	}
	rest.add(x.text.part(at, len(x.text.text)))
	x.text = rest
}

// aggregate compiles what an aggregate goes through. After a problem its type is CEL's error type, and the whole has failed.
func (x *compiler) aggregate(word string, begin, of expanded) aggregate {
	inner := &compiler{vocabulary: x.vocabulary, node: x.node, text: of, fields: x.fields, list: &listOf{}}
	none := aggregate{typ: cel.DynType}
	if strings.TrimSpace(of.text) == "" {
		inner.text, x.failed = begin, true
		inner.fail(0, "`%s of` 后面要写明对什么汇总", "`%s of` needs something behind it", word)
		return none
	}
	inner.cut()
	program, got := inner.program()
	switch {
	case program == nil:
	case inner.list.path == "":
		inner.fail(len(of.text)-len(strings.TrimLeft(of.text, " \n\t")), "`%s of` 后面要有多行字段的列，如 `record.lines.price`", "`%s of` goes through a list: name a column of lines, as `record.lines.price`", word)
	default:
		if out := joinedType(word, got); out != nil {
			return aggregate{out, x.overList(joiners[word](got), program, inner)}
		}
		inner.fail(0, "不能对%s用 `%s of`", "`%s of` doesn't go with %s", joinArgs(word, typeWord(got.String()))...)
	}
	x.failed = true
	return none
}

// joinArgs are the arguments of the message about a type, in the order of each language: Chinese names the type first.
func joinArgs(word string, typ Text) []any {
	return []any{Text{ZH: typ.ZH, EN: word}, Text{ZH: word, EN: typ.EN}}
}

// joinedType is the type that an aggregate of a type has; nil where there is none.
func joinedType(word string, of *cel.Type) *cel.Type {
	is := of.IsExactType
	number := is(cel.DoubleType) || is(celMoney) || is(celPercent)
	switch {
	case word == "count":
		return cel.DoubleType
	case word == "any" && is(cel.BoolType):
		return cel.BoolType
	case word == "sum" && number:
		return of
	case (word == "max" || word == "min") && (number || is(celDate) || is(celDatetime)):
		return of
	}
	return nil
}

// overList is the input that evaluates a program for every entry of a list.
func (x *compiler) overList(join func(values []ref.Val) (ref.Val, error), program cel.Program, inner *compiler) input {
	all, inputs := inner.list.all, inner.inputs
	return input{get: func(s *slots, _ any) ref.Val {
		sub := &slots{env: s.env, inputs: inputs, budget: s.budget}
		var values []ref.Val
		for _, item := range entries(all(s.env, nil)) {
			sub.next(item)
			v, err := run(program, sub)
			if err != nil {
				return types.WrapErr(err)
			}
			values = append(values, v)
		}
		v, err := join(values)
		if err != nil {
			return types.WrapErr(err)
		}
		return v
	}}
}

// entries are the items of a list, in order.
func entries(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case []map[string]any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return out
	}
	return nil
}

// joiners make one value of many, by word; what they get is the type of each.
var joiners = map[string]func(of *cel.Type) func([]ref.Val) (ref.Val, error){
	"sum": func(of *cel.Type) func([]ref.Val) (ref.Val, error) {
		return func(values []ref.Val) (ref.Val, error) { return sumOf(of, values) }
	},
	"max": func(*cel.Type) func([]ref.Val) (ref.Val, error) { return extreme(1) },
	"min": func(*cel.Type) func([]ref.Val) (ref.Val, error) { return extreme(-1) },
	"count": func(of *cel.Type) func([]ref.Val) (ref.Val, error) {
		return func(values []ref.Val) (ref.Val, error) { return types.Double(counted(of, values)), nil }
	},
	"any": func(of *cel.Type) func([]ref.Val) (ref.Val, error) {
		return func(values []ref.Val) (ref.Val, error) { return types.Bool(counted(of, values) > 0), nil }
	},
}

// sumOf adds up what isn't empty. Nothing is 0; of money, which would need a currency, it is empty.
func sumOf(of *cel.Type, values []ref.Val) (ref.Val, error) {
	var sum ref.Val
	for _, v := range values {
		switch {
		case isEmpty(v):
		case sum == nil:
			sum = v
		default:
			next, err := calculate(opAdd, quantityOf(sum), quantityOf(v))
			if err != nil {
				return nil, err
			}
			sum = next
		}
	}
	switch {
	case sum != nil:
		return sum, nil
	case of.IsExactType(cel.DoubleType):
		return types.Double(0), nil
	case of.IsExactType(celPercent):
		return opaque{0.0, celPercent}, nil
	}
	return nothing{}, nil
}

// extreme finds the greatest (1) or the least (-1) of what isn't empty.
func extreme(sign int) func([]ref.Val) (ref.Val, error) {
	return func(values []ref.Val) (ref.Val, error) {
		var best ref.Val = nothing{}
		for _, v := range values {
			if isEmpty(v) {
				continue
			}
			if isEmpty(best) {
				best = v
				continue
			}
			o, err := order(v.Value(), best.Value())
			if err != nil {
				return nil, err
			}
			if o*sign > 0 {
				best = v
			}
		}
		return best, nil
	}
}

// counted counts the conditions that hold, or the values that aren't empty.
func counted(of *cel.Type, values []ref.Val) int {
	condition, n := of.IsExactType(cel.BoolType), 0
	for _, v := range values {
		if condition && v == types.True || !condition && !isEmpty(v) {
			n++
		}
	}
	return n
}
