package tui

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

func TestTheSelectionStaysWithItsResource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		next *hub.Snapshot
		keys []string
		want string
	}{
		{"rows above it come", letters("0123abcdef"), nil, "server-c"},
		{"rows above it go", letters("cdef"), nil, "server-c"},
		{"its values change", round(server("server-a", 1), server("server-c", 99)), nil, "server-c"},
		{"the order is reversed", letters("abcdef"), []string{"s", "s", "S"}, "server-c"},
		{"it is filtered away, and the next one is selected", letters("abcdef"), []string{"/", "-", "d"}, "server-d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			on(t, 100, 20, func(s *screen) {
				s.show(letters("abcdef"))
				s.press("j", "down")
				s.show(c.next)
				s.press(c.keys...)
				if !strings.Contains(s.selected(), c.want) {
					t.Errorf("selected is %q, want %s in:\n%s", s.selected(), c.want, s.text())
				}
			})
		})
	}
}

func TestAVanishedRowIsSeenForOneRound(t *testing.T) {
	t.Parallel()
	on(t, 100, 20, func(s *screen) {
		s.show(letters("abcdef"))
		s.press("j", "j")
		s.show(letters("abdef"))
		if got := s.selected(); !strings.HasPrefix(got, "▌-") || !strings.Contains(got, "server-c") {
			t.Errorf("selected is %q, want the row that vanished", got)
		}
		if !strings.Contains(s.text(), "5 resources") {
			t.Errorf("it is still counted:\n%s", s.text())
		}
		s.show(letters("abdef"))
		s.hides("server-c")
		if got := s.selected(); !strings.Contains(got, "server-d") {
			t.Errorf("selected is %q, want the nearest row that is left", got)
		}
		s.show(letters("a"))
		s.show(letters("a"))
		if got := s.selected(); !strings.Contains(got, "server-a") {
			t.Errorf("selected is %q, want the only row", got)
		}
		s.show(round())
		s.show(round())
		s.shows("no resources: oracle has none")
	})
}

func TestUntilARowIsChosenTheFirstIsSelected(t *testing.T) {
	t.Parallel()
	on(t, 100, 12, func(s *screen) {
		s.show(unfinished(server("m", 1)), unfinished(server("k", 1), server("m", 1)), letters("abcdefghijklmnop"))
		if got := s.selected(); !strings.Contains(got, "server-a") {
			t.Errorf("selected is %q, want the first row", got)
		}
		s.press("end", "home")
		s.show(letters("0abcdefghijklmnop"))
		if got := s.selected(); !strings.Contains(got, "server-0") {
			t.Errorf("after home selected is %q, want the first row", got)
		}
	})
}

// A row that was chosen keeps its line of the window, so that nothing moves below a reader's eyes.
func TestTheWindowStaysOnItsRows(t *testing.T) {
	t.Parallel()
	on(t, 100, 12, func(s *screen) {
		line := func() int {
			for i, l := range strings.Split(s.text(), "\n") {
				if strings.HasPrefix(l, "▌") {
					return i
				}
			}
			return -1
		}
		s.show(letters("abcdefghijklmnopqrstuvwxyz"))
		s.press("G", "k", "k", "k")
		was := line()
		s.show(letters("01234abcdefghijklmnopqrstuvwxyz"))
		if got := s.selected(); line() != was || !strings.Contains(got, "server-w") {
			t.Errorf("%q in line %d, want server-w in line %d", got, line(), was)
		}
	})
}

func TestKeysMoveTheSelection(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"j": "b", "down down": "c", "j j k": "b", "up": "a", "G": "z", "end": "z", "G g": "a", "end home": "a",
		"pgdown": "f", "pgdown pgdown pgup": "f", "G pgdown": "z", "G pgup": "u",
	} {
		on(t, 100, 10, func(s *screen) {
			s.show(letters("abcdefghijklmnopqrstuvwxyz"))
			s.press(strings.Fields(keys)...)
			if got := s.selected(); !strings.Contains(got, "server-"+want) {
				t.Errorf("%s: selected is %q, want server-%s in:\n%s", keys, got, want, s.text())
			}
		})
	}
}

func TestChangesAreMarkedForOneRound(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		first := round(server("up", 10), server("down", 10), server("still", 10), server("state", 10))
		second := round(server("up", 20), server("down", 5), server("still", 10.001), server("new", 10),
			with(server("state", 10), func(r *cloud.Resource) { r.Status = cloud.StatusStopped }))
		s.show(first)
		for _, sign := range []string{"▲", "▼", "•", " +"} {
			s.hides(sign)
		}
		s.show(second)
		for name, want := range map[string]string{"  up ": "▲20%", "  down ": "▼5%", " new ": " +", " state ": "•○ stopped"} {
			if got := s.row(name); !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q in it", name, got, want)
			}
		}
		if got := s.row(" still "); strings.ContainsAny(got, "▲▼•+") {
			t.Errorf("what is shown as before is marked: %q", got)
		}
		s.show(second)
		s.hides("▲", "▼", "•", " +")
	})
}

