package process

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The operators of the language. CEL's own are replaced by these, so that empty fields and money mean what the language says.
const (
	opEqual, opNotEqual = "@eq", "@ne"
	opLess, opLessEq    = "@lt", "@le"
	opMore, opMoreEq    = "@gt", "@ge"
	opAdd, opSub        = "@add", "@sub"
	opMul, opDiv        = "@mul", "@div"
	opNegate            = "@neg"
	opIn                = "@among"
	opTruth             = "@truth" // an empty yes_no is false
	opEmpty             = "empty"
	opOutcome           = "@outcome"
	varSlots            = "@slots"
	callGet             = "@get_" // a slot of a type: @get_money(@slots, 3)
	callMoney           = "money_literal"
	callPercent         = "percent_literal"
)

var ownOperators = map[string]string{
	operators.Equals: opEqual, operators.NotEquals: opNotEqual,
	operators.Less: opLess, operators.LessEquals: opLessEq, operators.Greater: opMore, operators.GreaterEquals: opMoreEq,
	operators.Add: opAdd, operators.Subtract: opSub, operators.Multiply: opMul, operators.Divide: opDiv,
	operators.Negate: opNegate, operators.In: opIn,
}

// shownOperators are the operators as they are written.
var shownOperators = map[string]string{
	opEqual: "==", opNotEqual: "!=", opLess: "<", opLessEq: "<=", opMore: ">", opMoreEq: ">=", opAdd: "+", opSub: "-", opMul: "*", opDiv: "/",
	opNegate: "-", opIn: "in", opTruth: "if", operators.LogicalAnd: "&&", operators.LogicalOr: "||", operators.LogicalNot: "!",
	operators.Conditional: "? :", opOutcome: "outcome_of",
}

// Functions of the language, as they are called.
var exprFunctions = []string{"has", "empty", "size", "outcome_of", "contains", "startsWith", "endsWith"}

// exprMethods are those called on a value.
var exprMethods = []string{"contains", "startsWith", "endsWith"}

// exprEnv declares what expressions may use. It is one for all record types: what is particular to them is rewritten into getters before CEL checks
// the types.
var exprEnv = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.StdLib(), cel.ClearMacros(),
		cel.ParserRecursionLimit(60), cel.ParserExpressionSizeLimit(maxExpr * 4),
		cel.Variable(varSlots, celSlots),
	}
	opts = append(opts, comparisons()...)
	opts = append(opts, calculations()...)
	opts = append(opts, functionOptions()...)
	opts = append(opts, getters()...)
	return cel.NewCustomEnv(opts...)
})

// signature is one way to call a function: the last type is the result.
type signature []*cel.Type

// function declares a function of the language. The values it gets may be empty, which no declared type admits; so CEL's own checks at run
// time are off and each function looks for itself.
func function(name string, member bool, binding decls.FunctionOpt, signatures ...signature) cel.EnvOption {
	opts := []decls.FunctionOpt{decls.DisableTypeGuards(true), binding}
	for _, s := range signatures {
		id := strings.Trim(name, "@") + "_of"
		for _, t := range s {
			id += "_" + strings.ReplaceAll(t.String(), " ", "_")
		}
		args, result := s[:len(s)-1], s[len(s)-1]
		if member {
			opts = append(opts, cel.MemberOverload(id, args, result))
			continue
		}
		opts = append(opts, cel.Overload(id, args, result))
	}
	return cel.Function(name, opts...)
}

func comparisons() []cel.EnvOption {
	var same, ordered []signature
	for _, t := range []*cel.Type{cel.StringType, cel.BoolType, celReference} {
		same = append(same, signature{t, t, cel.BoolType})
	}
	for _, t := range []*cel.Type{cel.DoubleType, celMoney, celPercent, celDate, celDatetime} {
		ordered = append(ordered, signature{t, t, cel.BoolType})
	}
	for _, t := range []*cel.Type{celDate, celDatetime} {
		ordered = append(ordered, signature{t, cel.StringType, cel.BoolType}, signature{cel.StringType, t, cel.BoolType})
	}
	same = append(same, ordered...)
	tests := map[string]func(int) bool{
		opEqual: func(o int) bool { return o == 0 }, opNotEqual: func(o int) bool { return o != 0 },
		opLess: func(o int) bool { return o < 0 }, opLessEq: func(o int) bool { return o <= 0 },
		opMore: func(o int) bool { return o > 0 }, opMoreEq: func(o int) bool { return o >= 0 },
	}
	var out []cel.EnvOption
	for op, holds := range tests {
		signatures := ordered
		if op == opEqual || op == opNotEqual {
			signatures = same
		}
		out = append(out, function(op, false, decls.SingletonBinaryBinding(compareWith(holds)), signatures...))
	}
	return out
}

