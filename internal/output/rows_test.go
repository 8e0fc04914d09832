package output

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// of returns a snapshot of one provider that has these resources.
func of(resources ...*cloud.Resource) *hub.Snapshot {
	return &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{{Name: "x", Resources: resources}}}
}

func TestCSVQuotesWhatRFC4180Quotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"web-1": "web-1", "a,b": `"a,b"`, `a"b`: `"a""b"`, "a\nb": "\"a\r\nb\"", "a\tb": "a\tb", " a": `" a"`, "a ": "a ", "'a'": "'a'",
		"a;b": "a;b", "日本": "日本", "\x1b[31mred": "\ufffd[31mred", "a\x00b": "a\ufffdb", "a\u202eb": "a\ufffdb", "a\u0085b": "a\ufffdb",
		"a\x7fb": "a\ufffdb", "\xff": "\ufffd", "=1+1": "=1+1", "-5": "-5", `\.`: `"\."`,
	} {
		got := write(t, of(&cloud.Resource{Name: text}), Options{Format: "csv", Columns: []string{"name"}})
		if got != "name\r\n"+want+"\r\n" {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}

func TestCSVHasBareValuesAndNothingForWhatIsUnknown(t *testing.T) {
	t.Parallel()
	full := &cloud.Resource{
		Status: cloud.StatusRunning, CreatedAt: time.Date(2026, 3, 20, 1, 0, 0, 999e6, time.FixedZone("", -3600)),
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 91.24999999999999}, {Name: cloud.DiskUsedBytes, Value: 1 << 53}},
		Cost:    &cloud.Price{Low: 0.1, High: 0.3, Currency: "EUR"}, GPU: &cloud.GPU{Type: "L4", Count: 0.5},
		Tags: []cloud.Tag{{Key: "a", Value: "1"}, {Key: "b"}}, Attrs: []cloud.Attr{{Name: "spot", Value: true}, {Name: "off", Value: false}},
	}
	odd := &cloud.Resource{
		CreatedAt: time.Date(1960, 1, 1, 0, 0, 0, 500e6, time.UTC), Cost: &cloud.Price{Currency: "USD"},
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: math.Copysign(0, -1)}, {Name: cloud.DiskUsedBytes, Value: 1e21}},
	}
	broken := &cloud.Resource{
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: math.NaN()}, {Name: cloud.DiskUsedBytes, Value: 1.5e-9}},
		Cost:    &cloud.Price{Low: math.NaN(), High: math.Inf(1), Currency: "USD"}, GPU: &cloud.GPU{},
	}
	columns := strings.Fields("status created cpu disk_used_bytes cost_hourly cost_hourly_min cost_hourly_max currency gpu_count tags attrs.spot attrs.off")
	got := write(t, of(full, odd, broken, &cloud.Resource{}), Options{Format: "csv", Columns: columns})
	want := strings.Join([]string{
		strings.Join(columns, ","),
		`running,2026-03-20T02:00:00Z,91.24999999999999,9007199254740992,,0.1,0.3,EUR,0.5,"a=1,b",true,false`,
		`unknown,1960-01-01T00:00:00Z,0,1e+21,0,0,0,USD,,,,`,
		`unknown,,,1.5e-9,,,,USD,,,,`,
		`unknown,,,,,,,,,,,`, "",
	}, "\r\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCSVHasTheSameColumnsWhateverIsInThem(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		full, _, _ := strings.Cut(write(t, world(), Options{Format: "csv", Kind: kind}), "\r\n")
		empty := write(t, &hub.Snapshot{}, Options{Format: "csv", Kind: kind})
		if empty != full+"\r\n" {
			t.Errorf("%s: nothing is written as %q, want the header %q alone", kind, empty, full)
		}
		for name := range strings.SplitSeq(full, ",") {
			if _, ok := view.Lookup(kind, name); !ok {
				t.Errorf("%s: %q is no name that --columns takes", kind, name)
			}
		}
	}
}

func FuzzCSVIsReadAsItWasWritten(f *testing.F) {
	for _, s := range tricky() {
		f.Add(s)
	}
	f.Add("a\r\nb")
	f.Fuzz(func(t *testing.T, text string) {
		out := write(t, of(&cloud.Resource{ID: "1", Name: text}), Options{Format: "csv", Columns: []string{"id", "name"}})
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 2 || !utf8.ValidString(out) {
			t.Fatalf("%q is written as %q: %v", text, out, err)
		}
		want := strings.ReplaceAll(strings.Map(printable, strings.ToValidUTF8(text, "")), "\r", "")
		got := strings.ReplaceAll(rows[1][1], "\r", "") // a line's end is written as CRLF and read as LF
		if want != "" && utf8.ValidString(text) && got != want {
			t.Errorf("%q is read back as %q, want %q", text, got, want)
		}
	})
}

