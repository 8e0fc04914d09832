package tui

import (
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// written returns the lines that a writer of a width wrote.
func written(width int, write func(w *writer)) string {
	w := &writer{painter: &paint.Painter{Unicode: true, Simple: true}, width: width}
	write(w)
	return painted.ReplaceAllString(strings.Join(w.lines, "\n"), "")
}

func TestValuesStandBelowEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width       int
		name, value string
		want        string
	}{
		{80, "region", "us-ashburn-1", "  region                us-ashburn-1"},
		{80, "region", "", "  region                "},
		{40, "tags", "env=prod, team=a and more of them", "  tags       env=prod, team=a and more\n             of them"},
		{30, "a-rather-long-name", "x", "  a-rath… x"},
		{9, "name", "データ", " … データ"},
	} {
		got := written(c.width, func(w *writer) { w.value(c.name, c.value, "") })
		if got != c.want {
			t.Errorf("%s at %d: got\n%q, want\n%q", c.name, c.width, got, c.want)
		}
	}
}

func TestDetailsTellEverything(t *testing.T) {
	t.Parallel()
	now := at()
	r := server("web", 10)
	r.Tags, r.Attrs = []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "bare"}}, []cloud.Attr{{Name: "disk_size_gb", Value: 40}}
	units := []hub.Unit{
		{Key: hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Resources}, State: hub.OK, Cached: true, At: now.Add(-time.Hour)},
		{Key: hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Prices}, State: hub.Denied, Reason: "no", Hint: "ask"},
		{Key: hub.Key{Provider: "oracle", Account: "other", Service: "compute", Capability: hub.Metrics}, State: hub.Failed, Reason: "not of here"},
	}
	for name, c := range map[string]struct {
		write func(w *writer)
		want  []string
		not   string
	}{
		"price":   {func(w *writer) { w.cost(r.Cost, now) }, []string{"$0.25 per hour", "price list", "1h ago"}, " to "},
		"range":   {func(w *writer) { w.cost(&cloud.Price{Low: 1, High: 2, Currency: "EUR"}, now) }, []string{"EUR 1.00 to EUR 2.00 per hour"}, "ago"},
		"free":    {func(w *writer) { w.cost(nil, now) }, nil, "Price"},
		"metrics": {func(w *writer) { w.metrics(r.Metrics, now) }, []string{"cpu_usage_percent", "10%, 1m ago"}, ""},
		"undated": {func(w *writer) { w.metrics([]cloud.Metric{{Name: cloud.GPUPowerWatts, Value: 300}}, now) }, []string{"300 W"}, "ago"},
		"nothing": {func(w *writer) { w.metrics(nil, now); w.tags(nil); w.attrs(view.Resources, nil, nil) }, nil, "s"},
		"tags":    {func(w *writer) { w.tags(r.Tags) }, []string{"env", "prod", "bare"}, ""},
		"attrs":   {func(w *writer) { w.attrs(view.Resources, &view.Row{Resource: r}, r.Attrs) }, []string{"disk_size_gb", "40 GB"}, ""},
		"units": {
			func(w *writer) { w.units(&hub.Snapshot{Units: units}, r, now) },
			[]string{"ok, 1h ago, from the cache", "denied: no; hint: ask"}, "not of here",
		},
	} {
		got := written(80, c.write)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not told in:\n%s", name, want, got)
			}
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %q is told in:\n%s", name, c.not, got)
		}
	}
}

func TestTheLineOfKeysKeepsTheWayOut(t *testing.T) {
	t.Parallel()
	on(t, 120, 10, func(s *screen) {
		s.show(letters("a"))
		for width := 120; width >= 30; width-- {
			s.resize(width, 10)
			lines := strings.Split(s.text(), "\n")
			if last := lines[len(lines)-1]; !strings.HasSuffix(strings.TrimRight(last, " "), "? help  q quit") {
				t.Fatalf("width %d: %q", width, last)
			}
		}
	})
}

func TestDurationsAreShort(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", 600 * time.Millisecond: "1s", 61 * time.Second: "1m1s", 2 * time.Hour: "2h",
	} {
		if got := short(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
	if got := ago(-time.Hour); got != "0s ago" {
		t.Errorf("a clock that is ahead: got %s", got)
	}
}

func TestABarIsAsLongAsWhatIsDone(t *testing.T) {
	t.Parallel()
	f := &frame{model: &model{opts: &Options{}}}
	for _, c := range []struct {
		done, whole int
		want        string
	}{{0, 0, "----"}, {0, 8, "----"}, {3, 8, "#---"}, {8, 8, "####"}, {9, 8, "####"}} {
		if got := f.bar(c.done, c.whole, 4); got != c.want {
			t.Errorf("%d of %d: got %s, want %s", c.done, c.whole, got, c.want)
		}
	}
}

// Keys do not come from a file or a pipe: those of the terminal are taken, or none.
func TestKeysComeFromATerminal(t *testing.T) {
	t.Parallel()
	pipe, other, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	defer other.Close()
	in := keyboard(pipe)
	defer in.close()
	if in.Reader == pipe {
		t.Error("keys are read from a pipe")
	}
	text := strings.NewReader("q")
	if in := keyboard(text); in.Reader != text {
		t.Error("a reader that is no file is not taken as it is")
	}
	if in := keyboard(nil); in.Reader != nil {
		t.Error("no reader became one")
	}
}

// FuzzScreen presses keys, changes the window and the snapshot in any order. Whatever comes, the screen fits its window
// and the selection is in it.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("jjG\x00kk/web\x01s"), "/a\r")
	f.Add([]byte{2, 3, 4, 5, 6, 7, 8, 9}, "e?q")
	f.Add([]byte{4, 40, 56, 56}, "") // fifty rows in a window without a line, then keys
	names := []string{"j", "k", "G", "g", "pgdown", "pgup", "enter", "esc", "/", "s", "S", "e", "?", "backspace", "a", ">", "1", "p", "r"}
	snapshots := []*hub.Snapshot{letters("abc"), world(), round(), unfinished(server("x", 1)), many(50), letters("zab")}
	f.Fuzz(func(t *testing.T, steps []byte, text string) {
		o := &Options{Width: 60, Height: 12, Unicode: true, Now: at}
		o.Rounds = Rounds{State: func() Round { return Round{} }, Pause: func() {}, Refresh: func() {}}
		m := newModel(t.Context(), o)
		do := func(msg tea.Msg) {
			if _, cmd := m.Update(msg); m.making && cmd != nil {
				if done, ok := cmd().(made); ok {
					m.Update(done)
				}
			}
		}
		for i, b := range steps {
			switch {
			case b < 24:
				do(published{snapshots[int(b)%len(snapshots)]})
			case b < 48:
				do(tea.WindowSizeMsg{Width: int(b) * 3 % 90, Height: int(b) % 20})
			case b < 56:
				do(tea.PasteMsg{Content: text})
			default:
				do(press(names[(int(b)+i)%len(names)]))
			}
			lines := strings.Split(m.View().Content, "\n")
			if m.height > 0 && len(lines) > m.height {
				t.Fatalf("%d lines in a window of %d", len(lines), m.height)
			}
			if p := m.picture; p != nil && len(p.rows) > 0 && (m.cursor.at < m.cursor.top || m.cursor.at >= len(p.rows)) {
				t.Fatalf("the cursor %+v is not in the window of %d rows", m.cursor, len(p.rows))
			}
		}
	})
}
