package cloudflare

import (
	"encoding/json"

	"github.com/adsops/cloudtop/pkg/loose"
)

// within calls read at the value of one member of an object.
func within(from *json.Decoder, name string, read func() error) error {
	return loose.Members(from, func(is string) error {
		if is == name {
			return read()
		}
		return loose.Skip(from)
	})
}

// rest reads what is left of the value that begins with t.
func rest(from *json.Decoder, t json.Token) error {
	for depth := 0; ; {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if t, err = from.Token(); err != nil {
			return err
		}
	}
}