// While a round goes on its answers are told from the last finished round, and marks do not go away with each answer.
func TestChangesAreToldFromTheLastFinishedRound(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		s.show(unfinished(server("a", 1)), round(server("a", 10), server("b", 10)))
		s.hides(" +", "▲")
		s.show(unfinished(server("a", 20), server("b", 10)), unfinished(server("a", 20), server("b", 30)))
		s.shows("▲20%", "▲30%")
		s.show(round(server("a", 20), server("b", 30)))
		s.shows("▲20%", "▲30%")
		s.show(unfinished(server("a", 20), server("b", 30)))
		s.hides("▲")
	})
}

func TestThatTimePassesIsNoChange(t *testing.T) {
	t.Parallel()
	now := at()
	on(t, 140, 20, func(s *screen) {
		s.show(letters("ab"))
		now = now.Add(3 * time.Hour)
		s.show(letters("ab"))
		s.shows("3d7h")
		s.hides("▲", "▼", "•")
	}, func(o *Options) { o.Now = func() time.Time { return now } })
}

func TestRowsOfStaleAndCachedUnitsTellTheirAge(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		fresh := letters("a")
		s.show(fresh)
		s.hides("READ")
		old := letters("a")
		old.Units[0].State, old.Units[0].Reason, old.Units[0].At = hub.Stale, "HTTP 503", at().Add(-4*time.Minute)
		s.show(old)
		s.shows("READ", "4m3s ago", "~ oracle")
		cached := letters("a")
		cached.Units[0].Cached, cached.Units[0].At = true, at().Add(-time.Hour)
		s.show(cached)
		s.shows("1h ago", "~ oracle")
	})
}

func TestARegionalUnitAgesItsRegionAlone(t *testing.T) {
	t.Parallel()
	on(t, 140, 20, func(s *screen) {
		snap := round(server("here", 1), with(server("there", 1), func(r *cloud.Resource) { r.Region = "eu-frankfurt-1" }))
		snap.Units[0].Region, snap.Units[0].State, snap.Units[0].At = "us-ashburn-1", hub.Stale, at()
		s.show(snap)
		if here, there := s.row(" here "), s.row(" there "); !strings.Contains(here, "3s ago") || strings.Contains(there, "ago") {
			t.Errorf("got:\n%s\n%s", here, there)
		}
	})
}

// What moves on the screen should be news: neither a shorter value nor a blank moves the columns.
func TestColumnsStandStill(t *testing.T) {
	t.Parallel()
	on(t, 140, 20, func(s *screen) {
		s.show(round(server("a-rather-long-name", 100), server("b", 10)))
		was := s.row("NAME")
		s.show(round(server("b", 1)), round(with(server("b", 1), func(r *cloud.Resource) { r.Metrics = nil })), round(server("b", 3)))
		if got := s.row("NAME"); got != was {
			t.Errorf("got  %q\nwant %q", got, was)
		}
		s.press("/", "b")
		if got := s.row("NAME"); len(got) >= len(was) {
			t.Errorf("another search does not lay out anew: %q", got)
		}
	})
}

// A screen may stay for weeks.
func TestOldPicturesAreForgotten(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		s.show(many(100))
		first, rows := weak.Make(s.picture), weak.Make(s.picture.all)
		for range 4 {
			s.show(many(100))
		}
		runtime.GC()
		if first.Value() != nil || rows.Value() != nil {
			t.Errorf("after four rounds the first picture (%v) or its rows (%v) are still held", first.Value() != nil, rows.Value() != nil)
		}
	})
}

func TestAThousandRowsAreCounted(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		s.show(many(1000))
		s.shows("1,000 resources", "● 143 running")
		s.press("G")
		s.shows("web-000999")
		s.hides("web-000100")
	})
}

// A frame costs what the window costs: with a hundred times the rows it allocates the same.
func TestAFrameDoesNotDependOnTheNumberOfRows(t *testing.T) {
	allocs := func(n int) (perFrame float64) {
		on(t, 120, 40, func(s *screen) {
			s.show(many(n), many(n))
			perFrame = testing.AllocsPerRun(20, func() { _ = s.View() })
		})
		return perFrame
	}
	few, all := allocs(100), allocs(10_000)
	if all > few*1.2+10 {
		t.Errorf("%.0f allocations with 100 rows, %.0f with 10,000", few, all)
	}
}

func frames(b *testing.B, n int) {
	o := &Options{Width: 160, Height: 50, Unicode: true, Color: true, Now: at, Rounds: Rounds{State: func() Round { return Round{} }}}
	m := newModel(b.Context(), o)
	for range 2 {
		if _, ok := m.Update(published{many(n)}); ok != nil {
			m.Update(ok())
		}
	}
	m.Update(press("G"))
	b.ReportAllocs()
	for b.Loop() {
		m.Update(press("up"))
		_ = m.View()
	}
}

// BenchmarkFrame is a key and the frame after it.
func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { frames(b, n) })
	}
}

// BenchmarkPicture is what a new snapshot costs beside the screen.
func BenchmarkPicture(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := &Options{Unicode: true, Now: at}
			first := &job{opts: o, snap: many(n), settings: settings{order: "-cpu"}}
			last, err := first.picture()
			if err != nil {
				b.Fatal(err)
			}
			next := &job{opts: o, snap: many(n), settings: first.settings, before: last.all, last: last}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := next.picture(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
