package view

import (
	"errors"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// keeps reports whether a filter keeps a resource.
func keeps(t *testing.T, expr string, r *cloud.Resource) bool {
	t.Helper()
	f, err := ParseFilter(Resources, expr)
	if err != nil {
		t.Fatalf("ParseFilter(%q): %v", expr, err)
	}
	return f.Match(&Row{Resource: r, Now: at()})
}

func TestEveryOperatorOnEveryTypeOfValue(t *testing.T) {
	t.Parallel()
	r := &cloud.Resource{
		Name: "Web-10", CreatedAt: at(), Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 50}},
		Tags:  []cloud.Tag{{Key: "n", Value: "10"}, {Key: "size", Value: "5GiB"}},
		Attrs: []cloud.Attr{{Name: "spot", Value: true}},
	}
	operators := []string{"=", "==", "!=", "<", "<=", ">", ">=", "~", "=~", "!~"}
	for _, c := range []struct{ field, value, holds string }{ // holds: y or n for each operator
		{"cpu", "50", "yynnynyyyn"}, {"cpu", "49.9", "nnynnyynny"}, {"cpu", "60%", "nnyyynnnny"}, {"cpu", "5", "nnynnyyyyn"},
		{"name", "web-10", "yynnynyyyn"}, {"name", "web", "nnynnyyyyn"}, {"name", "x", "nnyyynnnny"}, {"name", "", "nnynnyyyyn"},
		{"tags.n", "9", "nnynnyynny"}, {"tags.n", "10", "yynnynyyyn"}, {"tags.n", "10.0", "nnynynynny"}, {"tags.size", "1MB", "nnynnyynny"},
		{"created", "2026-03-20", "nnynnyyyyn"}, {"created", "2026-03-20T12:00", "yynnynynny"}, {"created", "2026-03-20T13:00:00+01:00", "yynnynynny"},
		{"spot", "yes", "yynnnnnyyn"}, {"spot", "on", "yynnnnnnny"}, {"spot", "1", "yynnnnnnny"}, {"spot", "false", "nnynnnnnny"},
		{"memory", "1", "nnnnnnnnnn"}, {"region", "x", "nnnnnnnnnn"}, {"tags.none", "1", "nnnnnnnnnn"}, // what is absent
	} {
		for i, op := range operators {
			expr := c.field + op + `"` + c.value + `"`
			if got, want := keeps(t, expr, r), c.holds[i] == 'y'; got != want {
				t.Errorf("%s keeps: %v, want %v", expr, got, want)
			}
		}
	}
}

func TestQuotesEscapesAndSymbols(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, name string }{
		{`name="a b"`, "a b"}, {`name='a b'`, "a b"}, {`name="a'b"`, "a'b"}, {`name='a"b'`, `a"b`}, {`name="a\"b"`, `a"b`}, {`name='a\'b'`, "a'b"},
		{`name="a\\b"`, `a\b`}, {`name="a\nb"`, "anb"}, {`name=a\b`, `a\b`}, {`name="none"`, "none"}, {`name="and"`, "and"},
		{`name="a*b"`, "a*b"}, {`name=a*b`, "a-long-b"}, {`name=*`, "anything"}, {`name="(x)"`, "(x)"}, {`name=a&b`, "a&b"}, {`name=a|b`, "a|b"},
		{"name=a,b", "a,b"}, {"name=日本", "日本"}, {"name=ÄÖ", "äö"}, {"name\t=\u00a0x\n", "x"}, {"name=-5", "-5"}, {"name=a.b:c/d", "a.b:c/d"},
		{`"name"=x`, "x"}, {`NAME=X AND NOT name=y`, "x"}, {`(name=x)or(name=y)`, "y"}, {`name=x&&not name=y`, "x"}, {`((name="x"))`, "x"},
	} {
		if !keeps(t, c.expr, &cloud.Resource{Name: c.name}) {
			t.Errorf("%s does not keep %q", c.expr, c.name)
		}
		if keeps(t, c.expr, &cloud.Resource{Name: "other thing"}) != (c.expr == "name=*") {
			t.Errorf("%s keeps or loses what is not %q", c.expr, c.name)
		}
	}
}

func TestAndBindsMoreThanOrAndNotMoreThanBoth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, want string // of the names x, y, z: those that are kept
	}{
		{"name=x or name=y and name=z", "x"}, {"(name=x or name=y) and name=z", ""}, {"name=x and name=y or name=z", "z"},
		{"not name=x and name=y", "y"}, {"not (name=x and name=y)", "xyz"}, {"not name=x or name=x", "xyz"}, {"not not not name=x", "yz"},
		{"name=x||name=y||name=z", "xyz"}, {"not (not name=x or name=y)", "x"},
	} {
		got := ""
		for _, name := range []string{"x", "y", "z"} {
			if keeps(t, c.expr, &cloud.Resource{Name: name}) {
				got += name
			}
		}
		if got != c.want {
			t.Errorf("%s keeps %q, want %q", c.expr, got, c.want)
		}
	}
}

func TestValuesMustBeOfTheirColumnsUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"cpu>80%", ""}, {"cpu>80W", "a percentage, like 80"}, {"gpu_power_watts>300W", ""}, {"gpu_power_watts>300C", "a number"},
		{"gpu_temperature_celsius>=75C", ""}, {"gpu_temperature_celsius>=75%", "a number"}, {"storage_bytes>1TiB", ""}, {"storage_bytes>1h", "a size, like 1.5GiB"},
		{"net_rx>1MB/s", ""}, {"net_rx>1MB", ""}, {"net_rx>1/s", "a size, like 1.5GiB"}, {"requests_per_second>10/s", ""}, {"requests_per_second>10B", "a number"},
		{"gpu_memory>=24GB", ""}, {"gpu_memory>=24GiB", ""}, {"gpu_memory>=24GB/s", "gigabytes, like 24"}, {"gpu_count>=2", ""}, {"gpu_count>=2%", "a number"},
		{"gpu_count=two", "a number"}, {"gpu_count~two", ""}, {"price<$2.50", ""}, {"price<2.50/h", ""}, {"price<$2,50", "a price per hour, like 2.50"},
		{"price<2.50EUR", "a price per hour, like 2.50"}, {"age>90m", ""}, {"age>3600", ""}, {"age>1mo", "a duration, like 3d or 90m"}, {"age>2026-01-31", "a duration"},
		{"created>2026-01-31", ""}, {"created>2026-02-30", "a date, like 2026-01-31"}, {"created>3d", "a date, like 2026-01-31"}, {"created>yesterday", "a date"},
		{"name>5", ""}, {"name>5GiB", ""}, {"cpu=9*", "a percentage"}, {"cpu=", "expected a value"}, {`cpu=""`, "a percentage, like 80, found \"\""},
	} {
		_, err := ParseFilter(Resources, c.expr)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseFilter(%q) error = %v, want %q", c.expr, err, c.want)
		}
	}
}

