package loose

import (
	"encoding/json"
	"fmt"
)

// Members reads an object as it arrives: it calls member with the name of each member, whose value member reads. Null is
// an empty object.
func Members(from *json.Decoder, member func(name string) error) error {
	return inside(from, '{', func() error {
		t, err := from.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // the decoder takes nothing else for a name
		return member(name)
	})
}

// Elements reads an array as it arrives: it calls element at each of its elements, which element reads. Null is an
// empty array.
func Elements(from *json.Decoder, element func() error) error { return inside(from, '[', element) }

// Skip reads a value and forgets it.
func Skip(from *json.Decoder) error { return from.Decode(new(json.RawMessage)) }

// inside calls read as long as what opens with a token has more.
func inside(from *json.Decoder, open json.Delim, read func() error) error {
	t, err := from.Token()
	switch {
	case err != nil, t == nil:
		return err
	case t != open:
		return fmt.Errorf("%q is expected, and the answer has a %s", open, kindOf(t))
	}
	for from.More() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = from.Token()
	return err
}

func kindOf(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		return fmt.Sprintf("%q", t)
	case string:
		return "text"
	case bool:
		return "flag"
	}
	return "number"
}
