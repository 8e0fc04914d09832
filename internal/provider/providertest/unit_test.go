package providertest

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPageSizesAreReadFromCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, body string
		want        int
	}{
		{"limit=25&x=1", "", 25},
		{"maxResults=500", "", 500},
		{"x=1", "", 0},
		{"limit=all", "", 0},
		{"", `{"limit":64}`, 64},
		{"", `{"query":"x","options":{"$top":1000}}`, 1000},
		{"", `[1]`, 0},
		{"", `{"limit":"x"}`, 0},
	} {
		if got := (&exchange{query: c.query, body: []byte(c.body)}).pageSize(); got != c.want {
			t.Errorf("%q %q: got %d, want %d", c.query, c.body, got, c.want)
		}
	}
}

func TestCursorsAreTokensOfTheAnswerBefore(t *testing.T) {
	t.Parallel()
	list := func(query, body, answer string, header http.Header) *exchange {
		x := &exchange{method: "GET", host: "h", path: "/list", query: query, body: []byte(body), reply: header}
		x.answer.WriteString(answer)
		return x
	}
	for name, c := range map[string]struct {
		calls []*exchange
		want  int
	}{
		"in the body":            {[]*exchange{list("", "", `{"next":"abcdef"}`, nil), list("cursor=abcdef", "", "", nil)}, 1},
		"in a header":            {[]*exchange{list("", "", "", http.Header{"Opc-Next-Page": {"abcdef"}}), list("page=abcdef", "", "", nil)}, 1},
		"sent in a body":         {[]*exchange{list("", `{"a":1}`, `"tok1234"`, nil), list("", `{"o":[{"skip":"tok1234"}]}`, "", nil)}, 1},
		"a number in a body":     {[]*exchange{list("", "", `{"next":123456}`, nil), list("", `{"after":123456}`, "", nil)}, 1},
		"page numbers":           {[]*exchange{list("page=1", "", `{"page":1}`, nil), list("page=2", "", "", nil)}, 0},
		"the same call again":    {[]*exchange{list("id=abcdef", "", `abcdef`, nil), list("id=abcdef", "", "", nil)}, 0},
		"another thing's name":   {[]*exchange{list("", "", `x`, nil), list("id=abcdef", "", "", nil)}, 0},
		"one call and no second": {[]*exchange{list("", "", `abcdef`, nil)}, 0},
	} {
		if got := len((&lesson{calls: c.calls}).cursors()); got != c.want {
			t.Errorf("%s: %d cursors, want %d", name, got, c.want)
		}
	}
}

func TestPlainValuesSaySomething(t *testing.T) {
	t.Parallel()
	for _, v := range []any{"x", []string{"x"}, 1.5, time.Unix(1, 0), false, 0, int64(1)} {
		if !plain(v) {
			t.Errorf("%#v is refused", v)
		}
	}
	for _, v := range []any{"", []string{}, math.NaN(), math.Inf(1), time.Time{}, nil, []int{1}, map[string]string{}, uint(1)} {
		if plain(v) {
			t.Errorf("%#v is accepted", v)
		}
	}
}

func TestSpoiledSecretsKeepTheirForm(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"abc-123", "ABC", "9", "----", "a-----", "ocid1.user.oc1..aaaa"} {
		got := spoil(secret)
		if got == secret || (len(got) != len(secret) && strings.ContainsAny(secret[len(secret)/2:], "abcdefABC0123456789")) {
			t.Errorf("spoil(%q) = %q", secret, got)
		}
	}
}

func TestPathsOfManyThingsAreOneShape(t *testing.T) {
	t.Parallel()
	w := words{"eu-1": true, "acct": true}
	for path, want := range map[string]string{
		"/v1/accounts/acct/things":                     "GET api.*.example/v1/accounts/*/things",
		"/20160918/instances/":                         "GET api.*.example/20160918/instances/",
		"/x/0123456789abcdef0123456789abcdef/settings": "GET api.*.example/x/*/settings",
		"/metricDefinitionsAndMore":                    "GET api.*.example/metricDefinitionsAndMore",
	} {
		if got := w.shape(call{"GET", "api.eu-1.example", path}); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestStraysAreTheGoroutinesOfThisBubbleAlone(t *testing.T) {
	t.Parallel()
	if left := strays(); left != nil {
		t.Errorf("got %q outside of a bubble", left)
	}
	outside := make(chan struct{})
	defer close(outside)
	go func() { <-outside }()
	synctest.Test(t, func(t *testing.T) {
		if left := strays(); len(left) != 0 {
			t.Errorf("got %q in an empty bubble", left)
		}
		stop := make(chan struct{})
		go func() { <-stop }()
		synctest.Wait()
		if left := strays(); len(left) != 1 || !strings.Contains(left[0], "TestStrays") {
			t.Errorf("got %q, want the one that waits", left)
		}
		close(stop)
	})
}

func TestNearIsWithinRounding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v, low, high float64
		want         bool
	}{
		{5, 5, 5, true}, {5.004, 5, 5, true}, {5.1, 5, 5, false}, {0, 0, 0, true}, {0.001, 0, 0, false}, {-1, 0, 1, false},
		{0.5, 0, 1, true}, {0, 0.001, 0.001, false},
	} {
		if got := near(c.v, c.low, c.high); got != c.want {
			t.Errorf("near(%v, %v, %v) = %v, want %v", c.v, c.low, c.high, got, c.want)
		}
	}
}

func TestShortRunsKeepAQuarterOfWhatComesInManyVariants(t *testing.T) {
	t.Parallel()
	var all []check
	for i := range 100 {
		all = append(all, check{name: fmt.Sprintf("fault/%d", i)})
	}
	for i := range 8 {
		all = append(all, check{name: fmt.Sprintf("truth/%d", i)})
	}
	if got := len(sampled(all, false)); got != 108 {
		t.Errorf("a whole run has %d checks, want all 108", got)
	}
	kinds := map[string]int{}
	for _, c := range sampled(all, true) {
		kind, _, _ := strings.Cut(c.name, "/")
		kinds[kind]++
	}
	if kinds["fault"] != 8+23 || kinds["truth"] != 8 {
		t.Errorf("a short run has %v, want the first eight of each and a quarter of the others", kinds)
	}
}
