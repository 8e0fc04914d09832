package cloudflare

import (
	"encoding/json"
	"fmt"
)

// members calls member with the name of each member of an object; it reads the value. Null is an empty object.
func members(from *json.Decoder, member func(name string) error) error {
	return inside(from, '{', func() error {
		t, err := from.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // the decoder takes nothing else for a name
		return member(name)
	})
}

// within calls read at the value of one member of an object.
func within(from *json.Decoder, name string, read func() error) error {
	return members(from, func(is string) error {
		if is == name {
			return read()
		}
		return skip(from)
	})
}

// elements calls element at each element of an array, which it reads. Null is an empty array.
func elements(from *json.Decoder, element func() error) error { return inside(from, '[', element) }

// inside calls read as long as what opens with a token has more. Null has nothing.
func inside(from *json.Decoder, open json.Delim, read func() error) error {
	t, err := from.Token()
	switch {
	case err != nil, t == nil:
		return err
	case t != open:
		return fmt.Errorf("%q is expected, and the answer has %T", open, t)
	}
	for from.More() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = from.Token()
	return err
}

func skip(from *json.Decoder) error { return from.Decode(new(json.RawMessage)) }

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
