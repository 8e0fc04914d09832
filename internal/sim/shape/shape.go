// Package shape compares the JSON answers of a simulator with the published description of their fields.
package shape

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Diff lists in what the answers differ from the description; it is empty where they agree.
//
// A line of the description is a path and what may stand there:
//
//	instances[].id             int
//	instances[].actual_status  =running =stopped null
//	instances[].ports.*        array
//	instances[].webpage        string null absent
//
// [] stands for every element, * for every name. What may stand there is string, text (a string that is not empty),
// time (RFC 3339), date, int, number, bool, object, array, null, any, or a certain text, written with =. The last word
// absent says that the field may be missing. A path that begins with an object that is not there says nothing.
func Diff(published string, answers ...[]byte) []string {
	root := &node{}
	for line := range strings.Lines(published) {
		if words := strings.Fields(line); len(words) > 0 {
			at := root.at(words[0])
			at.kinds = append(at.kinds, words[1:]...)
		}
	}
	found := findings{}
	for _, data := range answers {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			found[fmt.Sprintf("the answer is not JSON: %s", err)] = true
			continue
		}
		root.compare("", v, found)
	}
	return slices.Sorted(maps.Keys(found))
}

// findings are said once, however many answers they are of.
type findings map[string]bool

// node is a place in the description.
type node struct {
	kinds  []string
	fields map[string]*node // "[]" are the elements, "*" all names that are not listed
}

// at returns the place of a path, and makes it where there is none.
func (n *node) at(path string) *node {
	path = strings.ReplaceAll(path, "[]", ".[]")
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		if n.fields == nil {
			n.fields = map[string]*node{}
		}
		if n.fields[step] == nil {
			n.fields[step] = &node{}
		}
		n = n.fields[step]
	}
	return n
}

func (n *node) compare(path string, v any, found findings) {
	if len(n.kinds) > 0 && !slices.ContainsFunc(n.kinds, func(kind string) bool { return is(kind, v) }) {
		text, _ := json.Marshal(v) // it was just decoded
		found[fmt.Sprintf("%s is %.60s, published is %s", path, text, strings.Join(n.kinds, " or "))] = true
		return
	}
	if n.fields == nil {
		return // its inside is not published
	}
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			if of := n.fields["[]"]; of != nil {
				of.compare(path+"[]", element, found)
			}
		}
	case map[string]any:
		n.compareFields(strings.TrimPrefix(path+".", "."), v, found)
	}
}

func (n *node) compareFields(prefix string, v map[string]any, found findings) {
	for name, value := range v {
		of, shown := n.fields[name], name
		if of == nil {
			of, shown = n.fields["*"], "*"
		}
		if of == nil {
			found[prefix+name+" is not published"] = true
			continue
		}
		of.compare(prefix+shown, value, found)
	}
	for name, of := range n.fields {
		if _, there := v[name]; !there && name != "*" && name != "[]" && !slices.Contains(of.kinds, "absent") {
			found[prefix+name+" is missing"] = true
		}
	}
}

// is reports whether a decoded value is of a kind.
func is(kind string, v any) bool {
	text, isText := v.(string)
	if want, certain := strings.CutPrefix(kind, "="); certain {
		return isText && text == want
	}
	n, isNumber := v.(float64)
	switch kind {
	case "any":
		return true
	case "null":
		return v == nil
	case "string":
		return isText
	case "text":
		return text != ""
	case "time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return isText && err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return isText && err == nil
	case "number":
		return isNumber
	case "int":
		return isNumber && n == math.Trunc(n)
	case "bool":
		_, ok := v.(bool)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	case "object":
		_, ok := v.(map[string]any)
		return ok
	}
	return false
}
