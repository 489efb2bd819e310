package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMaskNeverShowsMoreThanItsPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ pattern, text, want string }{
		{"138****1234", "13912345678", "139****5678"},
		{"138****1234", "+86 519 5550 0001", "+86**********0001"},
		{"138****1234", "5550001", "*******"},
		{"138****1234", "", ""},
		{"1*3*5", "12345", "1*3*5"},
		{"1*3*5", "1234567", "1*****7"},
		{"***", "12", "**"},
		{"***", "12345", "*****"},
		{"张*", "王芳", "王*"},
		{"张*", "欧阳娜", "欧**"},
		{"*@", "a@", "*@"},
	} {
		require.Equal(t, tc.want, Mask(tc.pattern, tc.text), "%s over %s", tc.pattern, tc.text)
	}
}

const manyRights = `rights:
  role:a:
    records:
      lead: {see: mine, create: true, change: mine, hide: [need]}
    processes:
      review: {start: true, see: department}
  role:b:
    records:
      lead: {see: department, mask: {phone: 138****1234}, hide: [need]}
  role:c:
    records:
      lead: {see: all, hide: [phone], mask: {company: "**"}}
  role:d:
    records:
      lead: {see: all, mask: {phone: "1**********"}}
  role:e:
    records:
      quote: {hide: [amount]}
`

func rightsOf(t *testing.T, content string) *Rights {
	t.Helper()
	base := loadLanguage(t, "lead-review", "lead", "customer", "quote")
	lib, problems := Load([]File{{Path: "rights.yaml", Content: content}}, base, nil)
	require.False(t, Failed(problems), "%v", problems)
	return lib.Rights
}

// Grants add up; of a field counts the most generous of those that let one see this record: shown beats masked, masked beats hidden.
func TestTheMostGenerousGrantThatAppliesCounts(t *testing.T) {
	t.Parallel()
	rights := rightsOf(t, manyRights)
	fields := Fields{"company": "Tianhui", "phone": "13912345678", "need": "pumps", "source": "call"}
	for _, tc := range []struct {
		roles    []string
		standing Standing
		want     Fields
		change   bool
	}{
		{[]string{"role:a"}, Standing{Mine: true}, Fields{"company": "Tianhui", "phone": "13912345678", "source": "call"}, true},
		{[]string{"role:a"}, Standing{Department: true}, nil, false},
		{[]string{"role:b"}, Standing{Department: true}, Fields{"company": "Tianhui", "phone": "139****5678", "source": "call"}, false},
		{[]string{"role:a", "role:b"}, Standing{Department: true}, Fields{"company": "Tianhui", "phone": "139****5678", "source": "call"}, false},
		{[]string{"role:a", "role:b"}, Standing{Mine: true, Department: true}, Fields{"company": "Tianhui", "phone": "13912345678", "source": "call"}, true},
		{[]string{"role:c"}, Standing{}, Fields{"company": "*******", "need": "pumps", "source": "call"}, false},
		{[]string{"role:b", "role:c"}, Standing{Department: true}, fields.With(Fields{"phone": "139****5678"}), false},
		{[]string{"role:c", "role:d"}, Standing{}, fields.With(Fields{"phone": "1**********"}), false},
		{[]string{"role:d", "role:b"}, Standing{Department: true}, fields.With(Fields{"phone": "139****5678"}), false},
		{[]string{"role:e"}, Standing{Mine: true, Made: true, MyCases: true, Above: true}, nil, false},
		{nil, Standing{Mine: true, Made: true, MyCases: true, Above: true}, nil, false},
	} {
		sight := rights.Of(tc.roles).Record("lead", tc.standing)
		require.Equal(t, tc.want != nil, sight.See, "%v %+v", tc.roles, tc.standing)
		require.Equal(t, tc.change, sight.Change, "%v %+v", tc.roles, tc.standing)
		if tc.want == nil {
			tc.want = Fields{}
		}
		require.Equal(t, tc.want, sight.Fields(fields), "%v %+v", tc.roles, tc.standing)
	}
}

