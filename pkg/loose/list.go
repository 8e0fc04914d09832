package loose

import (
	"encoding/json"
	"maps"
	"slices"
)

// List is a JSON array of objects whose elements do not spoil each other: of one that is not what is expected, the
// members that can be read are kept. Null is an empty list, and a null element the zero T.
type List[T any] struct {
	All  []T
	Odd  []Odd // what could not be read, in the order of the elements
	Told bool  // the answer has the list
}

// Odd is an element that could not be read in full.
type Odd struct {
	Index   int      // in the array
	Members []string // those that were left out, sorted; none: the whole element is no object, and was left out
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = List[T]{Told: true}
	if json.Unmarshal(data, &l.All) == nil {
		return nil
	}
	l.All = nil
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil {
		return Mistyped[[]any](data)
	}
	l.All = make([]T, 0, len(elements))
	for i, element := range elements {
		var v Object[T]
		if err := v.UnmarshalJSON(element); err != nil {
			l.Odd = append(l.Odd, Odd{Index: i})
			continue
		}
		l.All = append(l.All, v.Value)
		if len(v.Odd) > 0 {
			l.Odd = append(l.Odd, Odd{Index: i, Members: v.Odd})
		}
	}
	return nil
}

// Len is the number of the array's elements, be they left out or not.
func (l *List[T]) Len() int {
	n := len(l.All)
	for i := range l.Odd {
		if len(l.Odd[i].Members) == 0 {
			n++
		}
	}
	return n
}

// Object is a JSON object of which the members that can be read are kept where others cannot. Null is the zero T.
type Object[T any] struct {
	Value T
	Odd   []string // the members that were left out, sorted
}

// UnmarshalJSON implements json.Unmarshaler. The only error is that of data that is no object.
func (o *Object[T]) UnmarshalJSON(data []byte) error {
	*o = Object[T]{}
	if json.Unmarshal(data, &o.Value) == nil {
		return nil
	}
	if data[0] != '{' {
		return Mistyped[struct{}](data)
	}
	*o = Object[T]{}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		one, _ := json.Marshal(map[string]json.RawMessage{name: members[name]}) // what was just decoded
		before := o.Value
		if json.Unmarshal(one, &o.Value) != nil {
			o.Value = before
			o.Odd = append(o.Odd, name)
		}
	}
	return nil
}
