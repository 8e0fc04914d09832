package tui

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/view"
)

func TestKeysSpeakToTheRounds(t *testing.T) {
	t.Parallel()
	on(t, 100, 20, func(s *screen) {
		s.show(letters("a"))
		s.press("p")
		s.shows("PAUSED")
		s.press("space")
		s.hides("PAUSED")
		s.press("r")
		s.shows("refreshing")
		s.rounds.Running = true
		s.press("r")
		s.shows("a round is under way")
		s.press("j")
		s.hides("a round is under way")
		if s.asked != "pause pause refresh " {
			t.Errorf("the loop was asked for %q", s.asked)
		}
	})
}

func TestTheTitleTellsHowTheRoundGoes(t *testing.T) {
	t.Parallel()
	on(t, 100, 20, func(s *screen) {
		s.shows("waiting for the first answer", "every 10s")
		s.rounds.Running, s.rounds.Started = true, time.Now()
		s.rounds.Planned, s.rounds.Done, s.rounds.Failed = 40, 21, 2
		s.pass(2 * time.Second)
		s.shows("█████░░░░░ 21/40 units, 2 failed, 2s")
		s.rounds = Round{Asked: time.Second, Every: time.Minute, Why: "it is Sunday", Next: time.Now().Add(time.Minute)}
		s.pass(21 * time.Second)
		s.shows("every 1m - next in 39s", "every 1m instead of 1s: it is Sunday")
	})
}

func TestQuittingAndInterrupting(t *testing.T) {
	t.Parallel()
	for keys, interrupted := range map[string]bool{"q": false, "enter q": false, "? q": false, "ctrl+c": true, "/ w ctrl+c": true} {
		on(t, 100, 20, func(s *screen) {
			s.show(letters("a"))
			s.press(strings.Fields(keys)...)
			if !s.quit || s.interrupted != interrupted {
				t.Errorf("%s: quit %v, interrupted %v", keys, s.quit, s.interrupted)
			}
		})
	}
}

func TestASearchNarrowsAsItIsTyped(t *testing.T) {
	t.Parallel()
	snap := round(server("web-1", 10), server("web-2", 90), server("db", 95))
	for _, c := range []struct {
		keys string
		want []string
	}{
		{"w e b", []string{"web-1", "web-2"}},
		{"W E B - 2", []string{"web-2"}},
		{"o c i d 1 . d b", []string{"db"}},
		{"c p u > 5 0", []string{"web-2", "db"}},
		{"c p u > 5 0 space a n d space n a m e ~ w", []string{"web-2"}},
		{"c p u >", nil}, // no expression yet, and no name has it
		{"w e b x backspace", []string{"web-1", "web-2"}},
		{"w e b enter", []string{"web-1", "web-2"}},
		{"w e b enter / ctrl+u d b", []string{"db"}},
		{"w e b esc", []string{"web-1", "web-2", "db"}},
		{"w e b enter esc", []string{"web-1", "web-2", "db"}},
		{"q j s", nil}, // what are keys elsewhere is text here
	} {
		on(t, 120, 20, func(s *screen) {
			s.show(snap)
			s.press("/")
			s.press(strings.Fields(c.keys)...)
			for _, name := range []string{"web-1", "web-2", "db"} {
				if shown := s.row(" "+name+" ") != ""; shown != slices.Contains(c.want, name) {
					t.Errorf("/ %s: %s is shown: %v, want %v of\n%s", c.keys, name, shown, c.want, s.text())
				}
			}
		})
	}
}

func TestTheTableMovesWhileASearchIsTyped(t *testing.T) {
	t.Parallel()
	on(t, 100, 12, func(s *screen) {
		s.show(letters("abcdefghijklmnop"))
		s.press("/", "s", "down", "down", "up", "pgdown", "pgup", "down")
		if got := s.selected(); !strings.Contains(got, "server-c") {
			t.Errorf("selected is %q, want server-c", got)
		}
		if c := s.View().Cursor; c == nil || c.X != 4 || c.Y != 10 {
			t.Errorf("the cursor is at %+v, want behind the letter", c)
		}
		s.press("enter")
		if c := s.View().Cursor; c != nil {
			t.Errorf("the cursor stays at %+v", c)
		}
	})
}

func TestALongSearchShowsItsEnd(t *testing.T) {
	t.Parallel()
	on(t, 30, 8, func(s *screen) {
		s.show(letters("a"))
		s.press("/")
		s.send(tea.PasteMsg{Content: "name=a-very-long-name-indeed\n or name=z"})
		s.settle()
		s.shows("indeed or name=z")
		if c := s.View().Cursor; c == nil || c.X > 29 {
			t.Errorf("the cursor is at %+v, outside of the window", c)
		}
	})
}

func TestSortingGoesThroughTheColumns(t *testing.T) {
	t.Parallel()
	first := func(s *screen) string {
		for line := range strings.Lines(s.text()) {
			if _, rest, ok := strings.Cut(line, "oracle"); ok && strings.Contains(line, "instance") {
				return strings.Fields(rest)[0]
			}
		}
		return ""
	}
	on(t, 120, 20, func(s *screen) {
		s.show(round(server("b", 20), server("a", 30), server("c", 10)))
		s.press("S")
		s.shows("s chooses a column to sort by first")
		orders := []string{s.settings.order}
		for range s.picture.columns {
			s.press("s")
			orders = append(orders, s.settings.order)
			switch s.settings.order {
			case "name":
				s.shows("▲NAME")
				if first(s) != "a" {
					t.Errorf("by name the first is %s", first(s))
				}
			case "-cpu":
				s.shows("▼CPU")
				if first(s) != "a" {
					t.Errorf("by CPU the first is %s", first(s))
				}
				s.press("S")
				s.shows("▲CPU")
				if first(s) != "c" {
					t.Errorf("by rising CPU the first is %s", first(s))
				}
			}
		}
		s.press("s")
		if s.settings.order != "" || !slices.Contains(orders, "-cost") || first(s) != "b" {
			t.Errorf("went through %v and ended with %q", orders, s.settings.order)
		}
	})
}

