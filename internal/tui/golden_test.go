package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// busy gives a screen two rounds: rows that came and went, values that changed, and a slower pace.
func busy(s *screen) {
	before := world()
	before.Providers[0].Resources = append(before.Providers[0].Resources, server("gone", 1))
	now := world()
	now.At = at().Add(2 * time.Second)
	now.Providers[0].Resources[0] = server("web-1", 95)
	now.Providers[0].Resources[1] = server("batch-0", 3)
	now.Providers[0].Resources = append(now.Providers[0].Resources, server("new", 1))
	s.rounds = Round{
		Asked: 10 * time.Second, Every: 15 * time.Second, Why: "the last round took 12s", Next: time.Now().Add(7 * time.Second),
	}
	s.show(before, now)
}

func TestScreensOfEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ width, height int }{{160, 40}, {120, 30}, {80, 24}, {40, 12}, {20, 5}, {12, 2}} {
		on(t, size.width, size.height, func(s *screen) {
			busy(s)
			golden(t, fmt.Sprintf("table-%dx%d.txt", size.width, size.height), s.text())
		})
	}
}

func TestScreensOfEveryPane(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{
		"details": {"enter"}, "ledger": {"e"}, "help": {"?"}, "filter": {"/", "b", "a", "t"}, "sorted": {"s", "s", "s", "S"}, "empty": {"/", "x"},
	} {
		on(t, 90, 40, func(s *screen) {
			busy(s)
			s.press(keys...)
			golden(t, name+".txt", s.text())
		})
	}
}

func TestScreensOfOffers(t *testing.T) {
	t.Parallel()
	list := func(o *Options) { o.Query.Kind = view.Offers }
	on(t, 100, 12, func(s *screen) {
		s.show(world())
		golden(t, "offers.txt", s.text())
	}, list)
	on(t, 100, 40, func(s *screen) {
		s.show(world())
		s.press("end", "enter")
		golden(t, "offer-unpriced.txt", s.text())
		s.press("esc", "home", "enter")
		golden(t, "offer.txt", s.text())
	}, list)
}

func TestAScreenInColourIsTheSameScreen(t *testing.T) {
	t.Parallel()
	var plain, colored string
	on(t, 100, 30, func(s *screen) { busy(s); plain = s.text() })
	on(t, 100, 30, func(s *screen) {
		busy(s)
		golden(t, "color.txt", s.View().Content)
		colored = s.text()
	}, func(o *Options) { o.Color = true })
	if plain != colored {
		t.Errorf("in colour:\n%s\nwithout:\n%s", colored, plain)
	}
}

func TestWithoutColourNoneIsUsed(t *testing.T) {
	t.Parallel()
	on(t, 100, 30, func(s *screen) {
		busy(s)
		for _, keys := range []string{"", "enter", "e", "?"} {
			if keys != "" {
				s.press("esc", keys)
			}
			text := s.View().Content
			for _, on := range []string{paint.Bold, paint.Faint, paint.Reverse, paint.Reset} {
				text = strings.ReplaceAll(text, on, "")
			}
			if strings.Contains(text, "\x1b") {
				t.Errorf("%q: more than bold, faint and reverse in:\n%q", keys, text)
			}
		}
	})
}

func TestAScreenInASCII(t *testing.T) {
	t.Parallel()
	on(t, 100, 30, func(s *screen) {
		busy(s)
		golden(t, "ascii.txt", s.text())
	}, func(o *Options) { o.Unicode = false })
}

// together is what a terminal says that counts the columns of what runes make together.
func together() tea.Msg { return tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset} }

// However the terminal measures signs, no line is wider than the window, and there are no more lines than it has.
func TestEveryScreenFitsItsWindow(t *testing.T) {
	t.Parallel()
	t.Run("counted by runes", func(t *testing.T) { t.Parallel(); fits(t, nil, ansi.StringWidthWc) })
	t.Run("counted together", func(t *testing.T) { t.Parallel(); fits(t, together(), ansi.StringWidth) })
}

func fits(t *testing.T, mode tea.Msg, measured func(string) int) {
	on(t, 80, 24, func(s *screen) {
		busy(s)
		s.send(mode)
		s.settle()
		s.press("j", "j")
		for _, keys := range [][]string{{}, {"/", "デ", "ー"}, {"enter", "enter"}, {"esc", "e"}, {"?"}} {
			s.press(keys...)
			for width := 0; width < 140; width += 3 {
				s.resize(width, 1+width%37)
				lines := strings.Split(s.View().Content, "\n")
				if len(lines) > 1+width%37 {
					t.Fatalf("%d lines in a window of %dx%d", len(lines), width, 1+width%37)
				}
				for _, line := range lines {
					if n := measured(line); n > width {
						t.Fatalf("window of %dx%d: %d columns in %q", width, 1+width%37, n, line)
					}
				}
			}
		}
	})
}

// What is right of a name stands where it stands in other rows, whatever signs the name has.
func TestColumnsLineUpBehindWideNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode     tea.Msg
		measured func(string) int
	}{{nil, ansi.StringWidthWc}, {together(), ansi.StringWidth}} {
		on(t, 160, 40, func(s *screen) {
			s.show(world())
			s.send(c.mode)
			s.settle()
			want := 0
			for line := range strings.Lines(s.text()) {
				name, rest, found := strings.Cut(line, "● running")
				if !found || rest == "" || strings.Contains(name, "resources") {
					continue
				}
				n := c.measured(name)
				if want == 0 {
					want = n
				}
				if n != want {
					t.Errorf("the status begins in column %d, want %d: %q", n, want, line)
				}
			}
			if want == 0 {
				t.Errorf("nothing runs on:\n%s", s.text())
			}
		})
	}
}

func TestSignsOfChangesTakeOneColumn(t *testing.T) {
	t.Parallel()
	for c := same; c <= other; c++ {
		for _, unicode := range []bool{true, false} {
			sign := c.sign(unicode)
			if ansi.StringWidthWc(sign) != 1 || ansi.StringWidth(sign) != 1 || !unicode && len(sign) != 1 {
				t.Errorf("%q does not take one column", sign)
			}
		}
	}
}
