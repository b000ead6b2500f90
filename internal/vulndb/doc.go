// Package vulndb builds and reads the advisory database: one immutable file,
// mapped into memory, that answers what is stated about a package name without
// being loaded. What changes daily and never decides a match (exploitation,
// scores of others, texts of CVEs) lies in a second file beside it.
//
// A database is one header and seven sections, all numbers little-endian:
//
//	T  words used everywhere, and the ecosystems
//	K  the hash of every package name, sorted, with its place in R
//	R  the statements of each name, in one run
//	S  version texts with their order-preserving keys, package names
//	A  heads of the advisories, of fixed size, sorted by source and id
//	L  every id in text order, with its flaw and its advisories
//	D  a dictionary for Z
//	Z  the advisories themselves, in zstd blocks
//
// Looking a name up touches T, K, R, S and A only.
package vulndb