// lines decodes NDJSON.
func lines(t *testing.T, text string) (out []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

func TestNDJSONLinesAreThoseOfTheDocument(t *testing.T) {
	t.Parallel()
	var doc struct {
		Providers []struct {
			Results            []struct{ Resources []map[string]any }
			Offerings, Markets []map[string]any
		}
		Ledger []map[string]any
	}
	if err := json.Unmarshal([]byte(write(t, world(), Options{Format: "json"})), &doc); err != nil {
		t.Fatal(err)
	}
	want := map[view.Kind][]map[string]any{view.Units: doc.Ledger}
	for _, p := range doc.Providers {
		for _, r := range p.Results {
			want[view.Resources] = append(want[view.Resources], r.Resources...)
		}
		want[view.Offers] = append(want[view.Offers], p.Offerings...)
		want[view.Markets] = append(want[view.Markets], p.Markets...)
	}
	for _, kind := range kinds() {
		got := lines(t, write(t, world(), Options{Format: "ndjson", Kind: kind, Sort: map[view.Kind]string{view.Offers: "id"}[kind]}))
		last := got[len(got)-1]
		if len(got) != len(want[kind])+1 || last["type"] != "summary" || last["of"] != kind.String() || last["rows"] != float64(len(want[kind])) {
			t.Errorf("%s: %d lines, the last %v; want %d rows and a summary", kind, len(got), last, len(want[kind]))
			continue
		}
		for _, w := range want[kind] {
			if !containsEqual(got, w) {
				t.Errorf("%s: no line is as the document has it: %v", kind, w)
			}
		}
	}
}

func containsEqual(all []map[string]any, want map[string]any) bool {
	for _, v := range all {
		if reflect.DeepEqual(v, want) {
			return true
		}
	}
	return false
}

func TestNDJSONSaysWhetherItIsComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state    hub.State
		complete bool
		status   string
		errors   int
	}{
		{hub.OK, true, "ok", 0}, {hub.Skipped, true, "ok", 0}, {hub.Pending, false, "partial", 0}, {hub.Partial, false, "partial", 1},
		{hub.Stale, false, "partial", 1}, {hub.Denied, false, "partial", 1}, {hub.Throttled, false, "partial", 1}, {hub.Failed, false, "partial", 1},
	} {
		s := &hub.Snapshot{Calls: 7, Took: 1500 * time.Millisecond, Providers: []hub.Provider{{Name: "x"}}, Units: []hub.Unit{
			{Key: hub.Key{Provider: "x", Capability: hub.Resources}, State: hub.OK},
			{Key: hub.Key{Provider: "x", Account: "a", Capability: hub.Resources}, State: c.state, Kind: "k", Reason: "r", Hint: "h"},
		}}
		got := lines(t, write(t, s, Options{Format: "ndjson"}))[0]
		units, _ := got["units"].(map[string]any)
		total := 0.0
		for _, n := range units {
			total += n.(float64)
		}
		failures, _ := got["errors"].([]any)
		if got["complete"] != c.complete || !reflect.DeepEqual(got["providers"], map[string]any{"x": c.status}) || len(failures) != c.errors ||
			total != 2 || got["calls"] != 7.0 || got["took_ms"] != 1500.0 || got["generated_at"] != nil {
			t.Errorf("%s: the summary is %v", c.state, got)
		}
		if _, simulated := got["simulated"]; simulated {
			t.Errorf("%s: the summary says that it is simulated", c.state)
		}
		if c.errors > 0 {
			want := map[string]any{"provider": "x", "account": "a", "region": "", "service": "", "kind": "k", "message": "r", "hint": "h"}
			if !reflect.DeepEqual(failures[0], want) {
				t.Errorf("%s: the error is %v, want %v", c.state, failures[0], want)
			}
		}
	}
}

func TestRowsComeInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{Providers: []hub.Provider{
		{Name: "x", Resources: []*cloud.Resource{{Provider: "x", Name: "b"}, {Provider: "x", Name: "c"}}}, {Name: "y", Resources: []*cloud.Resource{{Provider: "y", Name: "a"}}},
	}}
	for sort, want := range map[string]string{"": "b c a", "name": "a b c", "-name": "c b a", "-provider,name": "a b c"} {
		var fromCSV, fromNDJSON []string
		for line := range strings.Lines(write(t, s, Options{Format: "csv", Sort: sort, Columns: []string{"name"}})) {
			fromCSV = append(fromCSV, strings.TrimSpace(line))
		}
		for _, v := range lines(t, write(t, s, Options{Format: "ndjson", Sort: sort})) {
			if name, ok := v["name"].(string); ok {
				fromNDJSON = append(fromNDJSON, name)
			}
		}
		if strings.Join(fromCSV[1:], " ") != want || strings.Join(fromNDJSON, " ") != want {
			t.Errorf("sort %q: csv %q, ndjson %q, want %s", sort, fromCSV[1:], fromNDJSON, want)
		}
	}
}

func TestMarkdownSetsNothingButText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"web-1": "web-1", "a|b": `a\|b`, "a_b_c": `a\_b\_c`, "*a*": `\*a\*`, "`a`": "\\`a\\`", "<b>": "&lt;b>", "[a](b)": `\[a](b)`, `a\b`: `a\\b`,
		"a&lt;b": "a&amp;lt;b", "~~a~~": `\~\~a\~\~`, "a\nb": "a\ufffdb", "a\tb": "a\ufffdb", "\x1b[1m": "\ufffd\\[1m", "日本": "日本", "a\u202eb": "ab",
	} {
		got := write(t, of(&cloud.Resource{Name: text}), Options{Format: "markdown", Columns: []string{"name"}})
		if got != "| NAME |\n| --- |\n| "+want+" |\n" {
			t.Errorf("%q is set as\n%s\nwant %s", text, got, want)
		}
	}
}

func TestMarkdownHeadingsAreTextToo(t *testing.T) {
	t.Parallel()
	got := write(t, of(&cloud.Resource{ID: "1"}), Options{Format: "markdown", Columns: []string{"id", "tags.a|b\n*", "cpu"}})
	if want := "| ID | A\\|B\ufffd\\* | CPU |\n| --- | --- | ---: |\n| 1 | - | - |\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdownOfNothingSaysWhy(t *testing.T) {
	t.Parallel()
	got := write(t, &hub.Snapshot{Units: []hub.Unit{{State: hub.OK}}, Providers: []hub.Provider{{Name: "neon"}}}, Options{Format: "markdown"})
	if want := "no resources: neon has none, or none that was asked for\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
