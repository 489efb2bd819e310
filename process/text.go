package process

// Text is something people read, in the languages crmflow speaks. A definition may give one plain string; then both are that string.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Same is a text that reads the same in every language, such as a name or a number.
func Same(s string) Text { return Text{ZH: s, EN: s} }

// In gives the text in a language ("zh" or "en"); an unknown language or a missing translation falls back to the other one.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// Empty says whether there is nothing to read in any language.
func (t Text) Empty() bool { return t.ZH == "" && t.EN == "" }
