package process

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Types of expressions beyond those of CEL.
var (
	celMoney    = cel.OpaqueType("money")
	celPercent  = cel.OpaqueType("percent")
	celDate     = cel.OpaqueType("date")
	celDatetime = cel.OpaqueType("datetime")
	celFile     = cel.OpaqueType("file")
	celDuration = cel.OpaqueType("duration") // an output of a decision table: only passed on
	// References to all types are one type of CEL, lines of all forms another; the compiler tells them apart where it matters.
	celReference = cel.OpaqueType("reference")
	celLines     = cel.OpaqueType("lines")
	celSlots     = cel.OpaqueType("slots")
)

// celValues are the types that a named value may have.
var celValues = []*cel.Type{
	cel.StringType, cel.DoubleType, cel.BoolType, celMoney, celPercent, celDate, celDatetime, celFile, celDuration, celReference, celLines,
}

// celType is the type of a field in expressions.
func celType(f *Field) *cel.Type {
	t := celTypeOfOne(f)
	if f.Many {
		return cel.ListType(t)
	}
	return t
}

func celTypeOfOne(f *Field) *cel.Type {
	switch f.Type {
	case typeNumber:
		return cel.DoubleType
	case typePercent:
		return celPercent
	case typeMoney:
		return celMoney
	case typeDate:
		return celDate
	case typeDatetime:
		return celDatetime
	case typeYesNo:
		return cel.BoolType
	case typeFile:
		return celFile
	case typeReference:
		return celReference
	case typeLines:
		return celLines
	case typeDuration:
		return celDuration
	}
	return cel.StringType
}

// typeWords are the types as people read them.
var typeWords = map[string]Text{
	"double": {ZH: "数字", EN: "a number"}, "string": {ZH: "文字", EN: "a text"}, "bool": {ZH: "是非", EN: "yes or no"},
	"money": {ZH: "金额", EN: "money"}, "percent": {ZH: "百分比", EN: "a percentage"}, "date": {ZH: "日期", EN: "a date"},
	"datetime": {ZH: "时间", EN: "a time"}, "file": {ZH: "文件", EN: "a file"},
	"reference": {ZH: "引用", EN: "a reference"}, "lines": {ZH: "多行", EN: "lines"}, "duration": {ZH: "时限", EN: "a limit"},
}

func typeWord(t string) Text {
	if w, ok := typeWords[t]; ok {
		return w
	}
	if strings.HasPrefix(t, "list(") {
		return Text{ZH: "列表", EN: "a list"}
	}
	return Same(t)
}

// opaque is a value that CEL only passes on: money, a percentage, a date, a reference …
type opaque struct {
	value any
	typ   *types.Type
}

// nothing is an empty field.
type nothing struct{}

var _, _ ref.Val = opaque{}, nothing{}

func (o opaque) ConvertToNative(reflect.Type) (any, error) { return o.value, nil }
func (o opaque) ConvertToType(ref.Type) ref.Val            { return types.NewErr("no conversion") }
func (o opaque) Type() ref.Type                            { return o.typ }
func (o opaque) Value() any                                { return o.value }

// Equal is for lists; the operators of the language have their own.
func (o opaque) Equal(other ref.Val) ref.Val {
	x, ok := other.(opaque)
	return types.Bool(ok && reflect.DeepEqual(o.value, x.value))
}

func (nothing) ConvertToNative(reflect.Type) (any, error) { return nil, nil }
func (nothing) ConvertToType(ref.Type) ref.Val            { return types.NewErr("no conversion") }
func (nothing) Type() ref.Type                            { return types.NullType }
func (nothing) Value() any                                { return nil }
func (nothing) Equal(ref.Val) ref.Val                     { return types.False }

// toCEL turns a canonical value of a field into one of CEL. A value of another shape counts as empty.
func toCEL(f *Field, v any) ref.Val {
	if blank(v) {
		return nothing{}
	}
	if !f.Many {
		return toCELOne(f, v)
	}
	list, _ := v.([]any)
	out := make([]ref.Val, 0, len(list))
	for _, x := range list {
		out = append(out, toCELOne(f, x))
	}
	return types.NewRefValList(types.DefaultTypeAdapter, out)
}

func toCELOne(f *Field, v any) ref.Val {
	switch t := celTypeOfOne(f); t {
	case cel.StringType:
		if s, ok := v.(string); ok {
			return types.String(s)
		}
	case cel.DoubleType:
		if x, ok := v.(float64); ok {
			return types.Double(x)
		}
	case cel.BoolType:
		if b, ok := v.(bool); ok {
			return types.Bool(b)
		}
	default:
		return opaque{v, t}
	}
	return nothing{}
}

// fromCEL turns a result into a canonical value.
func fromCEL(v ref.Val) any {
	switch v := v.(type) {
	case types.String:
		if v == "" {
			return nil
		}
		return string(v)
	case types.Double:
		return float64(v)
	case types.Bool:
		return bool(v)
	case opaque:
		return v.value
	}
	list, ok := v.Value().([]ref.Val)
	if !ok {
		return nil
	}
	out := make([]any, 0, len(list))
	for _, x := range list {
		if y := fromCEL(x); y != nil {
			out = append(out, y)
		}
	}
	return out
}