// What no grant speaks of keeps the built-in rule; so does everything where there is no document.
func TestWhatNoGrantSpeaksOfKeepsTheBuiltInRule(t *testing.T) {
	t.Parallel()
	for name, access := range map[string]Access{"no document": (*Rights)(nil).Of([]string{"role:a"}), "of other types": rightsOf(t, manyRights).Of([]string{"role:c"})} {
		for _, tc := range []struct {
			standing    Standing
			see, change bool
		}{
			{Standing{}, false, false}, {Standing{Mine: true}, true, true}, {Standing{Made: true}, true, false}, {Standing{MyCases: true}, true, false},
			{Standing{Above: true}, true, false}, {Standing{Department: true, Below: true}, false, false},
		} {
			sight := access.Record("customer", tc.standing)
			require.Equal(t, tc.see, sight.See, "%s: %+v", name, tc.standing)
			require.Equal(t, tc.change, sight.Change, "%s: %+v", name, tc.standing)
			require.Equal(t, tc.see, sight.Whole())
		}
		require.False(t, access.Decides("customer"))
	}
	nothing := NoRights().Of([]string{"role:a"})
	require.True(t, nothing.Decides("customer") && nothing.DecidesCases("review"))
	require.False(t, nothing.Record("customer", Standing{Mine: true, MyCases: true}).See)
	require.True(t, Everything().Whole() && Everything().See && Everything().Change)
}

// Whom no grant lets see the record sees, taking part, what the form shows, less what all their grants hide.
func TestAFormShowsNoMoreThanItNames(t *testing.T) {
	t.Parallel()
	rights := rightsOf(t, manyRights)
	fields := Fields{"company": "Tianhui", "phone": "13912345678", "need": "pumps", "source": "call"}
	asked := []string{"company", "phone", "need"}
	for _, tc := range []struct {
		roles []string
		want  Fields
	}{
		{nil, Fields{"company": "Tianhui", "phone": "13912345678", "need": "pumps"}},
		{[]string{"role:e"}, Fields{"company": "Tianhui", "phone": "13912345678", "need": "pumps"}},
		{[]string{"role:a"}, Fields{"company": "Tianhui", "phone": "13912345678"}},
		{[]string{"role:b"}, Fields{"company": "Tianhui", "phone": "139****5678"}},
		{[]string{"role:a", "role:b"}, Fields{"company": "Tianhui", "phone": "13912345678"}},
	} {
		sight := rights.Of(tc.roles).Form("lead", asked)
		require.Equal(t, tc.want, sight.Fields(fields), "%v", tc.roles)
		require.False(t, sight.See || sight.Change || sight.Whole())
		require.False(t, sight.Plain("source"))
	}
	require.True(t, rights.Of(nil).Form("customer", asked).Plain(asked...), "a type that no grant speaks of")
}

func TestMakingAndStarting(t *testing.T) {
	t.Parallel()
	rights := rightsOf(t, manyRights)
	require.True(t, rights.Of([]string{"role:a"}).Creates("lead"))
	require.False(t, rights.Of([]string{"role:b"}).Creates("lead"))
	require.True(t, rights.Of([]string{"role:a"}).Starts("review"))
	require.False(t, rights.Of([]string{"role:b"}).Starts("review"))
	require.Equal(t, []string{SeeDepartment}, rights.Of([]string{"role:a"}).Cases("review"))
	require.Empty(t, rights.Of([]string{"role:b"}).Cases("review"))
	require.Equal(t, []string{"lead", "quote"}, rights.Of(nil).Types())
	require.Equal(t, []string{"review"}, rights.Of(nil).Processes())
}

// Values that are no text can't be masked in part: masked, they aren't shown.
func TestOnlyTextIsMasked(t *testing.T) {
	t.Parallel()
	s := Sight{rest: true, covered: map[string]string{"x": "1*"}}
	for _, tc := range []struct {
		value, want any
		shown       bool
	}{
		{"ab", "a*", true}, {nil, nil, true}, {[]any{"ab", "cd"}, []any{"a*", "c*"}, true}, {12.5, nil, false}, {Money{Amount: 1}, nil, false},
		{[]any{"ab", 1.0}, nil, false}, {map[string]any{"amount": 1}, nil, false}, {true, nil, false},
	} {
		got, shown := s.Field("x", tc.value)
		require.Equal(t, tc.shown, shown, "%v", tc.value)
		require.Equal(t, tc.want, got, "%v", tc.value)
	}
}
