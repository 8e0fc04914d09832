package gcpsim

import "strings"

// mask is a partial response's selection: field by field, "*" for every key. An empty mask selects everything.
type mask map[string]mask

// parseMask reads a fields parameter: "a,b/c,d(e,f/g)".
func parseMask(s string) (mask, bool) {
	if s == "" {
		return nil, true
	}
	m := mask{}
	rest, ok := m.parse(s)
	return m, ok && rest == ""
}

// parse reads a list into m, up to its end or a closing parenthesis.
func (m mask) parse(s string) (rest string, ok bool) {
	for {
		if s, ok = m.path(s); !ok {
			return s, false
		}
		if !strings.HasPrefix(s, ",") {
			return s, true
		}
		s = s[1:]
	}
}

func (m mask) path(s string) (rest string, ok bool) {
	end := strings.IndexAny(s, ",/()")
	if end < 0 {
		end = len(s)
	}
	if end == 0 {
		return s, false
	}
	field := s[:end]
	if m[field] == nil {
		m[field] = mask{}
	}
	s = s[end:]
	switch {
	case strings.HasPrefix(s, "/"):
		return m[field].path(s[1:])
	case strings.HasPrefix(s, "("):
		if s, ok = m[field].parse(s[1:]); !ok || !strings.HasPrefix(s, ")") {
			return s, false
		}
		return s[1:], true
	}
	return s, true
}

// at returns the mask below a field, and whether the field is selected.
func (m mask) at(field string) (mask, bool) {
	if len(m) == 0 {
		return nil, true
	}
	below, ok := m[field]
	if !ok {
		below, ok = m["*"]
	}
	return below, ok
}

// has reports whether a path is selected.
func (m mask) has(path ...string) bool {
	for _, field := range path {
		var ok bool
		if m, ok = m.at(field); !ok {
			return false
		}
	}
	return true
}

// prune takes out of v what is not selected.
func (m mask) prune(v any) {
	if len(m) == 0 {
		return
	}
	switch v := v.(type) {
	case object:
		for k, x := range v {
			if below, ok := m.at(k); ok {
				below.prune(x)
			} else {
				delete(v, k)
			}
		}
	case []object:
		for _, x := range v {
			m.prune(x)
		}
	}
}

// apply returns what of v is selected.
func (m mask) apply(v any) any {
	if len(m) == 0 {
		return v
	}
	switch v := v.(type) {
	case object:
		out := object{}
		for k, x := range v {
			if below, ok := m.at(k); ok {
				out[k] = below.apply(x)
			}
		}
		return out
	case []object:
		out := make([]object, len(v))
		for i, x := range v {
			out[i], _ = m.apply(x).(object)
		}
		return out
	}
	return v
}
