package config

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/provider"
)

// reader binds the values of a file to Go values and notes every error on the way.
type reader struct {
	file string
	data []byte
	reg  provider.Registry
	spec *provider.Spec // whose part is being read
	errs []*Error
	odd  []string // warnings

	lines map[string]int // of the keys of "auth", by provider and key
}

// binder is a value that only knows at run time which keys or values it takes.
type binder interface {
	bind(r *reader, n *node, f field)
}

// field is where a value stands in the file, and what it must keep to.
type field struct {
	path string
	rules
}

// child returns the field of a key.
func (f field) child(key string) field {
	switch {
	case f.secret: // it may be the secret itself, in the wrong place
		key = "(key)"
	case !plain(key):
		key = shown(key)
	}
	if f.path != "" {
		key = f.path + "." + key
	}
	return field{path: key}
}

// item returns the field of a list's item.
func (f field) item(i int) field {
	return field{path: f.path + "[" + strconv.Itoa(i) + "]", rules: f.rules}
}

// plain reports whether a key can stand in a path as it is.
func plain(key string) bool {
	odd := func(c rune) bool {
		return !strings.ContainsRune("_-$0123456789", c) && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}
	return key != "" && len(key) <= longest && !strings.ContainsFunc(key, odd)
}

func (r *reader) fail(at int, f field, problem, expected string) {
	line, column := place(r.data, at)
	r.errs = append(r.errs, &Error{
		File: r.file, Line: line, Column: column, Field: f.path, Problem: problem, Expected: expected, offset: at,
	})
}

// warn notes what is of no use but no error.
func (r *reader) warn(at int, f field, problem string) {
	line, column := place(r.data, at)
	r.odd = append(r.odd, (&Error{File: r.file, Line: line, Column: column, Field: f.path, Problem: problem}).Error())
}

// err returns all errors in the order of the file, nil where there is none.
func (r *reader) err() error {
	slices.SortStableFunc(r.errs, func(a, b *Error) int { return cmp.Compare(a.offset, b.offset) })
	errs := make([]error, len(r.errs))
	for i, e := range r.errs {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// is reports whether n is of that kind, and notes an error if not.
func (r *reader) is(n *node, want kind, f field) bool {
	if n.kind != want {
		r.wrong(n, f, string(want))
	}
	return n.kind == want
}

// wrong notes that n is of the wrong kind. The value is not repeated: it may be a secret in the wrong place.
func (r *reader) wrong(n *node, f field, expected string) {
	found := string(n.kind)
	if n.kind == truth {
		found = n.text
	}
	r.fail(n.at, f, "is "+found, expected)
}

// bind sets v, which is addressable, to what n says. What n does not say stays as it is.
func (r *reader) bind(n *node, v reflect.Value, f field) {
	switch own := v.Addr().Interface().(type) {
	case binder:
		own.bind(r, n, f)
		return
	case *Duration:
		r.bindDuration(n, own, f)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.bindStruct(n, v, f)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.bind(n, v.Elem(), f)
	case reflect.Slice:
		r.bindSlice(n, v, f)
	case reflect.String:
		f.secret = f.secret || v.Type() == reflect.TypeFor[Secret]()
		if r.keepsText(n, f) {
			v.SetString(n.text)
		}
	case reflect.Bool:
		if r.is(n, truth, f) {
			v.SetBool(n.text == "true")
		}
	case reflect.Int:
		if r.keepsNumber(n, f, v.Kind()) {
			i, _ := strconv.Atoi(n.text)
			v.SetInt(int64(i))
		}
	case reflect.Float64:
		if r.keepsNumber(n, f, v.Kind()) {
			x, _ := strconv.ParseFloat(n.text, 64)
			v.SetFloat(x)
		}
	default:
		panic("config: no value of a file can be a " + v.Type().String())
	}
}

// each calls do for every member of an object: once per key.
func (r *reader) each(n *node, f field, do func(m member, f field)) {
	if !r.is(n, object, f) {
		return
	}
	first := map[string]int{}
	for _, m := range n.members {
		if at, again := first[m.key]; again {
			line, _ := place(r.data, at)
			r.fail(m.at, f.child(m.key), "is here twice, first in line "+strconv.Itoa(line), "each key once")
			continue
		}
		first[m.key] = m.at
		do(m, f.child(m.key))
	}
}

func (r *reader) bindStruct(n *node, v reflect.Value, f field) {
	keys, fields := structKeys(v.Type())
	r.each(n, f, func(m member, f field) {
		i := slices.Index(keys, m.key)
		if i < 0 {
			r.unknown(m, f, "key", keys)
			return
		}
		f.rules = rulesOf(fields[i].Tag)
		r.bind(m.value, v.FieldByIndex(fields[i].Index), f)
	})
}

// structKeys returns the keys that a struct takes, and the field of each.
func structKeys(t reflect.Type) (keys []string, fields []reflect.StructField) {
	for f := range t.Fields() {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" {
			keys, fields = append(keys, key), append(fields, f)
		}
	}
	return keys, fields
}

// unknown notes a key that is none of names.
func (r *reader) unknown(m member, f field, what string, names []string) {
	r.fail(m.at, f, "unknown "+what+meant(m.key, names), oneOf(names))
}

func (r *reader) bindSlice(n *node, v reflect.Value, f field) {
	if !r.is(n, list, f) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		r.bind(item, v.Index(i), f.item(i))
	}
}
