package process

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormalVersion is the number of the way in which values are compared by [Field.Normal] and [Field.Grams]. Whoever changes it counts it up, so that what
// stands in a database is entered anew.
const NormalVersion = 1

// Normal is a value as `unique` and `similar` compare it: the same for what people mean to be the same. A phone number is its digits; a text counts without
// the spaces around it, in small letters and in half-width characters; a reference is its id. It is empty for what can't be compared.
func (f *Field) Normal(v any) string {
	switch v := v.(type) {
	case string:
		if f.Type == typePhone {
			return normalPhone(v)
		}
		return normalText(v)
	case Reference:
		return v.ID
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func normalText(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), " "))
}

// normalPhone keeps the digits of a number. One of China counts without its country code, and one of its landlines with the 0 before the area, so that
// +86 21 5555 0000, 0086-21-55550000 and 021-55550000 are the same.
func normalPhone(s string) string {
	s = strings.TrimSpace(norm.NFKC.String(s))
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	abroad := strings.HasPrefix(s, "+")
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !abroad {
		digits, abroad = rest, true
	}
	mobile := len(digits) == 13 && strings.HasPrefix(digits, "861")
	home, ours := strings.CutPrefix(digits, "86")
	switch {
	case !ours && abroad:
		return "+" + digits
	case !ours || !abroad && !mobile:
		return digits
	case !strings.HasPrefix(home, "1") && !strings.HasPrefix(home, "0"):
		return "0" + home
	}
	return home
}

// Legal forms of companies, which say nothing about who somebody is. Longer ones stand first.
var legalForms = struct{ zh, en []string }{
	zh: []string{"集团股份有限公司", "集团有限责任公司", "集团有限公司", "股份有限公司", "有限责任公司", "股份公司", "有限公司", "总公司", "分公司", "集团", "公司", "股份"},
	en: []string{"company", "co", "limited", "ltd", "incorporated", "inc", "corporation", "corp", "llc", "llp", "lp", "gmbh", "ag", "kg", "mbh", "sa", "sas", "sarl", "srl", "spa", "plc",
		"pty", "pte", "bv", "nv", "oy", "ab", "as", "group", "holding", "holdings"},
}

// core is a name without what varies when people write it: spaces, marks, capitals, full-width characters and the legal form.
func core(s string) string {
	words := strings.FieldsFunc(normalText(strings.ReplaceAll(s, ".", "")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for len(words) > 1 && isOneOf(words[len(words)-1], legalForms.en) {
		words = words[:len(words)-1]
	}
	name := strings.Join(words, "")
	for _, form := range legalForms.zh {
		if i := strings.Index(name, form); i > 0 {
			return name[:i] + name[i+len(form):]
		}
	}
	return name
}

func isOneOf(word string, list []string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// Whole is a value as a whole, as [Field.Grams] takes it to pieces; two with the same are as similar as can be.
func (f *Field) Whole(v any) string {
	name := f.Normal(v)
	if f.Type == typeText {
		name = core(name)
	}
	if r := []rune(name); len(r) > maxGrams {
		return string(r[:maxGrams])
	}
	return name
}

// maxGrams is how many characters of a value count, so that a long text costs no more than a name.
const maxGrams = 64

// Grams are the pairs of neighbouring characters that a text is made of, each once; of a single character, that. What isn't a text is only like itself, so it
// is one piece. They are what [Alike] compares.
func (f *Field) Grams(v any) []string {
	runes := []rune(f.Whole(v))
	if len(runes) == 1 || len(runes) > 0 && f.Type != typeText {
		return []string{string(runes)}
	}
	var grams []string
	seen := map[string]bool{}
	for i := 0; i+1 < len(runes); i++ {
		if g := string(runes[i : i+2]); !seen[g] {
			seen[g] = true
			grams = append(grams, g)
		}
	}
	return grams
}

// Similar is from which [Alike] on two values count as similar.
const Similar = 0.6

// Alike says how much two values have in common, from 0 to 1: twice the pairs of characters that both have, by the pairs that each has (Dice).
func Alike(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	has := map[string]bool{}
	for _, g := range a {
		has[g] = true
	}
	both := 0
	for _, g := range b {
		if has[g] {
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
