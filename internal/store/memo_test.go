package store

import (
	"slices"
	"testing"
)

func TestMemo(t *testing.T) {
	t.Parallel()
	var m memo[string]
	ask := func(keys ...int64) (found map[int64]string, missing []int64) {
		found = map[int64]string{}
		return found, m.recall(found, keys)
	}
	if _, missing := ask(1, 2); !slices.Equal(missing, []int64{1, 2}) {
		t.Errorf("an empty memo lacks %v", missing)
	}
	m.remember(1, "one", memoBytes)
	m.remember(2, "two", memoBytes) // begins the other half
	if found, missing := ask(1, 2, 3); found[1] != "one" || found[2] != "two" || !slices.Equal(missing, []int64{3}) {
		t.Errorf("two halves have %v and lack %v", found, missing)
	}
	m.remember(3, "three", memoBytes)
	if found, missing := ask(1, 2, 3); len(found) != 2 || !slices.Equal(missing, []int64{1}) {
		t.Errorf("what is oldest is not forgotten: %v, %v", found, missing)
	}
}
