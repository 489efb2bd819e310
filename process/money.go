package process

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Currencies of ISO 4217 in use.
const currencies = `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP
CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG`

// minorDigits are the currencies (ISO 4217) whose minor unit isn't a hundredth.
var minorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// MinorDigits are the currencies whose minor unit isn't a hundredth, with how many digits it has.
func MinorDigits() map[string]int { return maps.Clone(minorDigits) }

func knownCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Contains(currencies, code)
}

func digitsOf(currency string) int {
	if d, ok := minorDigits[currency]; ok {
		return d
	}
	return 2
}

// Multipliers of amounts as people in China write them.
var multipliers = map[string]int64{"": 1, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}

// moneyLiteral is an amount in major units with its currency: 500000 CNY, 50万 CNY, 1.5亿 CNY.
var moneyLiteral = regexp.MustCompile(`([0-9][0-9_,]*(?:\.[0-9]+)?)\s*(千万|百万|千|万|亿)?\s*([A-Z]{3})\b`)

// parseMoney reads a money literal that is the whole text.
func parseMoney(s string) (Money, bool) {
	m := moneyLiteral.FindStringSubmatch(s)
	if m == nil || m[0] != s || !knownCurrency(m[3]) {
		return Money{}, false
	}
	amount, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", "_", "").Replace(m[1]))
	if !ok {
		return Money{}, false
	}
	amount.Mul(amount, new(big.Rat).SetInt64(multipliers[m[2]]))
	for range digitsOf(m[3]) {
		amount.Mul(amount, big.NewRat(10, 1))
	}
	if !amount.IsInt() || !amount.Num().IsInt64() {
		return Money{}, false
	}
	return Money{Amount: amount.Num().Int64(), Currency: m[3]}, true
}

var percentLiteral = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?%`)

func parsePercent(s string) (float64, bool) {
	if percentLiteral.FindString(s) != s {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	return x, err == nil
}

// String writes the amount in major units, "500,000.00 CNY".
func (m Money) String() string {
	digits := digitsOf(m.Currency)
	s := new(big.Int).Abs(big.NewInt(m.Amount)).String()
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	whole, fraction := s[:len(s)-digits], s[len(s)-digits:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if m.Amount < 0 {
		whole = "-" + whole
	}
	return fmt.Sprintf("%s %s", whole, m.Currency)
}
