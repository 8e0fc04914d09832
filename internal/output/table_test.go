package output

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// overflow returns the first line that is wider than width, or has what a terminal obeys.
func overflow(text string, width int) string {
	p := paint.Painter{Unicode: true}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if width > 0 && p.Width(line) > width || strings.ContainsFunc(line, unicode.IsControl) {
			return line
		}
	}
	return ""
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	t.Parallel()
	for width := 1; width < 260; width++ {
		for _, kind := range kinds() {
			for _, o := range []Options{{Unicode: true}, {Format: "wide"}, {Reasons: true, Unicode: true}} {
				o.Width, o.Kind = width, kind
				if line := overflow(write(t, world(), o), width); line != "" {
					t.Fatalf("%s at width %d: %q", kind, width, line)
				}
			}
		}
		var b bytes.Buffer
		if err := Footer(&b, world(), Options{Width: width, Unicode: true}); err != nil {
			t.Fatal(err)
		}
		if line := overflow(b.String(), width); line != "" {
			t.Fatalf("footer at width %d: %q", width, line)
		}
	}
}

func TestPlainResourcesFitEightyColumns(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{At: at(), Providers: []hub.Provider{{Name: "oracle"}, {Name: "vastai"}}}
	for i := range 20 {
		p := &s.Providers[i%2]
		p.Resources = append(p.Resources, &cloud.Resource{
			Provider: p.Name, Account: p.Name, Region: "us-east-1", Type: "vm", ID: fmt.Sprint(i), Name: fmt.Sprintf("web-server-%d", i),
			Status: cloud.StatusStarting, CreatedAt: at().AddDate(0, 0, -i), Metrics: metrics(50, 50)[:2], Cost: cloud.HourlyPrice(1.25, "", at()),
		})
	}
	if got := write(t, s, Options{Width: 80, Unicode: true}); strings.Contains(got, "hidden") {
		t.Errorf("columns are hidden:\n%s", got)
	}
}

func TestColumnsLineUp(t *testing.T) {
	t.Parallel()
	p := paint.Painter{Unicode: true}
	lines := strings.Split(strings.TrimRight(write(t, world(), Options{Unicode: true}), "\n"), "\n")
	for _, title := range []string{"NAME", "STATUS", "REGION"} {
		head, _, _ := strings.Cut(lines[0], title)
		for _, line := range lines[1:] {
			w := 0
			for _, r := range line {
				if w >= len(head) {
					if r == ' ' {
						t.Errorf("column %s does not begin below its title in %q", title, line)
					}
					break
				}
				w += p.Width(string(r))
			}
		}
	}
	for _, line := range lines {
		if strings.TrimRight(line, " ") != line {
			t.Errorf("blanks end the line %q", line)
		}
	}
}

