package ecosystem

import "encoding/binary"

// Keys are made of marks and numbers. A mark is a byte below numberMin or
// above numberMax, chosen per ecosystem so that it sorts where it must among
// the other marks and the numbers; a number is one byte, or a length and its
// digits, so that the longer number is the greater one. No number's bytes are
// the beginning of another's.
const (
	numberMin   = 0x20 // the number 0
	numberSmall = 208  // numbers below it are one byte, up to 0xef
	numberLong  = 0xf0 // + n-1: n bytes of a number below 1e19, n from 1 to 8
	numberHuge  = 0xf8 // two bytes length and the decimal digits
	textMark    = 0xff // text that sorts after numbers; ends with textEnd
	textEnd     = 0x00 // below every byte that text may hold
)

// appendNumber appends the number written in decimal in digits; leading zeros
// and an empty string are nothing.
func appendNumber(dst []byte, digits string) []byte {
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) > 19 {
		dst = append(dst, numberHuge)
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(digits))) //nolint:gosec // at most maxVersion
		return append(dst, digits...)
	}
	var n uint64
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return appendUint(dst, n)
}

// appendUint appends n as appendNumber does.
func appendUint(dst []byte, n uint64) []byte {
	if n < numberSmall {
		return append(dst, numberMin+byte(n))
	}
	size := byte(1)
	for rest := n >> 8; rest > 0; rest >>= 8 {
		size++
	}
	dst = append(dst, numberLong+size-1)
	for shift := 8 * int(size-1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift)) //nolint:gosec // the low byte is wanted
	}
	return dst
}

// appendZeros appends n times the number 0.
func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, numberMin)
	}
	return dst
}

// appendLower appends s with ASCII letters in lower case.
func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, lower(s[i]))
	}
	return dst
}

// digitsEnd returns where the run of digits that starts at s[i] ends.
func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// lettersEnd returns where the run of ASCII letters that starts at s[i] ends.
func lettersEnd(s string, i int) int {
	for i < len(s) && isLetter(s[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c-'0' < 10 }

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

func lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

// cutPrefixFold is strings.CutPrefix that takes ASCII letters of any case;
// prefix must be in lower case.
func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) {
		return s, false
	}
	for i := range len(prefix) {
		if lower(s[i]) != prefix[i] {
			return s, false
		}
	}
	return s[len(prefix):], true
}