// compareWith makes a comparison out of what it wants of the order of two values.
func compareWith(holds func(order int) bool) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		if isEmpty(a) || isEmpty(b) {
			return types.False
		}
		order, err := order(a.Value(), b.Value())
		if err != nil {
			return types.WrapErr(err)
		}
		return types.Bool(holds(order))
	}
}

func isEmpty(v ref.Val) bool {
	s, text := v.(types.String)
	_, none := v.(nothing)
	return none || text && s == ""
}

// order compares two values of one type; a date compares with a text that is one.
func order(a, b any) (int, error) {
	switch a := a.(type) {
	case Money:
		b, ok := b.(Money)
		if !ok || a.Currency != b.Currency {
			return 0, fmt.Errorf("%v and %v are of different currencies", a, b)
		}
		return compare(a.Amount, b.Amount), nil
	case float64:
		b, _ := b.(float64)
		return compare(a, b), nil
	case bool:
		if a == b {
			return 0, nil
		}
		return 1, nil
	case string:
		b, _ := b.(string)
		return orderTexts(a, b), nil
	case Reference:
		b, _ := b.(Reference)
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.ID, b.ID)), nil
	}
	return 0, fmt.Errorf("%v and %v can't be compared", a, b)
}

// orderTexts compares moments as moments, whatever their zones, and other texts by their letters.
func orderTexts(a, b string) int {
	x, err1 := time.Parse(time.RFC3339, a)
	y, err2 := time.Parse(time.RFC3339, b)
	if err1 == nil && err2 == nil {
		return x.Compare(y)
	}
	return strings.Compare(a, b)
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// arithmetic carries out + - * /; empty with anything is empty.
func arithmetic(op string) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		_, none1 := a.(nothing)
		_, none2 := b.(nothing)
		if none1 || none2 {
			return nothing{}
		}
		if s, ok := a.(types.String); ok {
			t, _ := b.(types.String)
			return s + t
		}
		v, err := calculate(op, quantityOf(a), quantityOf(b))
		if err != nil {
			return types.WrapErr(err)
		}
		return v
	}
}

// quantity is a number of something: "" for a bare number, "%" for a percentage, or a currency.
type quantity struct {
	n    float64
	unit string
}

func quantityOf(v ref.Val) quantity {
	switch x := v.Value().(type) {
	case Money:
		return quantity{float64(x.Amount), x.Currency}
	case float64:
		if o, ok := v.(opaque); ok && o.typ == celPercent {
			return quantity{x, "%"}
		}
		return quantity{x, ""}
	}
	return quantity{math.NaN(), ""}
}

// val gives the quantity back as a value. Money is rounded to its minor unit, halves away from zero.
func (q quantity) val() (ref.Val, error) {
	switch {
	case math.IsNaN(q.n) || math.IsInf(q.n, 0) || q.unit != "" && q.unit != "%" && math.Abs(q.n) >= 1<<53:
		return nil, fmt.Errorf("the result is not a number that can be kept")
	case q.unit == "":
		return types.Double(q.n), nil
	case q.unit == "%":
		return opaque{q.n, celPercent}, nil
	}
	return opaque{Money{Amount: int64(math.Round(q.n)), Currency: q.unit}, celMoney}, nil
}

func calculate(op string, a, b quantity) (ref.Val, error) {
	percent := func(q quantity) float64 {
		if q.unit == "%" {
			return q.n / 100
		}
		return q.n
	}
	switch op {
	case opAdd, opSub:
		if a.unit != b.unit {
			return nil, fmt.Errorf("%s and %s can't be added", a.unit, b.unit)
		}
		if op == opSub {
			b.n = -b.n
		}
		return quantity{inDecimals(a.n+b.n, max(math.Abs(a.n), math.Abs(b.n))), a.unit}.val()
	case opMul:
		unit := strings.Trim(a.unit+b.unit, "%")
		return product(percent(a)*percent(b), unit)
	}
	switch {
	case b.n == 0:
		return nil, fmt.Errorf("division by zero")
	case a.unit == b.unit:
		return product(a.n/b.n, "")
	case b.unit == "":
		return product(a.n/b.n, a.unit)
	}
	return nil, fmt.Errorf("%s and %s are of different currencies", a.unit, b.unit)
}

func product(n float64, unit string) (ref.Val, error) {
	return quantity{inDecimals(n, math.Abs(n)), unit}.val()
}

// inDecimals is what comes of a calculation as people do it: 1.1 + 2.2 is 3.3, and not the hair more that would be above a threshold of 3.3. Of the greatest
// number that was used 15 digits are sure; where the last of these are noughts, what stands behind them is nothing. A third stays a third.
func inDecimals(n, greatest float64) float64 {
	behind := 14 - int(math.Floor(math.Log10(greatest)))
	if n == math.Trunc(n) || behind < 2 || behind > 300 {
		return n
	}
	digits := strconv.FormatFloat(n, 'f', behind, 64)
	plain, err := strconv.ParseFloat(digits, 64)
	if err != nil || !strings.HasSuffix(digits, "00") {
		return n
	}
	return plain
}

// contained says whether a value stands in a list.
func contained(a, list ref.Val) ref.Val {
	items, ok := list.Value().([]ref.Val)
	if !ok || isEmpty(a) {
		return types.False
	}
	return types.Bool(slices.ContainsFunc(items, func(x ref.Val) bool {
		o, err := order(a.Value(), x.Value())
		return err == nil && o == 0
	}))
}