func TestDetailsFollowTheirResource(t *testing.T) {
	t.Parallel()
	on(t, 100, 60, func(s *screen) {
		s.press("enter") // nothing is there yet
		s.show(letters("abc"))
		s.press("j", "enter")
		s.shows(" server-b", "cpu_usage_percent", "10%, 1m3s ago", "price list", "1h ago", "- has no GPU", "resources")
		s.hides("server-a", "server-c")
		s.show(round(server("server-b", 77)))
		s.shows("77%")
		s.show(round(server("server-z", 1)))
		s.shows("It is no longer there: this is how it was", "77%")
		s.show(round(server("server-z", 1)), round(server("server-z", 1)))
		s.shows("It is no longer there.")
		s.hides("77%")
		s.press("enter")
		s.shows("server-z")
	})
}

func TestDetailsSayWhyCellsAreBlank(t *testing.T) {
	t.Parallel()
	on(t, 120, 80, func(s *screen) {
		s.show(world())
		s.press("j", "enter")
		s.shows("- not measured (oracle: throttled, HTTP 429 TooManyRequests)", "EUR 0.03 to EUR 0.21 per hour", "HTTP 429")
	})
}

func TestPanesScrollAndClose(t *testing.T) {
	t.Parallel()
	on(t, 60, 8, func(s *screen) {
		s.show(world())
		for _, open := range []string{"?", "e", "enter"} {
			s.press(open)
			start := s.text()
			s.press("j")
			if s.text() == start {
				t.Errorf("%s: down does not scroll:\n%s", open, start)
			}
			s.press("G")
			end := s.text()
			s.press("pgdown", "down")
			if s.text() != end {
				t.Errorf("%s: there is something below the end", open)
			}
			s.press("g")
			if s.text() != start {
				t.Errorf("%s: home does not lead back", open)
			}
			s.press("esc")
			s.shows("PROVIDER")
			s.press(open, open)
			s.shows("PROVIDER")
		}
	})
}

func TestTheLedgerTellsWhatToDo(t *testing.T) {
	t.Parallel()
	on(t, 100, 30, func(s *screen) {
		s.show(letters("a"))
		s.press("e")
		s.shows("nothing: everything that was asked for was read", "ASKED")
		s.show(world())
		s.shows("hint: allow group cloudtop to read databases", "again in 1m30s")
	})
}

func TestAWindowMayChangeItsSize(t *testing.T) {
	t.Parallel()
	on(t, 100, 30, func(s *screen) {
		s.show(letters("abcdefghijklmnopqrstuvwxyz"))
		s.press("G")
		for _, height := range []int{3, 1, 50, 2, 12} {
			s.resize(100, height)
			if !strings.Contains(s.selected(), "server-z") {
				t.Errorf("height %d: the selected row is not in the window:\n%s", height, s.text())
			}
		}
	})
}

// What a slow screen missed is not made up for: it shows what is newest.
func TestASlowScreenSkipsSnapshots(t *testing.T) {
	t.Parallel()
	on(t, 100, 20, func(s *screen) {
		s.show(letters("a"))
		newer := func(version uint64, names string) published {
			snap := letters(names)
			snap.Version = version
			return published{snap}
		}
		_, slow := s.Update(newer(2, "ab")) // its picture is not made yet
		s.press("s")
		s.Update(newer(3, "abc"))
		if s.Update(newer(4, "abcd")); !s.making || s.pending == nil {
			t.Fatal("two pictures are made at once")
		}
		s.do(slow)
		s.settle()
		s.shows("4 resources", "▲PROVIDER")
	})
}

func TestTheQueryOfTheCommandLineHolds(t *testing.T) {
	t.Parallel()
	stopped := with(server("c", 50), func(r *cloud.Resource) { r.Status = cloud.StatusStopped })
	on(t, 120, 20, func(s *screen) {
		s.show(round(server("a", 10), server("b", 90), stopped))
		if got := s.text(); !strings.Contains(got, " b ") || strings.Contains(got, " c ") || strings.Index(got, " b ") > strings.Index(got, " a ") {
			t.Errorf("got:\n%s", got)
		}
		s.shows("▼CPU")
		s.show(round(stopped))
		s.show(round(stopped))
		s.shows("none of the 1 found is what was asked for")
	}, func(o *Options) { o.Query = view.Query{Running: true, Sort: "-cpu"} })
}

func TestAFilterThatNothingHasEndsTheScreen(t *testing.T) {
	t.Parallel()
	on(t, 120, 20, func(s *screen) {
		s.show(letters("a"))
		if _, wrong := errors.AsType[*view.SyntaxError](s.err); !s.quit || !wrong {
			t.Errorf("quit %v with %v", s.quit, s.err)
		}
	}, func(o *Options) { o.Query.Filter = "no_such_thing>1" })
}

func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/screen.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, k := range Keys() {
		for _, name := range k.Names {
			if seen[name] {
				t.Errorf("key %s has two meanings", name)
			}
			seen[name] = true
		}
		for shown := range strings.FieldsSeq(k.Shown) {
			if !strings.Contains(string(page), "`"+shown+"`") {
				t.Errorf("docs/screen.md does not tell of %s", shown)
			}
		}
	}
}
