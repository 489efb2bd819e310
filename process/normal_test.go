package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPhonesAreTheSameHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	phone := &Field{Name: "phone", Type: "phone"}
	for _, same := range [][]string{
		{"13800001234", "138-0000-1234", "138 0000 1234", "+86 138 0000 1234", "0086 13800001234", "8613800001234", "１３８００００１２３４"},
		{"021-55550000", "+86 21 5555 0000", "(021) 5555 0000", "0086-21-55550000"},
		{"+49 30 1234567", "0049 30 1234567", "+49 (30) 1234567"},
	} {
		for _, written := range same {
			require.Equal(t, phone.Normal(same[0]), phone.Normal(written), written)
		}
	}
	require.NotEqual(t, phone.Normal("13800001234"), phone.Normal("13800001235"))
	require.NotEqual(t, phone.Normal("021-55550000"), phone.Normal("55550000"))
	require.Empty(t, phone.Normal(nil))
}

func TestTextsAreTheSameWithoutSpacesAndCapitals(t *testing.T) {
	t.Parallel()
	text := &Field{Name: "code", Type: "text"}
	for _, written := range []string{"abc 1", " ABC  1 ", "ＡＢＣ　１"} {
		require.Equal(t, "abc 1", text.Normal(written))
	}
	require.Equal(t, "r1", text.Normal(Reference{Type: "customer", ID: "r1", Title: "X"}))
}

func TestCompaniesAreAlikeWhateverTheirForm(t *testing.T) {
	t.Parallel()
	company := &Field{Name: "company", Type: "text"}
	alike := func(a, b string) float64 { return Alike(company.Grams(a), company.Grams(b)) }
	for _, same := range [][2]string{
		{"海川机械有限公司", "海川机械"}, {"海川机械有限公司", "海川机械股份有限公司"}, {"海川机械（上海）有限公司", "海川机械(上海)有限责任公司"},
		{"Haichuan Machinery Co., Ltd.", "HAICHUAN MACHINERY"}, {"Müller GmbH & Co. KG", "müller"}, {"海 川 机 械", "海川机械"}, {"海川集团有限公司", "海川"},
	} {
		require.InDelta(t, 1, alike(same[0], same[1]), 1e-9, "%v", same)
	}
	for _, similar := range [][2]string{{"上海海川机械有限公司", "海川机械"}, {"常州天汇泵业", "常州市天汇泵业有限公司"}, {"Haichuan Machinery", "Haichuan Machinery Shanghai"}} {
		require.GreaterOrEqual(t, alike(similar[0], similar[1]), Similar, "%v", similar)
	}
	phone := &Field{Name: "phone", Type: "phone"}
	require.InDelta(t, 1, Alike(phone.Grams("138 0000 1234"), phone.Grams("+8613800001234")), 1e-9)
	require.Zero(t, Alike(phone.Grams("13800001234"), phone.Grams("13800001235")), "a number is the same or another one")
	for _, other := range [][2]string{{"上海天汇机械有限公司", "上海海川机械有限公司"}, {"海川机械", "大川电子"}, {"有限公司", "海川有限公司"}, {"", "海川"}} {
		require.Less(t, alike(other[0], other[1]), Similar, "%v", other)
	}
}

func TestAFieldTakesFilesByTheirContent(t *testing.T) {
	t.Parallel()
	photos := &Field{Name: "photos", Type: "file", Accept: []string{"image", ".dwg"}, MaxSize: 20 << 20}
	require.Nil(t, photos.Takes("a.png", "image/png", 20<<20))
	require.Nil(t, photos.Takes("drawing.DWG", "application/octet-stream", 5))
	require.Contains(t, photos.Takes("a.png", "application/octet-stream", 5).Message.EN, "image, .dwg")
	require.Contains(t, photos.Takes("a.png", "image/png", 21<<20).Message.EN, "21 MB; at most 20 MB")
	require.Nil(t, (&Field{Type: "file"}).Takes("x", "application/octet-stream", 1<<40))
	require.Nil(t, (&Field{Type: "file", Accept: []string{"document"}}).Takes("a.pdf", "application/pdf", 1))
}

// What is seen is bound to the attachments' content: the same name with other bytes is something else.
func TestADigestCoversAttachments(t *testing.T) {
	t.Parallel()
	one := Fields{"report": FileRef{ID: "f", Name: "a.pdf", Size: 5, SHA256: "aa"}, "photos": []any{FileRef{ID: "g", SHA256: "bb"}}}
	names := []string{"report", "photos"}
	for _, other := range []Fields{
		one.With(Fields{"report": FileRef{ID: "f", Name: "a.pdf", Size: 5, SHA256: "ab"}}),
		one.With(Fields{"photos": []any{FileRef{ID: "g", SHA256: "bc"}}}),
	} {
		require.NotEqual(t, Digest(one, names), Digest(other, names))
	}
}
