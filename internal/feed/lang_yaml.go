package feed

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Reasons for which YAML records are rejected.
const rejectYAML = "not a YAML record of this feed"

// fromYAML reads the first document of YAML. The library panics on some input.
func fromYAML(data []byte, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return yaml.Unmarshal(data, v)
}