func calculations() []cel.EnvOption {
	number, money, percent := cel.DoubleType, celMoney, celPercent
	sums := []signature{{number, number, number}, {money, money, money}, {percent, percent, percent}}
	scaled := []signature{
		{number, number, number}, {money, number, money}, {number, money, money}, {money, percent, money}, {percent, money, money},
		{number, percent, number}, {percent, number, number},
	}
	ratios := []signature{{number, number, number}, {money, number, money}, {money, money, number}, {percent, percent, number}, {percent, number, percent}}
	added := append([]signature{{cel.StringType, cel.StringType, cel.StringType}}, sums...)
	return []cel.EnvOption{
		function(opAdd, false, decls.SingletonBinaryBinding(arithmetic(opAdd)), added...),
		function(opSub, false, decls.SingletonBinaryBinding(arithmetic(opSub)), sums...),
		function(opMul, false, decls.SingletonBinaryBinding(arithmetic(opMul)), scaled...),
		function(opDiv, false, decls.SingletonBinaryBinding(arithmetic(opDiv)), ratios...),
		function(opNegate, false, decls.SingletonUnaryBinding(negate), signature{number, number}, signature{money, money}, signature{percent, percent}),
	}
}

func negate(v ref.Val) ref.Val {
	if isEmpty(v) {
		return nothing{}
	}
	q := quantityOf(v)
	out, err := quantity{-q.n, q.unit}.val()
	if err != nil {
		return types.WrapErr(err)
	}
	return out
}

func functionOptions() []cel.EnvOption {
	text, yes := cel.StringType, cel.BoolType
	var among []signature
	for _, t := range []*cel.Type{text, cel.DoubleType, celMoney, celPercent, celDate, celDatetime, celReference} {
		among = append(among, signature{t, cel.ListType(t), yes})
	}
	out := []cel.EnvOption{
		function(opIn, false, decls.SingletonBinaryBinding(contained), among...),
		function(opTruth, false, decls.SingletonUnaryBinding(func(v ref.Val) ref.Val { return types.Bool(v == types.True) }), signature{yes, yes}),
		function(opEmpty, false, decls.SingletonUnaryBinding(func(v ref.Val) ref.Val { return types.Bool(isEmpty(v)) }), signature{cel.DynType, yes}),
		function(callMoney, false, decls.SingletonUnaryBinding(func(v ref.Val) ref.Val {
			m, _ := parseMoney(v.Value().(string))
			return opaque{m, celMoney}
		}), signature{text, celMoney}),
		function(callPercent, false, decls.SingletonUnaryBinding(func(v ref.Val) ref.Val {
			p, _ := parsePercent(v.Value().(string))
			return opaque{p, celPercent}
		}), signature{text, celPercent}),
		function(opOutcome, false, decls.SingletonBinaryBinding(outcomeOf), signature{celSlots, text, text}),
		function("length", false, decls.SingletonUnaryBinding(length), signature{text, cel.DoubleType}, signature{cel.ListType(cel.DynType), cel.DoubleType}, signature{celLines, cel.DoubleType}),
	}
	for name, test := range map[string]func(string, string) bool{
		"@contains": strings.Contains, "@startsWith": strings.HasPrefix, "@endsWith": strings.HasSuffix,
	} {
		out = append(out, function(name, false, decls.SingletonBinaryBinding(func(a, b ref.Val) ref.Val {
			if isEmpty(a) || isEmpty(b) {
				return types.False
			}
			s, _ := a.Value().(string)
			part, _ := b.Value().(string)
			return types.Bool(test(s, part))
		}), signature{text, text, yes}))
	}
	return out
}

func outcomeOf(all, step ref.Val) ref.Val {
	of := all.Value().(*slots).env.OutcomeOf
	name, _ := step.Value().(string)
	if of == nil || of(name) == "" {
		return nothing{}
	}
	return types.String(of(name))
}

// length counts characters or entries; nothing has none.
func length(v ref.Val) ref.Val {
	switch x := v.Value().(type) {
	case string:
		return types.Double(len([]rune(x)))
	case []ref.Val:
		return types.Double(len(x))
	case []map[string]any:
		return types.Double(len(x))
	}
	return types.Double(0)
}

// getters declares a function per type of value: what names a value is rewritten into `@get_money(@slots, 3)`.
func getters() []cel.EnvOption {
	get := decls.SingletonBinaryBinding(func(all, n ref.Val) ref.Val {
		i, _ := n.Value().(int64)
		return all.Value().(*slots).slot(int(i))
	})
	var out []cel.EnvOption
	for _, t := range celValues {
		for _, t := range []*cel.Type{t, cel.ListType(t)} {
			out = append(out, function(getterOf(t), false, get, signature{celSlots, cel.IntType, t}))
		}
	}
	return out
}

func getterOf(t *cel.Type) string { return callGet + t.String() }
