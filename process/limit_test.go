package process

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLimitsInWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, en, zh string }{
		{"3 working days", "3 working days", "3 个工作日"},
		{"1 working day", "1 working day", "1 个工作日"},
		{" 1  Working days ", "1 working day", "1 个工作日"},
		{"4 working hours", "4 working hours", "4 个工作小时"},
		{"30 working minutes", "30 working minutes", "30 个工作分钟"},
		{"2 days", "2 days", "2 天"},
		{"4 hours", "4 hours", "4 小时"},
		{"30 minutes", "30 minutes", "30 分钟"},
		{"end of today", "end of today", "当日下班前"},
		{"start of working day 3", "start of working day 3", "第 3 个工作日开始时"},
		{"3660 working days", "3660 working days", "3660 个工作日"},
	} {
		l, err := ParseLimit(tc.text)
		require.NoError(t, err, tc.text)
		require.Equal(t, []string{tc.en, tc.en, tc.zh}, []string{l.String(), l.Say("en"), l.Say("zh")})
		again, err := ParseLimit(tc.en)
		require.NoError(t, err)
		require.True(t, again == l && again.Equal(l))
	}
}

func TestWhatIsNoLimit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "3", "days", "0 days", "-1 days", "1.5 working hours", "3661 working days", "99999999999999999999 hours",
		"10 working days before", "10 working days before record.ends_on", "3 weeks", "3 working weeks", "start of working day 0", "end of tomorrow"} {
		l, err := ParseLimit(text)
		var why *LimitError
		require.ErrorAs(t, err, &why, text)
		require.Equal(t, text, why.Text)
		require.NotEmpty(t, why.ZH)
		require.True(t, l.IsZero())
	}
}

func TestParseBefore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, span, what string }{
		{"4 working hours before", "4 working hours", ""},
		{"5 working days before", "5 working days", ""},
		{"10 working days before  record.ends_on", "10 working days", "record.ends_on"},
	} {
		l, what, err := ParseBefore(tc.text)
		require.NoError(t, err)
		require.Equal(t, []string{tc.span, tc.what}, []string{l.String(), what})
	}
	for _, text := range []string{"", "before", "4 working hours", "end of today before", "soon before x"} {
		_, _, err := ParseBefore(text)
		var why *LimitError
		require.ErrorAs(t, err, &why, text)
	}
}

func TestLimitsInJSON(t *testing.T) {
	t.Parallel()
	type holder struct {
		Due   Limit           `json:"due"`
		None  Limit           `json:"none,omitzero"`
		Sizes map[Limit]int64 `json:"sizes"`
	}
	in := holder{Due: Limit{2, workingDays}, Sizes: map[Limit]int64{{30, wallMinutes}: 1}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"due":"2 working days","sizes":{"30 minutes":1}}`, string(text))
	var out holder
	require.NoError(t, json.Unmarshal(text, &out))
	require.Equal(t, in, out)
	require.NoError(t, json.Unmarshal([]byte(`{"due":""}`), &out))
	require.True(t, out.Due.IsZero())
	require.Error(t, json.Unmarshal([]byte(`{"due":"soon"}`), &out))
}

func TestKindsOfLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{ // span, working
		"2 working days": {true, true}, "2 working minutes": {true, true}, "2 days": {true, false}, "2 minutes": {true, false},
		"end of today": {false, true}, "start of working day 1": {false, true},
	} {
		l := limit(t, text)
		require.Equal(t, want, [2]bool{l.IsSpan(), l.IsWorking()}, text)
	}
	require.False(t, Limit{}.IsSpan() || Limit{}.IsWorking())
}