func TestErrorsOfFiltersHaveTheirOffsetInBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   Kind
		expr   string
		offset int
		first  string // the first line
	}{
		{Resources, "  cpu", 5, `--filter: expected = != < <= > >= ~ or !~ after "cpu", found the end, at character 6`},
		{Resources, "cpu ! 5", 4, `--filter: expected = != < <= > >= ~ or !~ after "cpu", found "!", at character 5`},
		{Resources, "cpu = = 5", 6, `--filter: expected a value after "=", found "=", at character 7`},
		{Resources, "cpu=(5)", 4, `--filter: expected a value after "=", found "(", at character 5`},
		{Resources, "cpu=not", 4, `--filter: expected a value after "=", found "not", at character 5`},
		{Resources, "cpu>1 or or", 9, `--filter: expected a field, found "or", at character 10`},
		{Resources, "cpu>1 && ) ", 9, `--filter: expected a field, found ")", at character 10`},
		{Resources, "()", 1, `--filter: expected a field, found ")", at character 2`},
		{Resources, "not", 3, `--filter: expected a field, found the end, at character 4`},
		{Resources, "name='a\\'", 5, `--filter: the quote is never closed, at character 6`},
		{Resources, `name="a\`, 5, `--filter: the quote is never closed, at character 6`},
		{Resources, "name=é cpu>1", 8, `--filter: expected and, or, or the end, found "cpu", at character 8`},
		{Resources, "cpu~none", 4, `--filter: only = and != can ask for none, at character 5`},
		{Resources, "cpu>=null", 5, `--filter: only = and != can ask for none, at character 6`},
		{Offers, "gpus=many", 5, `--filter: expected a number, found "many", at character 6`},
		{Offers, "tier = x y", 9, `--filter: expected and, or, or the end, found "y", at character 10`},
	} {
		_, err := ParseFilter(c.kind, c.expr)
		e, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("ParseFilter(%q) error = %v, want a SyntaxError", c.expr, err)
			continue
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		if e.Offset != c.offset || first != c.first || e.Expr != c.expr {
			t.Errorf("ParseFilter(%q) error at %d:\n%s\nwant at %d:\n%s", c.expr, e.Offset, first, c.offset, c.first)
		}
	}
}

func TestUnknownFieldsOfFiltersNameTheNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       Kind
		expr, want string
	}{
		{Resources, "stauts=running", `did you mean "status"?`}, {Resources, "naem=x", `did you mean "name"?`},
		{Resources, "cpu_usage_percnt>5", `did you mean "cpu_usage_percent"?`}, {Resources, "zzzzzzzz=1", `unknown field "zzzzzzzz"; known: provider`},
		{Offers, "relibility>5", `did you mean "reliability"?`}, {Offers, "tags.env=x", `unknown field "tags.env"`},
	} {
		_, err := Select(world(), Query{Kind: c.kind, Filter: c.expr})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Select(%s, %q) error = %v, want %q", c.kind, c.expr, err, c.want)
		}
	}
}

func TestASlipOfTheFingersIsToldBeforeThereAreRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       Kind
		expr, want string // want is empty where the name may be one that a row has
	}{
		{Resources, "stauts=running", `"status"`}, {Resources, "cup>80", `"cpu"`}, {Resources, "cpu>1 or naem=x", `"name"`},
		{Resources, "regoin=x", `"region"`}, {Resources, "memmory>5", `"memory"`}, {Resources, "acount=x", `"account"`},
		{Resources, "cpu-usage-percnet>5", `"cpu_usage_percent"`}, {Resources, "provder=x", `"provider"`},
		{Offers, "relibility>5", `"reliability"`}, {Offers, "prcie<1", `"price"`}, {Offers, "tags.env=x", `unknown field "tags.env"`},
		{Offers, "metrics.cpu=1", `unknown field "metrics.cpu"`}, {Offers, "regions=x", ""},
		{Resources, "app=x", ""}, {Resources, "host=x", ""}, {Resources, "team=x", ""}, {Resources, "regions=x", ""}, {Resources, "creator=x", ""},
		{Resources, "attrs.stauts=x", ""}, {Resources, "tags.naem=x", ""}, {Resources, "zzzzzzzz=1", ""}, {Resources, "nam=x", ""},
	} {
		q := Query{Kind: c.kind, Filter: c.expr}
		err := q.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("Check(%s, %q) = %v, want %q", c.kind, c.expr, err, c.want)
		}
	}
	want := `--filter: unknown field "cup" (did you mean "cpu"?); where you mean another of that name, write attrs.cup or tags.cup, at character 1`
	if _, err := ParseFilter(Resources, "cup>80"); err == nil || !strings.HasPrefix(err.Error(), want+"\n") {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAValueThatAColumnNeverHasIsToldBeforeThereAreRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       Kind
		expr, want string
	}{
		{Resources, "status=runing", `expected one of running, starting, stopping, stopped, failed, deleted, unknown, found "runing" (did you mean "running"?)`},
		{Resources, "state!=up", `found "up"`}, {Resources, "status=Running", ""}, {Resources, "status=run*", ""}, {Resources, "status~run", ""},
		{Resources, "status!=none", ""}, {Resources, "native_status=RUNING", ""},
		{Offers, "available=maybe", `expected one of yes, no, true, false, on, off, 1, 0, found "maybe"`}, {Offers, "spot=no", ""}, {Offers, "spot=TRUE", ""},
	} {
		_, err := ParseFilter(c.kind, c.expr)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseFilter(%s, %q) error = %v, want %q", c.kind, c.expr, err, c.want)
		}
	}
}

func TestAFieldThatSomeRowHasIsNoMistake(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]int{"Shape~flex": 1, "SHAPE=none": 3, "pet=none": 3, "Cost=none": 1, `"Cost Center"=7`: 1, "gpu_power_watts=none": 4} {
		got, err := Select(world(), Query{Filter: expr})
		if err != nil || len(ids(got, Resources)) != want {
			t.Errorf("filter %s: %v, %v; want %d rows", expr, got, err, want)
		}
	}
	empty := world()
	empty.Providers = nil
	if _, err := Select(empty, Query{Filter: "anything=1"}); err != nil {
		t.Errorf("of no rows at all every field is a mistake: %v", err)
	}
}

func TestNestingIsBoundedButDeep(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("(", n) + "cpu>1" + strings.Repeat(")", n) }
	if _, err := ParseFilter(Resources, deep(nesting-1)); err != nil {
		t.Errorf("%d parentheses: %v", nesting-1, err)
	}
	for _, expr := range []string{deep(nesting), strings.Repeat("not ", nesting) + "cpu>1"} {
		if _, err := ParseFilter(Resources, expr); err == nil || !strings.Contains(err.Error(), "more than 100 levels") {
			t.Errorf("%d levels: error = %v, want that they are too many", nesting, err)
		}
	}
	if _, err := ParseFilter(Resources, strings.Repeat("cpu>1 and ", 10_000)+"cpu>1"); err != nil {
		t.Errorf("a long filter that is not deep: %v", err)
	}
}

func TestTheZeroFilterKeepsAll(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{"", " ", "\t\n"} {
		f, err := ParseFilter(Resources, expr)
		if err != nil || !f.Match(&Row{Resource: &cloud.Resource{}}) {
			t.Errorf("filter %q: %v, or it keeps not all", expr, err)
		}
	}
}

func TestACaretStandsBelowItsCharacter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 61)
	for _, c := range []struct {
		expr   string
		offset int
		want   string
	}{
		{"", 0, "  \n  ^"}, {"abc", 0, "  abc\n  ^"}, {"abc", 2, "  abc\n    ^"}, {"abc", 3, "  abc\n     ^"}, {"abc", 99, "  abc\n     ^"},
		{"éa", 2, "  éa\n   ^"}, {"a\tb\nc", 4, "  a b c\n      ^"},
		{long, 61, "  ..." + long[:60] + "\n" + strings.Repeat(" ", 65) + "^"}, {long, 0, "  " + long[:60] + "...\n  ^"},
	} {
		if got := Caret(c.expr, c.offset); got != c.want {
			t.Errorf("Caret(%q, %d) =\n%q, want\n%q", c.expr, c.offset, got, c.want)
		}
	}
}
