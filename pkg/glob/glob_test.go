package glob

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything/at.all", true},
		{"api.example.com", "api.example.com", true},
		{"api.example.com", "api.example.com.evil.org", false},
		{"iaas.*.oraclecloud.com", "iaas.us-ashburn-1.oraclecloud.com", true},
		{"iaas.*.oraclecloud.com", "iaas.oraclecloud.com", false},
		{"iaas.*.oraclecloud.com", "iaas.x.oraclecloud.com.evil.org", false},
		{"/v2/*/workers", "/v2/serverless/abc/workers", true},
		{"a*a", "a", false},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "acb", false},
		{"**", "x", true},
	} {
		if got := Match(c.pattern, c.s); got != c.want {
			t.Errorf("Match(%q, %q) = %v, want %v", c.pattern, c.s, got, c.want)
		}
	}
}

func FuzzMatchAgreesWithRegexp(f *testing.F) {
	f.Add("a*b", "a/b")
	f.Add("*.x", "y.x")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			t.Skip("regexp takes UTF-8 only")
		}
		want := regexp.MustCompile(`(?s)\A` + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`) + `\z`)
		if Match(pattern, s) != want.MatchString(s) {
			t.Errorf("Match(%q, %q) = %v, and the regular expression says otherwise", pattern, s, Match(pattern, s))
		}
	})
}

func TestAnyPatternMayMatchAnyNameInAnyCase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns, names []string
		want            bool
	}{
		{nil, []string{"a"}, false},
		{[]string{"a"}, nil, false},
		{[]string{"PROD*"}, []string{"acme-1", "Production"}, true},
		{[]string{"x", "acme-?"}, []string{"acme-1"}, false},
		{[]string{"x", "*-1"}, []string{"ACME-1"}, true},
	} {
		if got := Any(c.patterns, c.names...); got != c.want {
			t.Errorf("Any(%q, %q) = %v, want %v", c.patterns, c.names, got, c.want)
		}
	}
}
