package provider_test

import (
	"regexp"
	"testing"

	"github.com/adsops/cloudtop/internal/provider"
)

func TestAFingerprintStandsForTheValues(t *testing.T) {
	t.Parallel()
	values := func(names ...string) map[string]string {
		v := map[string]string{}
		for i := 0; i < len(names); i += 2 {
			v[names[i]] = names[i+1]
		}
		return v
	}
	key := provider.Credential{Method: "api_key", Source: "ACME_KEY", Values: values("api_key", "k-1")}
	for name, c := range map[string]struct {
		other provider.Credential
		same  bool
	}{
		"found elsewhere":      {provider.Credential{Method: "api_key", Source: "~/.acme", File: "/x", Values: key.Values}, true},
		"by another method":    {provider.Credential{Method: "environment", Values: values("token", "k-1")}, true},
		"with an empty value":  {provider.Credential{Method: "api_key", Values: values("api_key", "k-1", "account", "")}, true},
		"another key":          {provider.Credential{Method: "api_key", Source: "ACME_KEY", Values: values("api_key", "k-2")}, false},
		"one value more":       {provider.Credential{Method: "api_key", Values: values("api_key", "k-1", "account", "a")}, false},
		"cut in another place": {provider.Credential{Method: "api_key", Values: values("api_key", "k-", "account", "1")}, false},
		"no values":            {provider.Credential{Method: "api_key", Source: "ACME_KEY"}, false},
	} {
		if got := key.Fingerprint() == c.other.Fingerprint(); got != c.same {
			t.Errorf("%s: %s and %s: same %v, want %v", name, key.Fingerprint(), c.other.Fingerprint(), got, c.same)
		}
	}
}

func TestAMachinesOwnIdentityIsKnownByItsMethodAndSource(t *testing.T) {
	t.Parallel()
	seen := map[string]provider.Credential{}
	for _, c := range []provider.Credential{
		{}, {Method: "environment"}, {Source: "environment"}, {Method: "environment", Source: "this machine"},
		{Values: map[string]string{"a": "environment"}},
	} {
		got := c.Fingerprint()
		if other, there := seen[got]; there {
			t.Errorf("%#v and %#v have one fingerprint", c, other)
		}
		if !regexp.MustCompile("^[0-9a-f]{16}$").MatchString(got) {
			t.Errorf("%#v: fingerprint %q, want 16 hex digits", c, got)
		}
		seen[got] = c
	}
}
