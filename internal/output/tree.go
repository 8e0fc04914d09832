package output

import (
	"time"
	"unicode/utf8"
)

// tree builds the values that encoding/json would decode, for jq.
type tree struct {
	root  any
	stack []branch
}

// branch is an object or array that is being built.
type branch struct {
	object map[string]any
	array  []any
	key    string
}

func (t *tree) put(v any) {
	if len(t.stack) == 0 {
		t.root = v
		return
	}
	top := &t.stack[len(t.stack)-1]
	if top.object != nil {
		top.object[top.key] = v
	} else {
		top.array = append(top.array, v)
	}
}

func (t *tree) pop() branch {
	top := t.stack[len(t.stack)-1]
	t.stack = t.stack[:len(t.stack)-1]
	return top
}

func (t *tree) object()          { t.stack = append(t.stack, branch{object: map[string]any{}}) }
func (t *tree) endObject()       { t.put(t.pop().object) }
func (t *tree) array()           { t.stack = append(t.stack, branch{array: []any{}}) }
func (t *tree) endArray()        { t.put(t.pop().array) }
func (t *tree) key(name string)  { t.stack[len(t.stack)-1].key = valid(name) }
func (t *tree) number(v float64) { t.put(v) }
func (t *tree) integer(v int64)  { t.put(int(v)) }
func (t *tree) boolean(v bool)   { t.put(v) }
func (t *tree) time(v time.Time) { t.put(v.Format(timeLayout)) }
func (t *tree) null()            { t.put(nil) }
func (t *tree) text(s string)    { t.put(valid(s)) }

// valid returns s with U+FFFD for each byte that is not UTF-8, as in JSON.
func valid(s string) string {
	if !utf8.ValidString(s) {
		return string([]rune(s))
	}
	return s
}
