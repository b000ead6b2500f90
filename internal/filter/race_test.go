//go:build race

package filter

// agreeing is how many findings memory and SQL have to agree on. The race
// detector makes the embedded database some thirty times slower, and the test
// has no races to look for.
const agreeing = 500
