package process

import (
	"regexp"
	"strings"
)

// plainSigns are the signs of a Chinese keyboard, and those that the language has for them.
var plainSigns = map[rune]string{
	'：': ":", '，': ",", '；': ",", '“': "\"", '”': "\"", '‘': "'", '’': "'", '（': "(", '）': ")", '｛': "{", '｝': "}", '［': "[", '］': "]", '【': "[", '】': "]",
	'＞': ">", '＜': "<", '＝': "==", '≥': ">=", '≤': "<=", '≠': "!=", '！': "!", '％': "%", '＋': "+", '－': "-", '×': "*", '÷': "/", '＆': "&&",
}

// fullWidth finds such a sign in a text; empty: there is none.
func fullWidth(s string) (sign, plain string) {
	for _, r := range s {
		if p, ok := plainSigns[r]; ok {
			return string(r), p
		}
	}
	return "", ""
}

// fullWidthNear says that an expression can't be read because of such a sign, at a place or in the word that ends there, and says so.
func (x *compiler) fullWidthNear(at int) bool {
	text := []rune(x.text.text)
	for _, i := range []int{at, at - 1} {
		if i < 0 || i >= len(text) {
			continue
		}
		if sign, plain := fullWidth(string(text[i])); sign != "" {
			x.fail(i, "这里是全角的 `%s`，请用半角的 `%s`", "this is a full-width `%s`; write `%s`", sign, plain)
			return true
		}
	}
	return false
}

// foreignLimits are lengths of time as people write them elsewhere, and what they are here.
var foreignLimits = regexp.MustCompile(`^(\d+)\s*(?:个\s*)?(工作日|工作天|天|日|工作小时|小时|工作分钟|分钟|work ?days?|business days?|business hours?|work ?hours?|d|h|hrs?|min|mins)$`)

var halfDay = regexp.MustCompile(`^(?:0?[.．]5|半)\s*(?:个\s*)?(?:working days?|工作日|天)$`)

var unitsMeant = map[string]string{
	"工作日": "working day", "工作天": "working day", "天": "day", "日": "day", "工作小时": "working hour", "小时": "hour", "工作分钟": "working minute", "分钟": "minute",
	"workday": "working day", "work day": "working day", "business day": "working day", "business hour": "working hour", "workhour": "working hour", "work hour": "working hour",
	"d": "day", "h": "hour", "hr": "hour", "min": "minute",
}

// plainDigits are the digits that a Chinese keyboard has beside ours.
var plainDigits = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"一", "1", "两", "2", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")

// foreignLimit says how such a length is written here; empty: it is none.
func foreignLimit(s string) string {
	digits := plainDigits.Replace(s)
	if digits != s {
		if _, err := ParseLimit(digits); err == nil {
			return digits
		}
	}
	if halfDay.MatchString(s) {
		return "4 working hours"
	}
	m := foreignLimits.FindStringSubmatch(strings.ToLower(strings.TrimSpace(digits)))
	if m == nil {
		return ""
	}
	unit := unitsMeant[strings.TrimSuffix(m[2], "s")]
	if m[1] != "1" {
		unit += "s"
	}
	return m[1] + " " + unit
}
