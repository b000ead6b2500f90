// Package org has the nouns of who owns what: accounts, and the scope of
// accounts that a caller may see.
package org

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strconv"
)

// accountDigits is the length of an account id.
// Source: Amazon Inspector API, type AccountId.
const accountDigits = 12

// Account is the id of an account: a number of 12 digits. The zero Account is
// nobody's.
type Account int64

// ParseAccount reads an account id.
func ParseAccount(s string) (Account, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || len(s) != accountDigits || n == 0 {
		return 0, fmt.Errorf("account %q: want %d digits, not all zero", s, accountDigits)
	}
	return Account(n), nil
}

// RandomAccount returns an id that begins with no zero, which spreadsheets drop.
func RandomAccount() Account {
	const least, most = 100_000_000_000, 999_999_999_999
	n, err := rand.Int(rand.Reader, big.NewInt(most-least+1))
	if err != nil {
		panic(err) // the system's source of chance does not fail
	}
	return Account(least + n.Int64())
}

// String returns the id with its leading zeros.
func (a Account) String() string { return fmt.Sprintf("%0*d", accountDigits, int64(a)) }

// Scope is the set of accounts that a caller may see and change. The zero
// scope sees nothing.
type Scope struct {
	accounts []Account // sorted, each once
}

// Only returns the scope of these accounts and no others.
func Only(accounts ...Account) Scope {
	list := slices.DeleteFunc(slices.Clone(accounts), func(a Account) bool { return a == 0 })
	slices.Sort(list)
	return Scope{slices.Compact(list)}
}

// Has tells whether the account is in the scope.
func (s Scope) Has(a Account) bool {
	_, found := slices.BinarySearch(s.accounts, a)
	return found
}

// Accounts returns the accounts of the scope in ascending order; the caller
// may keep the list.
func (s Scope) Accounts() []Account { return slices.Clone(s.accounts) }

// Narrow returns the part of the scope that is in the list. It never adds an
// account.
func (s Scope) Narrow(accounts ...Account) Scope {
	return Only(slices.DeleteFunc(slices.Clone(accounts), func(a Account) bool { return !s.Has(a) })...)
}
