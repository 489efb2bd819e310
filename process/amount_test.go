package process

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The examples of 《正确填写票据和结算凭证的基本规定》, then the edges. Where it leaves a 零 free, none is written.
func TestAmountsAreWrittenInWords(t *testing.T) {
	t.Parallel()
	for amount, want := range map[int64]string{
		1_409_50: "壹仟肆佰零玖元伍角", 6_007_14: "陆仟零柒元壹角肆分", 1_680_32: "壹仟陆佰捌拾元叁角贰分", 107_000_53: "壹拾万柒仟元伍角叁分",
		16_409_02: "壹万陆仟肆佰零玖元零贰分", 325_04: "叁佰贰拾伍元零肆分",
		120_000_00: "壹拾贰万元整", 10_00: "壹拾元整", 15_00: "壹拾伍元整", 100_00: "壹佰元整", 101_00: "壹佰零壹元整", 1_010_00: "壹仟零壹拾元整", 10_010_00: "壹万零壹拾元整",
		100_100_00: "壹拾万零壹佰元整", 1_000_001_00: "壹佰万零壹元整", 10_001_000_00: "壹仟万壹仟元整", 100_000_000_00: "壹亿元整", 100_000_001_00: "壹亿零壹元整",
		100_010_000_00: "壹亿零壹万元整", 110_000_000_00: "壹亿壹仟万元整", 1_000_000_000_000_00: "壹万亿元整", 1_000_100_000_000_00: "壹万零壹亿元整",
		0: "零元整", 5: "伍分", 50: "伍角", 35: "叁角伍分", 1_00: "壹元整", 1_05: "壹元零伍分", 10_05: "壹拾元零伍分", -20_00: "负贰拾元整", -5: "负伍分",
		math.MinInt64: "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分",
	} {
		require.Equal(t, want, Money{Amount: amount, Currency: "CNY"}.InWords(), amount)
	}
	require.Empty(t, Money{Amount: 120_000_00, Currency: "USD"}.InWords())
}

// Read back, the words are the amount: nothing is lost between the digits, and no two zeros stand together.
func TestLawAmountsInWordsAreTheAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 1e16).Draw(t, "amount")
		words := Money{Amount: amount, Currency: "CNY"}.InWords()
		require.Equal(t, amount, readWords(words), words)
		require.NotContains(t, words, "零零")
		require.Equal(t, amount%100 == 0, strings.HasSuffix(words, "整"))
	})
}

// readWords reads an amount in capital characters: ranks multiply the digit before them, 万 and 亿 all that is before them.
func readWords(words string) (cents int64) {
	var digit, below, total int64
	for _, r := range words {
		switch {
		case strings.ContainsRune(string(bigDigits), r):
			digit = int64(strings.IndexRune(string(bigDigits), r) / len("零"))
			continue
		case strings.ContainsRune("拾佰仟", r):
			below += digit * map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}[r]
		case r == '万':
			below = (below + digit) * 1e4
			total, below = total+below, 0
		case r == '亿':
			total, below = (total+below+digit)*1e8, 0
		case r == '元':
			cents = (total + below + digit) * 100
		case r == '角':
			cents += digit * 10
		case r == '分':
			cents += digit
		}
		digit = 0
	}
	return cents
}
