package view

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFilterKeepsWhatMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"", "db web gpu volume"},
		{"status=running", "web"},
		{"STATUS = Running", "web"},
		{"status=running and cpu>80", "web"},
		{"status=running and cpu>80%", "web"},
		{"status!=running", "db gpu volume"},
		{"region~us-", "web"},
		{"region!~us-", "db gpu"},
		{"region=US-*", "web"},
		{`region="us-*"`, ""},
		{"tags.env=prod", "web"},
		{"tags.env!=prod", "db"},
		{"not tags.env=prod", "db gpu volume"},
		{"tags.env=none", "gpu volume"},
		{"tags.pet!=none", "web"},
		{`tags.pet=""`, "web"},
		{`"tags.Cost Center">5`, "web"},
		{`"tags.Cost Center">10`, ""},
		{"gpu.type~h100 and price<20", "gpu"},
		{"gpu.type~h100 and price<$2.5/h", ""},
		{"gpu=none", "db web volume"},
		{"gpu!=none", "gpu"},
		{"cpu=none", "db volume"},
		{"cpu!=none", "web gpu"},
		{"cpu<1000", "web gpu"},
		{"cpu>=0 or not cpu>=0", "db web gpu volume"},
		{"memory=0", "web"},
		{"memory<=0", "web"},
		{"price<0.2", "web"}, // a range counts with its upper end
		{"price<0.25", "db web"},
		{"name!=db", "web gpu volume"},
		{"name=web-1 or name=db", "db web"},
		{"name=web-1||name=db&&cpu>1", "web"},
		{"(name=web-1 || name=db) && cpu>1", "web"},
		{"not (name=web-1 or name=db)", "gpu volume"},
		{"not not name=db", "db"},
		{"age>3d", "web"},
		{"age>3d4h", ""},
		{"age>=3d4h", "web"},
		{"created<2026-03-18", "web"},
		{"shape=e4.flex", "web"},
		{"attrs.shape~E4", "web"},
		{"memory_gb>=16", "web"},
		{"memory_gb>=16GB", "web"},
		{"memory_gb>16", ""},
		{"spot=false", "web"},
		{"spot!=yes", "web"},
		{"spot=maybe", ""},
		{"spot<1", ""},
		{"net_rx>=1MiB/s", "web"},
		{"net_rx>1MiB", ""},
		{"gpu_usage_percent>90", "gpu"},
		{"metrics.gpu_usage_percent > 90", "gpu"},
		{"cpu~91", "web"},
		{"name>m", "gpu volume web"},
		{"provider=='vastai'", "gpu volume"},
		{"name=~TRAI", "gpu"},
		{`name="it's"`, ""},
		{`name='w\eb-1'`, "web"},
	} {
		got, err := Select(world(), Query{Filter: c.expr})
		if err != nil {
			t.Errorf("filter %q: %v", c.expr, err)
			continue
		}
		want := strings.Fields(c.want)
		for i, w := range want {
			want[i] = map[string]string{"db": "ocid1.db", "web": "ocid1.web", "gpu": "42", "volume": "v-1"}[w]
		}
		have := ids(got, Resources)
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("filter %q keeps %q, want %q", c.expr, have, want)
		}
	}
}

func TestFilterOfOffers(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string][]string{
		"gpu.type~h100 and price<=20": {"eight"},
		"price!=none":                 {"one", "eight"},
		"available=true":              {"one", "eight"},
		"spot=yes":                    {"one"},
		"per_gpu<1":                   {"one"},
		"reliability>99":              {"eight"},
		"utilization>=40":             {"eight"},
		"host_id=7":                   {"eight"},
		"attrs.host_id>7":             {},
		"gpu_memory>=80GB":            {"eight"},
	} {
		got, err := Select(world(), Query{Kind: Offers, Filter: expr})
		if err != nil {
			t.Errorf("filter %q: %v", expr, err)
		} else if have := ids(got, Offers); !slices.Equal(have, want) {
			t.Errorf("filter %q keeps %q, want %q", expr, have, want)
		}
	}
}

func TestFilterErrorsPointAtThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, detail, caret string }{
		{"status", "expected = != < <= > >= ~ or !~ after \"status\", found the end", "      ^"},
		{"status=", "expected a value after \"=\", found the end", "       ^"},
		{"status= and cpu>80", "expected a value after \"=\", found \"and\"", "        ^"},
		{"status running", "found \"running\"", "       ^"},
		{"cpu>high", "expected a percentage, like 80, found \"high\"", "    ^"},
		{"cpu>80GB", "expected a percentage", "    ^"},
		{"age>80%", "expected a duration", "    ^"},
		{"(cpu>1", "expected and, or, or \")\", found the end", "      ^"},
		{"cpu>1)", "expected and, or, or the end, found \")\"", "     ^"},
		{"cpu>1 name=x", "expected and, or, or the end, found \"name\"", "      ^"},
		{"cpu>1 and", "expected a field, found the end", "         ^"},
		{"or cpu>1", "expected a field, found \"or\"", "^"},
		{"=5", "expected a field, found \"=\"", "^"},
		{"name=\"x", "the quote is never closed", "     ^"},
		{"cpu<none", "only = and != can ask for none", "    ^"},
		{"名前=x and cpu>y", "expected a percentage", "             ^"},
		{"tags.=x", "unknown field \"tags.\"", "^"},
		{strings.Repeat("(", 200) + "cpu>1", "more than 100 levels", ""},
	} {
		_, err := ParseFilter(Resources, c.expr)
		if _, ok := errors.AsType[*SyntaxError](err); !ok {
			t.Errorf("ParseFilter(%q) error = %v, want a SyntaxError", c.expr, err)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], c.detail) || c.caret != "" && lines[2] != "  "+c.caret {
			t.Errorf("ParseFilter(%q) error:\n%s\nwant it to say %q and to point at\n  %s", c.expr, err, c.detail, c.caret)
		}
	}
}

func TestAnUnknownFieldIsAnErrorOnlyWhereAllIsKnown(t *testing.T) {
	t.Parallel()
	q := Query{Filter: "shap=E4.Flex"}
	if _, err := Select(world(), q); err == nil || !strings.Contains(err.Error(), `unknown field "shap"`) {
		t.Errorf("error = %v, want it to name the unknown field", err)
	}
	part := world()
	part.Units[0].State = "denied"
	if got, err := Select(part, q); err != nil || len(ids(got, Resources)) != 0 {
		t.Errorf("with a denied unit: %v, %v; want nothing and no error", ids(got, Resources), err)
	}
	early := world()
	early.Done = false
	if _, err := Select(early, q); err != nil {
		t.Errorf("while collecting: %v, want no error", err)
	}
}

func TestCaretOfALongExpressionShowsThePlace(t *testing.T) {
	t.Parallel()
	expr := strings.Repeat("a", 200) + "!" + strings.Repeat("b", 200)
	lines := strings.Split(Caret(expr, 200), "\n")
	if i := strings.IndexByte(lines[0], '!'); len(lines[1]) != i+1 || len(lines[0]) > 140 {
		t.Errorf("caret at %d of %q", len(lines[1])-1, lines[0])
	}
	if got := Caret("a\x1b[31m\nb", 100); strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 1 {
		t.Errorf("Caret leaves what a terminal obeys: %q", got)
	}
}

func FuzzFilterNeverPanics(f *testing.F) {
	for _, s := range []string{
		"status=running and cpu>80", "region~us-", "tags.env=prod", "not (a!=none or b<3d)", `"x y"='z'`, "a*=b*", "((((", "cpu>\"80",
		"available=true||spot!=no", "created>=2026-01-01T00:00:00Z", "\xff\xfe=\x00", "name!~\u202e",
	} {
		f.Add(s)
	}
	s := world()
	f.Fuzz(func(t *testing.T, expr string) {
		for _, kind := range []Kind{Resources, Offers} {
			filter, err := ParseFilter(kind, expr)
			if err != nil {
				if lines := strings.Count(err.Error(), "\n"); lines > 2 {
					t.Errorf("ParseFilter(%q) error has %d lines: %v", expr, lines+1, err)
				}
				continue
			}
			for _, r := range Rows(s, kind, at()) {
				once := filter.Match(&r)
				if again := filter.Match(&r); once != again {
					t.Errorf("filter %q matches one row as %v and %v", expr, once, again)
				}
			}
		}
	})
}
