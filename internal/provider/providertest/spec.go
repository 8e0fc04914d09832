package providertest

import (
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// specChecks look at the Spec alone.
func (s *suite) specChecks() []check {
	return []check{
		{name: "spec/provider", run: s.specOfProvider},
		{name: "spec/services", run: s.specOfServices},
		{name: "spec/auth", run: s.specOfAuth},
		{name: "spec/limits", run: s.specOfLimits},
	}
}

// hostPattern is a host name, or where a machine is told its own identity: localhost, or an address.
var hostPattern = regexp.MustCompile(`^([a-z0-9*][a-z0-9.*-]*\.[a-z]{2,}|localhost|\d+(\.(\d+|\*))+)$`)

func (s *suite) specOfProvider(t testing.TB) {
	p := s.spec
	for what, bad := range map[string]bool{
		"Name is no lower_snake word":      !snakeCase.MatchString(p.Name),
		"Name is not the simulator's":      p.Name != s.prepare(t, setup{}).cloud.Name(),
		"Title is missing":                 p.Title == "",
		"Short is longer than a letter":    len(p.Short) > 1,
		"Open is missing":                  p.Open == nil,
		"Services are missing":             len(p.Services) == 0,
		"Auth is missing":                  len(p.Auth) == 0,
		"Docs are missing":                 len(p.Docs) == 0,
		"Permissions are missing":          p.Permissions == "",
		"Hosts are missing":                len(p.Hosts) == 0,
		"a host is a scheme or has a path": slices.ContainsFunc(p.Hosts, func(h string) bool { return !hostPattern.MatchString(h) && net.ParseIP(h) == nil }),
		"a page of Docs is no https URL":   slices.ContainsFunc(p.Docs, func(d string) bool { return !strings.HasPrefix(d, "https://") }),
	} {
		if bad {
			t.Errorf("%s: %+v", what, *p)
		}
	}
	mustBeUnique(t, "names and aliases", append([]string{p.Name}, p.Aliases...))
	var options []string
	for _, o := range p.Options {
		options = append(options, o.Name)
		if !snakeCase.MatchString(o.Name) || o.Help == "" || !slices.Contains([]string{"string", "bool", "number", "strings"}, o.Type) {
			t.Errorf("option %+v: want a lower_snake name, a type of string, bool, number or strings, and help", o)
		}
	}
	mustBeUnique(t, "options", options)
	for _, h := range s.prepare(t, setup{}).cloud.Hosts() {
		if !slices.Contains(p.Hosts, h) {
			t.Logf("the simulator answers at %s, which is not in Spec.Hosts", h)
		}
	}
}

func (s *suite) specOfServices(t testing.TB) {
	var names []string
	for _, svc := range s.spec.Services {
		names = append(append(names, svc.Name), svc.Aliases...)
		if !snakeCase.MatchString(svc.Name) || svc.Title == "" || svc.Permission == "" || len(svc.Classes) == 0 {
			t.Errorf("service %q: want a lower_snake name, title, permission and classes: %+v", svc.Name, svc)
		}
		for _, c := range svc.Classes {
			if !slices.Contains(cloud.Classes(), c) {
				t.Errorf("service %s: no class %q", svc.Name, c)
			}
		}
		for _, m := range svc.Metrics {
			if !snakeCase.MatchString(m) {
				t.Errorf("service %s: metric %q is no lower_snake name", svc.Name, m)
			}
		}
		mustBeUnique(t, "metrics of "+svc.Name, svc.Metrics)
	}
	mustBeUnique(t, "services and their aliases", names)
}

func (s *suite) specOfAuth(t testing.TB) {
	methods := []string{"api_key", "oauth", "service_account", "environment"}
	for _, m := range s.spec.Auth {
		if !slices.Contains(methods, m.Name) || m.Help == "" {
			t.Errorf("method %q: want one of %v, with help", m.Name, methods)
		}
		if !m.Ambient && len(m.Fields) == 0 && len(m.Files) == 0 {
			t.Errorf("method %s: neither fields nor files", m.Name)
		}
		var fields []string
		for _, f := range m.Fields {
			fields = append(fields, f.Name)
			if !snakeCase.MatchString(f.Name) {
				t.Errorf("method %s: field %q is no lower_snake name", m.Name, f.Name)
			}
		}
		mustBeUnique(t, "fields of "+m.Name, fields)
	}
	secret := func(m provider.AuthMethod) bool {
		return slices.ContainsFunc(m.Fields, func(f provider.AuthField) bool { return f.Secret })
	}
	if !slices.ContainsFunc(s.spec.Auth, secret) {
		t.Errorf("no field of Spec.Auth is secret")
	}
}

func (s *suite) specOfLimits(t testing.TB) {
	var names []string
	for _, l := range s.spec.Limits {
		names = append(names, l.Name)
		if l.Name == "" || l.Events <= 0 || l.Per <= 0 || l.Source == "" {
			t.Errorf("limit %+v: want a name, events, a time and a source", l)
		}
	}
	mustBeUnique(t, "limits", names)
	for _, q := range s.spec.Queries {
		if q.Method == "" || q.Path == "" {
			t.Errorf("query %+v: want method and path, so that nothing else may be sent", q)
		}
	}
}

func mustBeUnique(t testing.TB, what string, names []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, n := range names {
		if n == "" || seen[n] {
			t.Errorf("%s: %q is empty or there twice", what, n)
		}
		seen[n] = true
	}
}
