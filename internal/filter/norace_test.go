//go:build !race

package filter

// agreeing is how many findings memory and SQL have to agree on.
const agreeing = 5000
