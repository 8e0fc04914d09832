package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen drives a model as the program would: commands run beside it, and what they return is handled in turn. It lives
// in a bubble of testing/synctest, whose clock is the screen's.
type screen struct {
	*testing.T
	*model
	hub    *hub.Hub
	msgs   chan tea.Msg
	rounds Round // what the loop that collects would say
	asked  string
	quit   bool
}

// on runs a test with a screen of a size.
func on(t *testing.T, width, height int, test func(s *screen), changes ...func(*Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &screen{T: t, hub: hub.New(), msgs: make(chan tea.Msg, 100), rounds: Round{Asked: 10 * time.Second, Every: 10 * time.Second}}
		o := &Options{
			Hub: s.hub, Width: width, Height: height, Unicode: true, Now: func() time.Time { return at().Add(3 * time.Second) },
			Rounds: Rounds{
				State:   func() Round { return s.rounds },
				Pause:   func() { s.asked += "pause "; s.rounds.Paused = !s.rounds.Paused },
				Refresh: func() { s.asked += "refresh " },
			},
		}
		for _, change := range changes {
			change(o)
		}
		s.model = newModel(ctx, o)
		defer time.Sleep(beat) // lets the commands that wait end
		defer cancel()
		s.do(s.Init())
		s.settle()
		test(s)
	})
}

// do runs a command beside the screen.
func (s *screen) do(cmd tea.Cmd) {
	if cmd != nil {
		go func() { s.msgs <- cmd() }()
	}
}

// settle handles messages until there are no more.
func (s *screen) settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-s.msgs:
			s.send(msg)
		default:
			return
		}
	}
}

func (s *screen) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.do(cmd)
		}
	case tea.QuitMsg:
		s.quit = true
	default:
		_, cmd := s.Update(msg)
		s.do(cmd)
	}
}

// pass lets time go by.
func (s *screen) pass(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); s.settle() {
		time.Sleep(beat)
	}
}

// show publishes snapshots one after the other, each drawn before the next.
func (s *screen) show(snapshots ...*hub.Snapshot) {
	for _, snap := range snapshots {
		s.hub.Publish(snap)
		s.settle()
	}
}

// press sends keys: names as the terminal reports them, or one letter each.
func (s *screen) press(keys ...string) {
	for _, k := range keys {
		s.send(press(k))
		s.settle()
	}
}

// typed sends a text letter by letter.
func (s *screen) typed(text string) { s.press(strings.Split(text, "")...) }

// press returns the message of a key.
func press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "left": tea.KeyLeft,
		"right": tea.KeyRight,
	}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	if name == "space" {
		name = " "
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

func (s *screen) resize(width, height int) {
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.settle()
}

var painted = regexp.MustCompile("\x1b\\[[0-9;]*m")

// text returns what the screen shows, without colours and attributes.
func (s *screen) text() string { return painted.ReplaceAllString(s.View().Content, "") }

// selected returns the line of the selected row, "" where there is none.
func (s *screen) selected() string {
	for line := range strings.Lines(s.View().Content) {
		if strings.HasPrefix(line, paint.Reverse+"▌") {
			return strings.TrimSpace(painted.ReplaceAllString(line, ""))
		}
	}
	return ""
}

// row returns the line that holds a text, "" where there is none.
func (s *screen) row(part string) string {
	for line := range strings.Lines(s.text()) {
		if strings.Contains(line, part) {
			return strings.TrimRight(line, "\n")
		}
	}
	return ""
}

// shows fails unless the screen shows all of the texts.
func (s *screen) shows(texts ...string) {
	s.Helper()
	for _, want := range texts {
		if !strings.Contains(s.text(), want) {
			s.Errorf("%q is not on the screen:\n%s", want, s.text())
		}
	}
}

// hides fails if the screen shows one of the texts.
func (s *screen) hides(texts ...string) {
	s.Helper()
	for _, what := range texts {
		if strings.Contains(s.text(), what) {
			s.Errorf("%q is on the screen:\n%s", what, s.text())
		}
	}
}

// golden compares got with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew)\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}
