package feed

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// rejectTOML is the reason for which a document is rejected as a whole.
const rejectTOML = "not a TOML record of this feed"

// fromTOML reads a document. The library takes a key in any case, so that of two
// that differ in case alone it would take now this one and now that.
func fromTOML(data []byte, out any) error {
	read, err := toml.Decode(string(data), out)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	for _, key := range read.Keys() {
		name := key.String()
		folded := strings.ToLower(name)
		if before, ok := seen[folded]; ok && before != name {
			return fmt.Errorf("the keys %q and %q differ in case alone", before, name)
		}
		seen[folded] = name
	}
	return nil
}
