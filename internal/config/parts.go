package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/view"
)

// bind implements binder: the keys are the registry's names and aliases.
func (p *Providers) bind(r *reader, n *node, f field) {
	*p = Providers{}
	keys := map[string]string{} // that named a provider, by Spec.Name
	r.each(n, f, func(m member, f field) {
		s := named(r.reg, m.key)
		if s == nil {
			r.unknown(m, f, "provider", r.reg.Names())
			return
		}
		if earlier, again := keys[s.Name]; again {
			r.fail(m.at, f, strconv.Quote(earlier)+" and "+strconv.Quote(m.key)+" are both "+s.Title, "each provider once")
			return
		}
		keys[s.Name] = m.key
		part := defaultProvider()
		(*p)[s.Name] = part
		r.spec = s
		r.bind(m.value, reflect.ValueOf(part).Elem(), f)
	})
}

// named returns the provider that a key of "providers" names, nil where none does.
func named(reg provider.Registry, key string) *provider.Spec {
	i := slices.IndexFunc(reg, func(s *provider.Spec) bool { return s.Name == key || slices.Contains(s.Aliases, key) })
	if i < 0 {
		return nil
	}
	return reg[i]
}

// bind implements binder: the names are those of the provider's services.
func (s *Services) bind(r *reader, n *node, f field) {
	f.enum = serviceNames(r.spec)
	r.bindSlice(n, reflect.ValueOf((*[]string)(s)).Elem(), f)
}

// bind implements binder: no region is an empty text.
func (g *Regions) bind(r *reader, n *node, f field) {
	f.filled = true
	r.bindSlice(n, reflect.ValueOf((*[]string)(g)).Elem(), f)
}

// bind implements binder: what is not said is as by default.
func (l *RateLimit) bind(r *reader, n *node, f field) {
	*l = defaultRateLimit()
	r.bindStruct(n, reflect.ValueOf(l).Elem(), f)
	if burst := n.member("burst"); burst != nil && l.Burst > 0 && l.RequestsPerSecond == 0 {
		r.warn(burst.at, f.child("burst"), "has no effect without requests_per_second")
	}
}

// bind implements binder: an address has the form of one and is one that the server's client takes.
func (x *Redis) bind(r *reader, n *node, f field) {
	before := len(r.errs)
	r.bindStruct(n, reflect.ValueOf(x).Elem(), f)
	url := n.member("url")
	if url == nil || len(r.errs) > before {
		return
	}
	if err := cache.CheckRedisURL(string(x.URL)); err != nil {
		r.fail(url.at, f.child("url"), "cannot be used", err.Error())
	}
}

// bind implements binder: the keys are the views that have columns.
func (c *Columns) bind(r *reader, n *node, f field) {
	*c = Columns{}
	r.each(n, f, func(m member, f field) {
		if !slices.Contains(columnViews(), m.key) {
			r.unknown(m, f, "class", columnViews())
			return
		}
		var names []string
		f.filled = true
		r.bindSlice(m.value, reflect.ValueOf(&names).Elem(), f)
		(*c)[m.key] = names
		r.checkColumns(m, f)
	})
}

// checkColumns notes names that are no columns of the tables that a view is.
func (r *reader) checkColumns(m member, f field) {
	kinds := []view.Kind{view.Resources}
	switch m.key {
	case "offers":
		kinds = []view.Kind{view.Offers}
	case string(cloud.GPUs):
		kinds = append(kinds, view.Offers)
	}
	var names []string
	for _, kind := range kinds {
		for _, c := range view.Known(kind) {
			names = append(names, c.Name)
		}
	}
	for i, n := range m.value.items {
		known := func(kind view.Kind) bool {
			_, ok := view.Lookup(kind, n.text)
			return ok
		}
		if n.kind == text && n.text != "" && !slices.ContainsFunc(kinds, known) {
			r.fail(n.at, f.item(i), shown(n.text)+" is no column"+meant(n.text, names), oneOf(unique(names)))
		}
	}
}

// bind implements binder: keys and types are those of the provider's options.
func (o *Options) bind(r *reader, n *node, f field) {
	*o = Options{}
	r.each(n, f, func(m member, f field) {
		i := slices.IndexFunc(r.spec.Options, func(o provider.Option) bool { return o.Name == m.key })
		if i < 0 {
			r.unknown(m, f, "option of "+r.spec.Title, optionNames(r.spec))
			return
		}
		f.secret, f.enum = true, r.spec.Options[i].Values
		v := optionValue(r.spec.Options[i].Type)
		r.bind(m.value, v, f)
		(*o)[m.key] = v.Interface()
	})
}

func optionNames(s *provider.Spec) []string {
	names := make([]string, len(s.Options))
	for i, o := range s.Options {
		names[i] = o.Name
	}
	return names
}

// optionValue returns an empty value of an Option.Type.
func optionValue(kind string) reflect.Value {
	t := map[string]reflect.Type{
		"string": reflect.TypeFor[string](), "bool": reflect.TypeFor[bool](),
		"number": reflect.TypeFor[float64](), "strings": reflect.TypeFor[[]string](),
	}[kind]
	return reflect.New(t).Elem()
}

// bind implements binder: the keys are those of the method, or of all methods where none is named. No value is ever
// repeated in an error, nor a key that is none: they may be secrets in the wrong place.
func (a *Auth) bind(r *reader, n *node, f field) {
	*a = Auth{}
	f.secret = true
	method := ""
	if m := n.member(methodKey); m != nil && m.kind == text {
		method = m.text
	}
	keys, before := authKeys(r.spec, method), len(r.errs)
	r.each(n, f, func(m member, hidden field) {
		if !slices.Contains(keys, m.key) {
			r.unknownAuth(m, hidden, method, keys)
			return
		}
		var value string
		at := field{path: f.path + "." + m.key, rules: authRules(r.spec, m.key)}
		r.bind(m.value, reflect.ValueOf(&value).Elem(), at)
		(*a)[m.key] = value
		if r.lines == nil {
			r.lines = map[string]int{}
		}
		r.lines[r.spec.Name+"."+m.key], _ = place(r.data, m.at)
	})
	if len(*a) > 0 && len(r.errs) == before && len(fitting(r.spec, *a)) == 0 {
		r.fail(n.at, f, "its keys belong to several methods", `a "method"`)
	}
}

// unknownAuth notes a key that "auth" does not take. The key is only repeated where it is one of another method.
func (r *reader) unknownAuth(m member, hidden field, method string, keys []string) {
	if slices.Contains(authKeys(r.spec, ""), m.key) {
		r.fail(m.at, hidden, strconv.Quote(m.key)+" is no part of method "+strconv.Quote(method), oneOf(keys))
		return
	}
	r.unknown(m, hidden, "key", keys)
}

// envForm is what a name of an environment variable looks like.
const envForm = "^[A-Za-z_][A-Za-z0-9_]*$"

func authRules(s *provider.Spec, key string) rules {
	switch {
	case key == methodKey:
		return rules{secret: true, enum: methodNames(s)}
	case strings.HasPrefix(key, envPrefix):
		return rules{secret: true, pattern: envForm, example: exampleVariable(s, strings.TrimPrefix(key, envPrefix))}
	default:
		return rules{secret: true, filled: true}
	}
}

// exampleVariable returns the name of a variable that a value of a credential is usually in.
func exampleVariable(s *provider.Spec, name string) string {
	for _, m := range s.Auth {
		for _, f := range m.Fields {
			if f.Name == name && len(f.Env) > 0 {
				return f.Env[0]
			}
		}
	}
	return strings.ToUpper(s.Name + "_" + name)
}
