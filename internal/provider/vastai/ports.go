package vastai

import (
	"slices"
	"strings"

	"github.com/adsops/cloudtop/pkg/loose"
)

// strlist is a list of texts, or one text with blanks between them.
type strlist []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *strlist) UnmarshalJSON(data []byte) error {
	var w word
	if w.UnmarshalJSON(data) == nil {
		*l = strings.Fields(string(w))
		return nil
	}
	if !decode(data, (*[]string)(l)) {
		return loose.Mistyped[[]string](data)
	}
	return nil
}

// portmap is the open ports as "22/tcp:20000", container port first. The API tells an object by container port for
// running instances and a list of numbers in another description.
type portmap []string

// UnmarshalJSON implements json.Unmarshaler.
func (p *portmap) UnmarshalJSON(data []byte) error {
	*p = nil
	var byPort map[string][]struct {
		HostPort word `json:"HostPort"`
	}
	if decode(data, &byPort) {
		for port, hosts := range byPort {
			for _, h := range hosts {
				*p = append(*p, port+":"+string(h.HostPort))
			}
		}
		slices.Sort(*p)
		*p = slices.Compact(*p) // one for IPv4 and one for IPv6
		return nil
	}
	var list []word
	if !decode(data, &list) {
		return loose.Mistyped[[]string](data)
	}
	for _, w := range list {
		*p = append(*p, string(w))
	}
	return nil
}
