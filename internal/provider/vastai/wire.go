package vastai

import (
	"encoding/json"

	"github.com/adsops/cloudtop/pkg/loose"
)

// The API is loose with types (os_version is "18.04" in one example and 18.04 in another), so these stand for its own.
type (
	number = loose.Number
	word   = loose.Text
	flag   = loose.Flag
	moment = loose.Time
)

// decode reports whether data is a T, and fills out with it.
func decode[T any](data []byte, out *T) bool { return json.Unmarshal(data, out) == nil }