func TestEmptyTablesSayWhy(t *testing.T) {
	t.Parallel()
	failed := hub.Unit{State: hub.Failed}
	one, two := []hub.Provider{{Name: "neon"}}, []hub.Provider{{Name: "neon"}, {Name: "gcp"}}
	kind := hub.Key{Provider: "neon", Capability: hub.Resources}
	part := hub.Key{Provider: "neon", Service: "ai", Capability: hub.Resources}
	for _, c := range []struct {
		s    hub.Snapshot
		o    Options
		want string
	}{
		{hub.Snapshot{}, Options{}, "no resources: nothing was asked; set a credential or try --demo"},
		{hub.Snapshot{Units: []hub.Unit{failed, {State: hub.OK}}}, Options{}, "no resources: 1 of 2 units failed"},
		{hub.Snapshot{Units: []hub.Unit{failed}}, Options{Total: 1234}, "no resources: none of the 1,234 found is what was asked for"},
		{hub.Snapshot{Units: []hub.Unit{{State: hub.Pending}}}, Options{Kind: view.Offers}, "no offers: still waiting for the first answer"},
		{hub.Snapshot{Units: []hub.Unit{{State: hub.OK}}, Providers: one}, Options{}, "no resources: neon has none, or none that was asked for"},
		{hub.Snapshot{Units: []hub.Unit{{State: hub.OK}}, Providers: two}, Options{}, "no resources: neon and gcp have none, or none that was asked for"},
		{
			hub.Snapshot{Units: []hub.Unit{{State: hub.OK}, {Key: kind, State: hub.Skipped, Reason: "it has none of this kind"}}, Providers: one},
			Options{}, "no resources: neon: it has none of this kind",
		},
		{
			hub.Snapshot{Units: []hub.Unit{{Key: part, State: hub.Skipped, Reason: "not offered here"}}, Providers: one},
			Options{}, "no resources: neon has none, or none that was asked for",
		},
	} {
		if got := write(t, &c.s, c.o); got != c.want+"\n" {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestEmptyTablesOfSeveralProvidersSayWhoHasNothing(t *testing.T) {
	t.Parallel()
	of := func(name string, states ...hub.State) []hub.Unit {
		units := make([]hub.Unit, len(states))
		for i, state := range states {
			units[i] = hub.Unit{Key: hub.Key{Provider: name, Capability: hub.Connect}, State: state, Reason: "why " + name}
		}
		return units
	}
	for _, c := range []struct {
		units [][]hub.Unit
		want  string
	}{
		{[][]hub.Unit{of("gcp", hub.OK), of("neon", hub.OK)}, "gcp and neon have none, or none that was asked for"},
		{[][]hub.Unit{of("gcp", hub.OK), of("neon", hub.Skipped)}, "gcp has none, or none that was asked for"},
		{[][]hub.Unit{of("a", hub.OK), of("b", hub.OK), of("c", hub.OK), of("d", hub.OK), of("e", hub.Skipped)}, "4 providers have none, or none that was asked for"},
		{[][]hub.Unit{of("gcp", hub.Skipped), of("neon", hub.Skipped)}, "gcp: why gcp; neon: why neon"},
		{[][]hub.Unit{of("a", hub.Skipped), of("b", hub.Skipped), of("c", hub.Skipped), of("d", hub.Skipped)}, "none of the 4 providers can have what was asked for; the ledger says why"},
		{[][]hub.Unit{of("gcp", hub.OK, hub.Failed), of("neon", hub.Denied)}, "2 of 3 units failed"},
		{[][]hub.Unit{of("gcp", hub.OK, hub.Failed), of("neon", hub.OK)}, "neon has none, or none that was asked for; 1 of 2 units of gcp failed"},
		{[][]hub.Unit{of("gcp", hub.Failed), of("neon", hub.Skipped)}, "1 of 1 units of gcp failed"},
		{[][]hub.Unit{of("a", hub.OK), of("gcp", hub.Failed), of("neon", hub.Skipped)}, "a has none, or none that was asked for; 1 of 1 units of gcp failed"},
		{[][]hub.Unit{of("gcp", hub.Failed), of("neon", hub.OK, hub.Pending)}, "1 of 1 units of gcp failed; still waiting for others"},
		{[][]hub.Unit{of("gcp", hub.OK), of("neon", hub.Pending)}, "still waiting for the first answer"},
	} {
		var s hub.Snapshot
		for _, units := range c.units {
			s.Units = append(s.Units, units...)
			s.Providers = append(s.Providers, hub.Provider{Name: units[0].Provider})
		}
		if got, want := write(t, &s, Options{}), "no resources: "+c.want+"\n"; got != want {
			t.Errorf("%v:\n got %swant %s", c.units, got, want)
		}
	}
}

func TestTheLeastImportantColumnsGoFirst(t *testing.T) {
	t.Parallel()
	got := write(t, world(), Options{Width: 40, Unicode: true})
	if head, _, _ := strings.Cut(got, "\n"); !strings.Contains(head, "NAME") || !strings.Contains(head, "STATUS") {
		t.Errorf("at 40 columns the heading is %q, want NAME and STATUS in it", head)
	}
	got = write(t, world(), Options{Width: 30, Unicode: true, Columns: []string{"region", "name", "id"}})
	if !strings.HasPrefix(got, "REGION") || !strings.Contains(got, "1 column hidden for lack of r…") || strings.Contains(got, "ID") {
		t.Errorf("of columns asked for, the last goes first; got\n%s", got)
	}
}

func TestWriteSaysWhatIsWrongWithItsOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		`--output "xml": expected one of table, wide, json`: {Format: "xml"},
		`--columns: unknown column "nme"`:                   {Columns: []string{"nme"}},
		`unknown column "spede"`:                            {Format: "csv", Columns: []string{"spede"}},
		`--sort: unknown column "speed"`:                    {Sort: "speed"},
		`--sort: unknown column "s2"`:                       {Format: "csv", Sort: "s2"},
		`--sort: unknown column "s3"`:                       {Format: "ndjson", Sort: "s3"},
		`unknown column "md"`:                               {Format: "markdown", Columns: []string{"md"}},
	} {
		if err := Write(&bytes.Buffer{}, world(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

var errFull = errors.New("full")

// full takes n bytes.
type full struct{ n int }

func (f *full) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestEveryFormatReportsAWriterThatFails(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		for _, n := range []int{0, 50_000} {
			if err := Write(&full{n}, many(2000), Options{Format: format}); !errors.Is(err, errFull) {
				t.Errorf("%s after %d bytes: error = %v, want %v", format, n, err, errFull)
			}
		}
	}
	if err := Footer(&full{}, world(), Options{}); !errors.Is(err, errFull) {
		t.Errorf("footer: error = %v, want %v", err, errFull)
	}
}

func TestTheSameSnapshotGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		want := write(t, world(), Options{Format: format})
		for range 5 {
			if got := write(t, world(), Options{Format: format}); got != want {
				t.Fatalf("%s differs from run to run", format)
			}
		}
	}
}

func TestAccountsThatWereNotAskedForHaveNoResults(t *testing.T) {
	t.Parallel()
	s, err := view.Select(world(), view.Query{Accounts: []string{"9001"}})
	if err != nil {
		t.Fatal(err)
	}
	got := write(t, s, Options{Format: "json", Accounts: []string{"9001"}, Compact: true})
	if n := strings.Count(got, `"resources":[`); n != 2 { // 9001, and runpod, which told no account
		t.Errorf("%d results, want 2:\n%s", n, got)
	}
}

func TestFooterFoldsAndBoundsFailures(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{At: at()}
	for i := range 30 {
		for _, region := range []string{"a", "b"} {
			s.Units = append(s.Units, hub.Unit{
				Key:   hub.Key{Provider: "gcp", Account: fmt.Sprint(i), Region: region, Capability: hub.Metrics},
				State: hub.Denied, Reason: fmt.Sprintf("reason %d", i),
			})
		}
	}
	var b bytes.Buffer
	if err := Footer(&b, s, Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if want := "  gcp: 2 units denied (metrics) in account 0, regions a b: reason 0"; lines[1] != want {
		t.Errorf("line = %q, want %q", lines[1], want)
	}
	if want := "  and 10 more: --json lists them all in its ledger"; lines[21] != want || len(lines) != 23 {
		t.Errorf("last of %d lines = %q, want %q", len(lines), lines[21], want)
	}
}

func FuzzTable(f *testing.F) {
	f.Add("web-1", "us-ashburn-1", "env", uint16(80), true, 12.5)
	f.Add("\x1b[2J\u202e\u200d🚀", "データ", "e\u0301\u0600", uint16(7), false, -1e308)
	f.Add("👩‍👩‍👧‍👦🇸🇪", "\ufe0f\u20e3", "\u1100\u1161\u11a8", uint16(1), true, 0.0)
	f.Fuzz(func(t *testing.T, name, region, tag string, width uint16, unicode bool, v float64) {
		width = width%300 + 1
		s := &hub.Snapshot{At: at(), Providers: []hub.Provider{{Name: "x", Resources: []*cloud.Resource{
			{
				Name: name, Region: region, ID: "1", Tags: []cloud.Tag{{Key: tag, Value: name}}, GPU: &cloud.GPU{Type: region, Count: v},
				Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: v}, {Name: cloud.NetworkRxBytesPerSec, Value: v}},
				Cost:    &cloud.Price{Low: v, High: v * 2, Currency: tag}, CreatedAt: at().AddDate(0, 0, -int(width)),
			},
			{Name: "web-1", ID: "2", Region: "us"},
		}}}, Units: []hub.Unit{{Key: hub.Key{Provider: name, Region: region}, State: hub.Failed, Reason: tag, Hint: name}}}
		for _, o := range []Options{{}, {Format: "wide"}, {Columns: []string{"tags", "name", "net_rx"}, Reasons: true}} {
			o.Width, o.Unicode = int(width), unicode
			if line := overflow(write(t, s, o), o.Width); line != "" {
				t.Errorf("at width %d: %q", o.Width, line)
			}
		}
		var b bytes.Buffer
		if err := Footer(&b, s, Options{Width: int(width), Unicode: unicode}); err != nil {
			t.Fatal(err)
		}
		if line := overflow(b.String(), int(width)); line != "" {
			t.Errorf("footer at width %d: %q", width, line)
		}
	})
}
