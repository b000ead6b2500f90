package ecosystem

// appendR appends the key of a version of R's packages: numbers with "." or
// "-" between them, which mean the same. A missing number is 0, so that 1.0
// equals 1.0.0, as for R's operators and unlike for its compareVersion.
// Sources: Writing R Extensions, section "The DESCRIPTION file", Version; R,
// help pages of numeric_version and compareVersion.
func appendR(dst []byte, v string) ([]byte, bool) {
	zeros := 0
	for i := 0; ; {
		j := digitsEnd(v, i)
		if j == i {
			return dst, false
		}
		start := len(dst)
		dst = appendNumber(dst, v[i:j])
		if dst[start] == numberMin {
			dst = dst[:start]
			zeros++
		} else if zeros > 0 {
			dst = appendNumber(appendZeros(dst[:start], zeros), v[i:j])
			zeros = 0
		}
		switch {
		case j == len(v):
			return dst, true
		case v[j] != '.' && v[j] != '-':
			return dst, false
		}
		i = j + 1
	}
}
