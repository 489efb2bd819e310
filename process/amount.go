package process

import (
	"math/big"
	"strings"
)

// Digits and ranks of amounts that can't be altered on paper.
// Source: 中国人民银行《支付结算办法》附一《正确填写票据和结算凭证的基本规定》.
var (
	bigDigits = []rune("零壹贰叁肆伍陆柒捌玖")
	bigRanks  = []string{"", "拾", "佰", "仟"}
)

// InWords writes an amount of yuan in capital characters, as contracts and vouchers have it: 壹拾贰万元整. Zeros between digits become one 零, also between
// yuan and fen where there is no jiao; those at the end of the yuan are not written. 整 follows what ends with yuan, and nothing else. Of other currencies
// nobody writes such amounts: it is empty.
func (m Money) InWords() string {
	if m.Currency != "CNY" {
		return ""
	}
	cents := new(big.Int).Abs(big.NewInt(m.Amount)) // the smallest amount has no opposite
	yuan, rest := new(big.Int).QuoRem(cents, big.NewInt(100), new(big.Int))
	n, jiao, fen := yuan.Int64(), rest.Int64()/10, rest.Int64()%10
	var b strings.Builder
	if m.Amount < 0 {
		b.WriteString("负")
	}
	if n > 0 || jiao+fen == 0 {
		b.WriteString(inCapitals(n) + "元")
	}
	switch {
	case jiao+fen == 0:
		b.WriteString("整")
	case jiao > 0:
		b.WriteString(string(bigDigits[jiao]) + "角")
	case n > 0:
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(string(bigDigits[fen]) + "分")
	}
	return b.String()
}

// inCapitals writes a whole number: by 亿 and 万, and below these by ranks.
func inCapitals(n int64) string {
	switch {
	case n >= 1e8:
		return inCapitals(n/1e8) + "亿" + behind(n%1e8, 1e8)
	case n >= 1e4:
		return inCapitals(n/1e4) + "万" + behind(n%1e4, 1e4)
	}
	for rank, unit := 3, int64(1000); rank > 0; rank, unit = rank-1, unit/10 {
		if n >= unit {
			return string(bigDigits[n/unit]) + bigRanks[rank] + behind(n%unit, unit)
		}
	}
	return string(bigDigits[n])
}

// behind writes what follows a rank, with a 零 where the rank below has nothing.
func behind(n, rank int64) string {
	switch {
	case n == 0:
		return ""
	case n < rank/10:
		return "零" + inCapitals(n)
	}
	return inCapitals(n)
}
